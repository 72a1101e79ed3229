// Reads the keys, peers and counters of nodes' WireGuard devices.

import type { WireguardInfo } from '../../kernel/netlink/genl/wireguard-info.js'
import { WireguardSocket } from '../../kernel/netlink/wireguard-socket.js'
import type { HomeNetns } from '../../kernel/netns.js'
import type { WireguardView } from '../../model/lab-view.js'
import { endpointText } from '../../topology/values/endpoint.js'

/**
 * Reads WireGuard devices of a node.
 *
 * @param node name of the node, for errors
 * @param names the devices
 * @param netnsFd descriptor of the network namespace that they are in, which the caller closes
 * @returns what the kernel knows of each device, by its name
 * @throws KernelError when there is no such device
 */
export async function readWireguard(
  node: string,
  names: readonly string[],
  netnsFd: number,
  home: HomeNetns,
): Promise<Map<string, WireguardView>> {
  const views = new Map<string, WireguardView>()
  if (names.length === 0) return views
  using wireguard = await WireguardSocket.open(node, netnsFd, home)
  for (const name of names) {
    views.set(name, wireguardView(await wireguard.get(name)))
  }
  return views
}

/** What is shown of a device. */
export const wireguardView = ({ publicKey, port, peers }: WireguardInfo): WireguardView => ({
  publicKey,
  port,
  peers: peers.map(({ key, endpoint, allowed, keepaliveSeconds, latestHandshakeSeconds, ...counters }) => ({
    key,
    endpoint: endpoint && endpointText(endpoint),
    allowed,
    keepaliveSeconds,
    latestHandshake: latestHandshakeSeconds === 0 ? null : new Date(latestHandshakeSeconds * 1000).toISOString(),
    ...counters,
  })),
})
