// Tells WireGuard devices of nodes what their operations say, and reads back what they know.
import { findFamily, NETLINK_GENERIC, parseFamily } from '../../kernel/netlink/genl/message.js'
import {
  getWireguard,
  type PeerChange,
  setWireguard,
  WIREGUARD,
  type WireguardChange,
} from '../../kernel/netlink/genl/wireguard.js'
import { parseWireguard, type WireguardInfo } from '../../kernel/netlink/genl/wireguard-info.js'
import { NetlinkSocket } from '../../kernel/netlink/socket.js'
import type { NetnsSwitch } from '../../kernel/netns.js'
import type { WireguardView } from '../../model/lab-view.js'
import { targetOf, type WireguardSet, type WireguardStart } from '../../plan/op.js'
import { endpointText } from '../../topology/values/endpoint.js'

/**
 * Carries out one operation.
 *
 * @param netnsFd an open descriptor of the node's network namespace: the socket must be opened in it
 * @throws KernelError with what the kernel refused.
 */
export async function tellWireguard(
  op: WireguardSet | WireguardStart,
  netnsFd: number,
  home: NetnsSwitch,
): Promise<void> {
  using socket = open(op.node, netnsFd, home)
  await socket.send(setWireguard(await familyOf(socket), changeOf(op)))
}

/** What devices of a node know, by their name. @throws KernelError when there is no such device. */
export async function readWireguard(
  node: string,
  names: readonly string[],
  netnsFd: number,
  home: NetnsSwitch,
): Promise<Map<string, WireguardView>> {
  const views = new Map<string, WireguardView>()
  if (names.length === 0) return views
  using socket = open(node, netnsFd, home)
  const family = await familyOf(socket)
  for (const name of names) {
    const payloads = await socket.dump(getWireguard(family, { target: name, name }))
    views.set(name, viewOf(parseWireguard(payloads)))
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

const open = (node: string, netnsFd: number, home: NetnsSwitch): NetlinkSocket =>
  NetlinkSocket.open(netnsFd, { home, describe: node, protocol: NETLINK_GENERIC })

/** It is there as soon as there is a device, and may be another after the module was loaded anew. */
const familyOf = async (socket: NetlinkSocket): Promise<number> => parseFamily(await socket.get(findFamily(WIREGUARD)))

function changeOf(op: WireguardSet | WireguardStart): WireguardChange {
  const named = { target: targetOf(op), name: op.interface }
  if (op.op === 'wireguard.start') {
    const peers = op.peers.map(
      ({ key, endpoint, keepaliveSeconds }): PeerChange => ({ key, endpoint: endpoint ?? undefined, keepaliveSeconds }),
    )
    return { ...named, peers }
  }
  const { key, port, fwmark, peers } = op.settings
  return { ...named, privateKey: key, port, fwmark, peers: peers.map(({ key, allowed }) => ({ key, allowed })) }
}
