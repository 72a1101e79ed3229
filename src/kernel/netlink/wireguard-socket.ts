// Generic netlink with the WireGuard family in one network namespace (linux/wireguard.h).
import type { HomeNetns } from '../netns.js'
import { findFamily, NETLINK_GENERIC, parseFamily } from './genl/message.js'
import { getWireguard, setWireguard, WIREGUARD, type WireguardChange } from './genl/wireguard.js'
import { parseWireguard, type WireguardInfo } from './genl/wireguard-info.js'
import { NetlinkSocket } from './socket.js'

/** A socket for the WireGuard devices of one network namespace. The owner disposes of it. */
export class WireguardSocket implements Disposable {
  private constructor(
    private readonly socket: NetlinkSocket,
    private readonly family: number,
  ) {}

  /**
   * @param describe name of the namespace in errors
   * @param netnsFd an open descriptor of the namespace, which the caller closes; the socket is opened in it
   * @throws KernelError when the namespace cannot be entered, or when the kernel has no WireGuard and so no family of that name.
   */
  static async open(describe: string, netnsFd: number, home: HomeNetns): Promise<WireguardSocket> {
    const socket = NetlinkSocket.open(netnsFd, { home, describe, protocol: NETLINK_GENERIC })
    try {
      // Asked each time: the family's number changes when the module is loaded again.
      return new WireguardSocket(socket, parseFamily(await socket.get(findFamily(WIREGUARD))))
    } catch (error) {
      socket[Symbol.dispose]()
      throw error
    }
  }

  /** Changes a device. @throws KernelError for the first request that the kernel refused. */
  async set(change: WireguardChange): Promise<void> {
    await this.socket.send(setWireguard(this.family, change))
  }

  /** Reads the keys, peers and counters of a device. @throws KernelError when there is no such device. */
  async get(name: string): Promise<WireguardInfo> {
    return parseWireguard(await this.socket.dump(getWireguard(this.family, { target: name, name })))
  }

  [Symbol.dispose](): void {
    this.socket[Symbol.dispose]()
  }
}
