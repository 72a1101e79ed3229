// The order in which WireGuard interfaces start their handshakes. When two peers start at the same moment, each drops its own
// handshake for the other's, and both try again only after five seconds (REKEY_TIMEOUT in the WireGuard paper). So where both
// have a keepalive, the second starts when it has heard from the first. Pure.

import type { WireguardPeer, WireguardSettings } from '../model/interfaces/wireguard.js'
import type { ResolvedNode } from '../model/resolved.js'
import type { WireguardStart } from './op.js'

interface Device {
  node: string
  interface: string
  index: number
  settings: WireguardSettings
  isUp: boolean
}

/** The starts in rounds: the tunnels of one round are open before the next round begins. */
export function wireguardStarts(nodes: readonly ResolvedNode[]): WireguardStart[][] {
  const devices = devicesOf(nodes)
  const byName = new Map(devices.map((each) => [`${each.node}:${each.interface}`, each]))
  const earlier = new Set<Device>()
  const first: WireguardStart[] = []
  const second: WireguardStart[] = []
  for (const device of devices) {
    const now: WireguardStart['peers'] = []
    const later: WireguardStart['peers'] = []
    const opens: Device[] = []
    for (const peer of device.settings.peers) {
      const { key, endpoint, keepaliveSeconds } = peer
      const other = answering(device, peer, byName)
      const isHeardFirst = other !== undefined && earlier.has(other.device) && begins(other.device, other.peer)
      if (!begins(device, peer) || !isHeardFirst) {
        now.push({ key, endpoint, keepaliveSeconds })
        if (begins(device, peer) && other) opens.push(other.device)
      } else {
        now.push({ key, endpoint, keepaliveSeconds: undefined })
        later.push({ key, endpoint: null, keepaliveSeconds })
      }
    }
    first.push(...startOf(device, now, opens))
    second.push(...startOf(device, later, []))
    earlier.add(device)
  }
  return [first, second].filter((round) => round.length > 0)
}

const devicesOf = (nodes: readonly ResolvedNode[]): Device[] =>
  nodes.flatMap(({ name: node, interfaces }) =>
    interfaces.flatMap(({ name, index, settings, up }) =>
      settings?.kind === 'wireguard' ? [{ node, interface: name, index, settings, isUp: up !== false }] : [],
    ),
  )

/** The interface of the lab that is a peer of a device, with its own entry for that device; undefined when none will answer. */
function answering(
  { settings: { publicKey } }: Device,
  { interface: end }: WireguardPeer,
  byName: ReadonlyMap<string, Device>,
): { device: Device; peer: WireguardPeer } | undefined {
  const device = end === null ? undefined : byName.get(`${end.node}:${end.interface}`)
  const peer = device?.settings.peers.find(({ key }) => key === publicKey)
  return device?.isUp && peer ? { device, peer } : undefined
}

const begins = ({ isUp }: Device, { endpoint, keepaliveSeconds }: WireguardPeer): boolean =>
  isUp && endpoint !== null && keepaliveSeconds !== undefined

function startOf(
  { node, interface: name, index, settings: { publicKey } }: Device,
  all: WireguardStart['peers'],
  opened: readonly Device[],
): WireguardStart[] {
  const peers = all.filter(({ endpoint, keepaliveSeconds }) => endpoint !== null || keepaliveSeconds !== undefined)
  const opens = opened.map((each) => ({ node: each.node, interface: each.interface }))
  return peers.length === 0 ? [] : [{ op: 'wireguard.start', node, interface: name, index, publicKey, peers, opens }]
}
