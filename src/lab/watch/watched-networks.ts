// The network namespaces of the nodes that are watched: one socket for each, which nodes may share.
import { closeSync } from 'node:fs'
import { LabError } from '../../errors.js'
import { ABSENT, attemptIf } from '../../kernel/attempt.js'
import { identityOf } from '../../kernel/namespaces.js'
import { MulticastSocket, noticeBuffer } from '../../kernel/netlink/multicast-socket.js'
import { ReadingBuffers, ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import { type HomeNetns, openHeldNetns, openHomeNetns, openNetns } from '../../kernel/netns.js'
import type { Readiness } from '../../kernel/readiness/readiness.js'
import type { NetworkEventKind } from '../../model/lab-event.js'
import type { NodeState } from '../record/state.js'
import { isRunning, type ProcessIdentity } from '../who/process-identity.js'
import { groupsFor, type HowToWatch, NetworkWatch } from './network-watch.js'

export interface WatchedKeeper extends ProcessIdentity {
  /** Descriptors of another user's keeper are not trusted. */
  isOwn: boolean
}

/** The owner disposes of it, which lets go of all namespaces. */
export class WatchedNetworks implements Disposable {
  private readonly home: HomeNetns = openHomeNetns()
  private isClosed = false
  private readonly buffers = { notice: noticeBuffer(), reading: new ReadingBuffers() }
  private readonly byInode = new Map<number, NetworkWatch>()
  private readonly byNode = new Map<string, NetworkWatch>()
  private readonly how: HowToWatch

  constructor(
    private readonly keeper: WatchedKeeper,
    private readonly readiness: Readiness,
    wanted: ReadonlySet<NetworkEventKind>,
    tell: HowToWatch['tell'],
    private readonly queueBytes: number | undefined,
  ) {
    this.how = { wanted, tell, list: (socket, use) => this.list(socket, use) }
  }

  /**
   * Watches the network of a node from now on, or goes on watching it after a restart of the node. A dead node of another user's lab has
   * none.
   *
   * @throws KernelError
   */
  add(node: NodeState): void {
    const netns = this.openNetns(node)
    if (netns === null) return
    try {
      const { inode } = identityOf(netns, 'net')
      const [known, before] = [this.byInode.get(inode), this.byNode.get(node.name)]
      if (before && before === known) return
      this.remove(node.name)
      const network = known ?? this.open(node.name, netns)
      network.nodes.push(node.name)
      this.byInode.set(inode, network)
      this.byNode.set(node.name, network)
    } finally {
      closeSync(netns)
    }
  }

  remove(node: string): void {
    const network = this.byNode.get(node)
    if (!network) return
    this.byNode.delete(node)
    network.nodes.splice(network.nodes.indexOf(node), 1)
    if (network.nodes.length > 0) return
    for (const [inode, each] of this.byInode) if (each === network) this.byInode.delete(inode)
    this.close(network)
  }

  [Symbol.dispose](): void {
    if (this.isClosed) return
    this.isClosed = true
    for (const network of this.byInode.values()) this.close(network)
    this.byInode.clear()
    this.byNode.clear()
    this.home[Symbol.dispose]()
  }

  /** null where it is gone: the node may end, and be dropped, at any time. */
  private openNetns(node: NodeState): number | null {
    const own = isRunning(node) ? ifThere(() => openNetns(node.pid)) : null
    if (own !== null || !this.keeper.isOwn) return own
    return ifThere(() => openHeldNetns(this.keeper.pid, node.netnsFd, node.netnsInode))
  }

  private open(name: string, netns: number): NetworkWatch {
    const { buffers, queueBytes, how } = this
    const groups = groupsFor(how.wanted)
    const socket = this.home.visit(netns, () => MulticastSocket.open(name, groups, buffers.notice, queueBytes))
    try {
      using lister = this.home.visit(netns, () => ReadingSocket.open(name, buffers.reading))
      const network = new NetworkWatch(socket, lister, how)
      this.readiness.add(socket.fd, () => network.take())
      return network
    } catch (error) {
      socket[Symbol.dispose]()
      throw error
    }
  }

  private list(socket: MulticastSocket, use: (lister: ReadingSocket) => void): void {
    const netns = socket.openNetns()
    try {
      using lister = this.home.visit(netns, () => ReadingSocket.open(socket.description, this.buffers.reading))
      use(lister)
    } finally {
      closeSync(netns)
    }
  }

  private close(network: NetworkWatch): void {
    this.readiness.remove(network.socket.fd)
    network[Symbol.dispose]()
  }
}

/** null also for another namespace: the keeper has dropped that of the node, which the next state no longer names. */
function ifThere(open: () => number): number | null {
  try {
    return attemptIf(ABSENT, 'open namespace', 'of a node', open)
  } catch (error) {
    if (error instanceof LabError && error.code === 'STATE_REFUSED') return null
    throw error
  }
}
