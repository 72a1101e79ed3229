// Reads the keys, peers and counters of WireGuard devices in the network namespace that the thread is in.
import { findFamily, NETLINK_GENERIC, parseFamily } from '../../kernel/netlink/genl/message.js'
import { getWireguard, WIREGUARD } from '../../kernel/netlink/genl/wireguard.js'
import { parseWireguard, type WireguardInfo } from '../../kernel/netlink/genl/wireguard-info.js'
import type { WireguardPeer, WireguardSettings } from '../../model/interfaces/wireguard.js'
import type { LabNetworks } from './networks.js'

/**
 * @param names the devices
 * @returns what the kernel knows of each, by its name; without those that have gone meanwhile
 * @throws KernelError
 */
export function readWireguards(
  networks: LabNetworks,
  node: string,
  names: readonly string[],
): ReadonlyMap<string, WireguardInfo> {
  const found = new Map<string, WireguardInfo>()
  if (names.length === 0) return found
  networks.withSocket(node, NETLINK_GENERIC, (socket) => {
    // Asked each time: the family's number changes when the module is loaded again.
    const [family] = socket.getAll([findFamily(WIREGUARD)], parseFamily)
    if (family === null || family === undefined) return
    for (const name of names) {
      // Messages continue one another, so all are kept.
      const payloads = socket.dump(getWireguard(family, { target: name, name }), (payload) => Buffer.from(payload))
      found.set(name, parseWireguard(payloads))
    }
  })
  return found
}

/**
 * A device in the words of a plan. The kernel knows its peers by their keys alone, so the key is the name of each, too. It reports a
 * port also where it has chosen one.
 */
export const wireguardSettings = ({
  privateKey,
  publicKey,
  port,
  fwmark,
  peers,
}: WireguardInfo): WireguardSettings => ({
  kind: 'wireguard',
  key: privateKey ?? '',
  publicKey: publicKey ?? '',
  ...(port === 0 ? {} : { port }),
  ...(fwmark === 0 ? {} : { fwmark }),
  peers: peers.map(
    ({ key, endpoint, allowed, keepaliveSeconds }): WireguardPeer => ({
      ...{ name: key, interface: null, key, endpoint, allowed },
      ...(keepaliveSeconds === 0 ? {} : { keepaliveSeconds }),
    }),
  ),
})
