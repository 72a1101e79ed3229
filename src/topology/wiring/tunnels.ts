// Tunnels that carry Ethernet: which of them face each other, as far as that can be read before there are addresses.
import { TRAITS } from '../../model/interfaces/kinds.js'
import type { Device, WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { parsePrefix } from '../values/prefix.js'
import { isAddress } from '../values/values.js'
import type { Stacks } from './node-stack.js'

export type EthernetTunnel = Device<'vxlan' | 'geneve' | 'gretap' | 'ip6gretap'>

export const isEthernetTunnel = (device: WrittenDevice): device is EthernetTunnel =>
  TRAITS[device.kind].isEthernet && 'remote' in device

interface Tunnel {
  node: string
  interface: string
  /** What both ends must have in common. */
  identity: string
  remotes: readonly string[]
}

/** Pairs of tunnel interfaces, `NODE:INTERFACE`, of which at least one sends to the other. */
export function facingTunnels(topology: Topology, stacks: Stacks): [string, string][] {
  const byIdentity = new Map<string, Tunnel[]>()
  for (const [node, { devices }] of stacks) {
    for (const [name, device] of devices) {
      if (!isEthernetTunnel(device)) continue
      const remotes = typeof device.remote === 'string' ? [device.remote] : device.remote
      const tunnel = { node, interface: name, identity: identityOf(device), remotes }
      byIdentity.set(tunnel.identity, [...(byIdentity.get(tunnel.identity) ?? []), tunnel])
    }
  }
  if (byIdentity.size === 0) return []
  const owners = addressOwners(topology)
  const keyOf = ({ node, interface: name }: Tunnel) => interfaceKey(node, name)
  return [...byIdentity.values()].flatMap((tunnels) =>
    tunnels.flatMap((a, at) =>
      tunnels
        .slice(at + 1)
        .filter((b) => a.node !== b.node && (sendsTo(a, b, owners) || sendsTo(b, a, owners)))
        .map((b): [string, string] => [keyOf(a), keyOf(b)]),
    ),
  )
}

function identityOf(device: EthernetTunnel): string {
  if (device.kind === 'vxlan' || device.kind === 'geneve') return `${device.kind} ${device.id} ${device.dstport}`
  return `${device.kind} ${device.key ?? 'no key'}`
}

function sendsTo(from: Tunnel, to: Tunnel, owners: ReadonlyMap<string, string>): boolean {
  return from.remotes.some((remote) => {
    if (!isAddress(remote)) return remote.split(':')[0] === to.node
    // A multicast group.
    if (to.remotes.includes(remote)) return true
    const owner = owners.get(addressKey(remote))
    return owner === to.node || (owner === undefined && /^(?:vxlan|geneve) /.test(to.identity))
  })
}

/** The node that each written address is of, by its text without a length. An address that is not in it may be computed. */
function addressOwners(topology: Topology): Map<string, string> {
  const owners = new Map<string, string>()
  const add = (node: string, texts: readonly string[] | false | undefined) => {
    for (const text of texts || []) owners.set(addressKey(text), node)
  }
  for (const [node, { addresses, loopback, interfaces }] of topology.nodes) {
    add(node, loopback)
    for (const texts of Object.values(addresses)) add(node, texts)
    for (const device of Object.values(interfaces ?? {})) add(node, device.addresses)
  }
  for (const end of topology.links.flatMap(({ endpoints }) => endpoints)) {
    if (typeof end !== 'string') add(end.node, end.addresses)
  }
  return owners
}

function addressKey(text: string): string {
  const prefix = parsePrefix(text)
  return prefix === null ? text : `${prefix.family} ${prefix.address}`
}
