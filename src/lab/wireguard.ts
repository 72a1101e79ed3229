// Tells WireGuard devices of nodes what their operations say, and reads back what they know.
import { findFamily, NETLINK_GENERIC, parseFamily } from '../kernel/genl/message.js'
import {
  getWireguard,
  type PeerChange,
  setWireguard,
  WIREGUARD,
  type WireguardChange,
} from '../kernel/genl/wireguard.js'
import { parseWireguard, type WireguardInfo } from '../kernel/genl/wireguard-info.js'
import type { NetnsSwitch } from '../kernel/netns.js'
import { RouteSocket } from '../kernel/socket.js'
import { targetOf, type WireguardSet, type WireguardStart } from '../plan/op.js'

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

/** What a device knows, its private key too. @throws KernelError when there is no such device. */
export async function readWireguard(
  { node, name }: { node: string; name: string },
  netnsFd: number,
  home: NetnsSwitch,
): Promise<WireguardInfo> {
  using socket = open(node, netnsFd, home)
  return parseWireguard(await socket.dump(getWireguard(await familyOf(socket), { target: name, name })))
}

const open = (node: string, netnsFd: number, home: NetnsSwitch): RouteSocket =>
  RouteSocket.open(netnsFd, { home, describe: node, protocol: NETLINK_GENERIC })

/** It is there as soon as there is a device, and may be another after the module was loaded anew. */
const familyOf = async (socket: RouteSocket): Promise<number> => parseFamily(await socket.get(findFamily(WIREGUARD)))

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
