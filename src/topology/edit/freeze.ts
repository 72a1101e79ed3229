// Writes into a topology what the running lab has: the names of its interfaces, and their addresses. Both are computed from the order of
// the file, so an edit would move those of others.
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../../model/resolved.js'
import type { EndSettings, TopologyLink, TopologyNode } from '../schema/topology.js'
import type { Topology } from '../source/topology.js'
import { bitsOf, type Prefix, parsePrefix } from '../values/prefix.js'
import { endOf } from './ends.js'

/**
 * The topology that resolves to the same, whatever is added and removed afterwards, but for what is computed from the whole: routes
 * and neighbours.
 *
 * @param present what the topology resolves to, with its links in the same order
 */
export function freeze(topology: Topology, present: ResolvedTopology): Topology {
  const resolved = new Map(present.nodes.map((node) => [node.name, node]))
  const nodes = new Map(
    [...topology.nodes].map(([name, node]) => {
      const own = resolved.get(name)
      return [name, own === undefined || own.kind === 'switch' ? node : withAddresses(node, own)] as const
    }),
  )
  const links = topology.links.map((link, place) => {
    const endpoints = present.links[place]?.endpoints ?? []
    return withNames(
      link,
      endpoints.map((end) => end.interface),
      nodes,
    )
  })
  return { ...topology, nodes, links }
}

function withAddresses(node: TopologyNode, { interfaces }: ResolvedNode): TopologyNode {
  const loopback = own(node, 'lo', interfaces, [])
  const lent = (interfaces.find(({ name }) => name === 'lo')?.addresses ?? []).filter(isOfFullLength)
  const addresses: Record<string, string[]> = { ...node.addresses }
  const devices = { ...node.interfaces }
  for (const { name } of interfaces) {
    const all = name === 'lo' ? [] : own(node, name, interfaces, lent)
    if (all.length === 0) continue
    addresses[name] = all
    const device = devices[name]
    if (device?.addresses === undefined) continue
    const { addresses: _, ...rest } = device
    devices[name] = rest as typeof device
  }
  const frozen: TopologyNode = { ...node, addresses }
  if (node.interfaces !== undefined) frozen.interfaces = devices
  if (loopback.length === 0) return frozen
  const { lo: _, ...others } = addresses
  return { ...frozen, addresses: others, loopback }
}

/** The addresses of an interface that are its own: without those of several nodes, and without those that `lo` lends. */
function own(
  { anycast = [] }: TopologyNode,
  name: string,
  interfaces: readonly ResolvedInterface[],
  lent: readonly string[],
): string[] {
  const shared = (Array.isArray(anycast) ? (name === 'lo' ? anycast : []) : (anycast[name] ?? [])).map(keyOf)
  const all = interfaces.find((each) => each.name === name)?.addresses ?? []
  return all.filter((text) => !shared.includes(keyOf(text)) && !lent.includes(text))
}

const isOfFullLength = (text: string): boolean => {
  const { family, length } = parsePrefix(text) as Prefix
  return length === bitsOf(family)
}

function keyOf(text: string): string {
  const { family, address } = parsePrefix(text) as Prefix
  return `${family} ${address}`
}

/** The link with the names of its interfaces. Addresses that its ends have are written at the nodes. */
function withNames(
  link: TopologyLink,
  names: readonly string[],
  nodes: ReadonlyMap<string, TopologyNode>,
): TopologyLink {
  const endpoints = link.endpoints.map((written, side): EndSettings => {
    const { addresses, ...end } = endOf(written)
    const name = names[side] ?? end.interface
    const isMoved = name !== undefined && nodes.get(end.node)?.addresses[name] !== undefined
    return {
      ...end,
      ...(name === undefined ? {} : { interface: name }),
      ...(addresses === undefined || isMoved ? {} : { addresses }),
    }
  })
  return { ...link, endpoints }
}
