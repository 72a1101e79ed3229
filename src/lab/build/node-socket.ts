// An open network namespace of a node, and a route netlink socket in it.
import { closeSync } from 'node:fs'
import { NetlinkSocket } from '../../kernel/netlink/socket.js'
import { type HomeNetns, openNetns } from '../../kernel/netns.js'

/** The owner disposes of it. */
export class NodeSocket implements Disposable {
  private constructor(
    readonly name: string,
    /** Descriptor of the network namespace. */
    readonly netnsFd: number,
    readonly route: NetlinkSocket,
  ) {}

  /** @throws KernelError when the namespace cannot be entered. */
  static open({ name, pid }: { name: string; pid: number }, home: HomeNetns): NodeSocket {
    const netnsFd = openNetns(pid)
    try {
      return new NodeSocket(name, netnsFd, NetlinkSocket.open(netnsFd, { home, describe: name }))
    } catch (error) {
      closeSync(netnsFd)
      throw error
    }
  }

  [Symbol.dispose](): void {
    this.route[Symbol.dispose]()
    closeSync(this.netnsFd)
  }
}
