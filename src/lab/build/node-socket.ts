// A route netlink socket in the network namespace of a node: the one descriptor that is open for each node while a lab is built.
import { closeSync } from 'node:fs'
import { NetlinkSocket } from '../../kernel/netlink/socket.js'
import type { HomeNetns } from '../../kernel/netns.js'

/** The owner disposes of it. */
export class NodeSocket implements Disposable {
  private constructor(
    readonly name: string,
    readonly route: NetlinkSocket,
  ) {}

  /** @param netnsFd of the node's network namespace; closed @throws KernelError when the namespace cannot be entered */
  static open(name: string, netnsFd: number, home: HomeNetns): NodeSocket {
    try {
      return new NodeSocket(name, NetlinkSocket.open(netnsFd, { home, describe: name }))
    } finally {
      closeSync(netnsFd)
    }
  }

  [Symbol.dispose](): void {
    this.route[Symbol.dispose]()
  }
}
