// Enters the network namespaces of a lab's nodes, one after the other, with a socket that reads what they have.
import { closeSync, fstatSync } from 'node:fs'
import { NETLINK_ROUTE, ReadingBuffers, ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import { type HomeNetns, openHeldNetns, openHomeNetns, openNetns, type Synchronous } from '../../kernel/netns.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'

/** An open network namespace. */
export interface OpenNetwork {
  fd: number
  inode: number
}

/** The owner disposes of it. Nothing may await while it visits a namespace. */
export class LabNetworks implements Disposable {
  private readonly home: HomeNetns = openHomeNetns()
  private readonly buffers = new ReadingBuffers()

  /** @throws LabError PRIVILEGE_MISSING, KernelError as `openHomeNetns` */
  constructor(private readonly lab: RunningLab) {}

  /** Descriptors of another user's keeper are not trusted. */
  get isKeeperTrusted(): boolean {
    return this.lab.owner === process.geteuid?.()
  }

  /**
   * Opens the network namespace of a node, and closes it when `use` has returned. That of a dead node, which goes on forwarding packets
   * and answering pings, is held by the keeper. @returns null when that is not trusted
   *
   * @throws KernelError when it cannot be opened
   */
  ofNode<T>(node: NodeState, isAlive: boolean, use: (network: OpenNetwork) => Synchronous<T>): Synchronous<T> | null {
    if (isAlive) return used(openNetns(node.pid), use)
    return this.isKeeperTrusted ? this.held(node, use) : null
  }

  /** The same of a namespace that the keeper has open. @throws KernelError when it cannot be opened; LabError STATE_REFUSED for another one */
  held<T>(
    { netnsFd, netnsInode }: Pick<NodeState, 'netnsFd' | 'netnsInode'>,
    use: (network: OpenNetwork) => Synchronous<T>,
  ): Synchronous<T> {
    return used(openHeldNetns(this.lab.state.keeper.pid, netnsFd, netnsInode), use)
  }

  /**
   * Reads a namespace from within.
   *
   * @param description name of the namespace in errors
   * @throws KernelError when it cannot be entered, and as `read`
   */
  visit<T>({ fd }: OpenNetwork, description: string, read: (socket: ReadingSocket) => Synchronous<T>): Synchronous<T> {
    return this.home.visit(fd, () => this.withSocket(description, NETLINK_ROUTE, read)) as Synchronous<T>
  }

  /** Runs `read` with a socket in the namespace that the thread is in. @param protocol one of netlink(7) */
  withSocket<T>(
    description: string,
    protocol: number,
    read: (socket: ReadingSocket) => Synchronous<T>,
  ): Synchronous<T> {
    using socket = ReadingSocket.open(description, this.buffers, protocol)
    return read(socket)
  }

  [Symbol.dispose](): void {
    this.home[Symbol.dispose]()
  }
}

function used<T>(fd: number, use: (network: OpenNetwork) => Synchronous<T>): Synchronous<T> {
  try {
    return use({ fd, inode: fstatSync(fd).ino })
  } finally {
    closeSync(fd)
  }
}
