// Route netlink in the nodes of a running lab: one socket a node, opened at its first use.
import { closeSync } from 'node:fs'
import { NetlinkSocket } from '../../kernel/netlink/socket.js'
import { type HomeNetns, openHeldNetns, openHomeNetns, openNetns, type Synchronous } from '../../kernel/netns.js'
import type { NodeState } from '../record/state.js'
import { isRunning, type ProcessIdentity } from '../who/process-identity.js'

/** The owner disposes of it. */
export class LabNetwork implements Disposable {
  private readonly home: HomeNetns = openHomeNetns()
  private readonly sockets = new Map<string, NetlinkSocket>()

  constructor(private readonly keeper: ProcessIdentity) {}

  /** The socket in the network of a node, dead ones included. @throws KernelError when the network cannot be entered */
  of(node: Pick<NodeState, 'name' | 'pid' | 'startTime' | 'netnsFd' | 'netnsInode'>): NetlinkSocket {
    const { name, pid, netnsFd, netnsInode } = node
    const known = this.sockets.get(name)
    if (known) return known
    const fd = isRunning(node) ? openNetns(pid) : openHeldNetns(this.keeper.pid, netnsFd, netnsInode)
    try {
      const socket = NetlinkSocket.open(fd, { home: this.home, describe: name })
      this.sockets.set(name, socket)
      return socket
    } finally {
      closeSync(fd)
    }
  }

  /** Runs a function in the network of a node. @throws as `HomeNetns.visit` */
  visit<T>(node: Parameters<LabNetwork['of']>[0], callback: () => Synchronous<T>): T {
    const fd = this.of(node).openNetns()
    try {
      return this.home.visit(fd, callback)
    } finally {
      closeSync(fd)
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets.values()) socket[Symbol.dispose]()
    this.home[Symbol.dispose]()
  }
}
