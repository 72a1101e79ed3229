// Reads what WireGuard devices of nodes know.

import type { WireguardInfo } from '../../kernel/netlink/genl/wireguard-info.js'
import { WireguardSocket } from '../../kernel/netlink/wireguard-socket.js'
import type { NetnsSwitch } from '../../kernel/netns.js'
import type { WireguardView } from '../../model/lab-view.js'
import { endpointText } from '../../topology/values/endpoint.js'

/** What devices of a node know, by their name. @throws KernelError when there is no such device. */
export async function readWireguard(
  node: string,
  names: readonly string[],
  netnsFd: number,
  home: NetnsSwitch,
): Promise<Map<string, WireguardView>> {
  const views = new Map<string, WireguardView>()
  if (names.length === 0) return views
  using wireguard = await WireguardSocket.open(node, netnsFd, home)
  for (const name of names) {
    views.set(name, viewOf(await wireguard.get(name)))
  }
  return views
}

const viewOf = ({ publicKey, port, peers }: WireguardInfo): WireguardView => ({
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
