// The routing graph of one address family: which nodes can send to each other over a common subnet, and where prefixes are.

import type { Family } from '../../model/family.js'
import type { NextHop } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { bitsOf, formatAddress, isLinkLocal, type Prefix } from '../values/prefix.js'
import type { Segment, SegmentMember } from '../wiring/segments.js'

/** Nodes are numbered in the topology's order. */
export interface Graph {
  family: Family
  isRouter: boolean[]
  /**
   * By node, the edges that leave it, in the order of its interfaces. They lead to routers, and to nodes that have addresses which
   * are in no subnet.
   */
  edges: Edge[][]
  destinations: Destination[]
}

/** A neighbour on a common subnet, and how a node sends to it. */
export interface Edge {
  to: number
  /** What it costs to send there: the cost of the link that the packet leaves by. */
  cost: number
  nextHop: NextHop
}

export interface Destination {
  /** `PREFIX/LENGTH` */
  text: string
  /** Nodes that are on it. They need no route to it. */
  attached: ReadonlySet<number>
  /** The attached nodes that packets for the prefix are sent to: a routing protocol would have them announce it. */
  originators: number[]
}

/** Whether two graphs have the same shortest paths to the same destinations. */
export function isSameShape(a: Graph, b: Graph): boolean {
  return (
    a.edges.every((edges, node) => areSame(edges, b.edges[node] ?? [], (x, y) => x.to === y.to && x.cost === y.cost)) &&
    areSame(
      a.destinations,
      b.destinations,
      (x, y) =>
        areSame(x.originators, y.originators) &&
        x.attached.size === y.attached.size &&
        isWithin(x.attached, y.attached),
    )
  )
}

function areSame<T>(a: readonly T[], b: readonly T[], isSame = (x: T, y: T): boolean => x === y): boolean {
  return a.length === b.length && a.every((each, index) => isSame(each, b[index] as T))
}

function isWithin(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  for (const each of a) if (!b.has(each)) return false
  return true
}

interface Member {
  node: number
  interface: string
  cost: number
  prefixes: readonly Prefix[]
  /** The part of the segment that it reaches without a tunnel; undefined in a segment without tunnels. */
  part?: string | undefined
}

/**
 * Added to the cost of sending by a tunnel: more than any path without one has, so that the outer packets of a tunnel never go
 * by the tunnel itself.
 */
const TUNNEL_COST = 10_000_000

/** The graph of one family. */
export function graphOf(
  topology: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  family: Family,
): Graph {
  const numbers = new Map([...topology.nodes.keys()].map((name, number) => [name, number]))
  const isRouter = [...topology.nodes.values()].map(({ kind }) => kind === 'router')
  // No packet is sent by an interface that is down, and the kernel refuses routes by it.
  const isDown = (node: string, name: string) => topology.nodes.get(node)?.interfaces?.[name]?.up === false
  const prefixesOf = (node: string, name: string) =>
    isDown(node, name)
      ? []
      : addresses.of(node, name).filter((each) => each.family === family && !isLinkLocal(family, each.address))
  const members = segments.map((segment) => {
    const costOf = costsOf(segment)
    return segment.members.map((end): Member => {
      const node = numbers.get(end.node) as number
      const part = segment.parts?.get(interfaceKey(end.node, end.interface))
      return { node, interface: end.interface, cost: costOf(end), prefixes: prefixesOf(end.node, end.interface), part }
    })
  })
  const loopbacks = [...numbers].map(
    ([name, node]): Member => ({ node, interface: 'lo', cost: 0, prefixes: prefixesOf(name, 'lo') }),
  )
  const isPrivate = (index: number) =>
    segments[index]?.links.some((link) => topology.links[link.index]?.private === true) === true
  const own = ownDestinations([...members.filter((_, index) => !isPrivate(index)).flat(), ...loopbacks])
  const owners = new Set(own.flatMap(({ originators }) => originators))
  const isTarget = isRouter.map((router, node) => router || owners.has(node))
  return {
    family,
    isRouter,
    edges: edgesOf(members, isTarget),
    destinations: [
      ...members.flatMap((each, index) => (isPrivate(index) ? [] : subnetDestinations(each, isRouter))),
      ...own,
    ],
  }
}

/**
 * The cost of the link at an interface. A bridge, a bond or a VLAN has that of the cheapest link of its node on the segment, and
 * one that is there by a tunnel alone has the default cost.
 */
function costsOf({ links, trunks }: Segment): (member: SegmentMember) => number {
  const byEnd = new Map<string, number>()
  const byNode = new Map<string, number>()
  for (const { ends, cost } of [...links, ...trunks]) {
    for (const { node, interface: name } of ends) {
      byEnd.set(interfaceKey(node, name), cost)
      byNode.set(node, Math.min(cost, byNode.get(node) ?? cost))
    }
  }
  return ({ node, interface: name }) => byEnd.get(interfaceKey(node, name)) ?? byNode.get(node) ?? 1
}

const isShared = ({ family, length }: Prefix): boolean => length < bitsOf(family)

/** The subnets of a segment. Packets for a subnet are sent to the routers on it. */
function subnetDestinations(members: readonly Member[], isRouter: readonly boolean[]): Destination[] {
  const attached = new Map<string, Set<number>>()
  for (const { node, prefixes } of members) {
    for (const { networkText } of prefixes.filter(isShared)) {
      attached.set(networkText, (attached.get(networkText) ?? new Set()).add(node))
    }
  }
  return [...attached].map(([text, nodes]) => ({
    text,
    attached: nodes,
    originators: [...nodes].filter((node) => isRouter[node]),
  }))
}

/**
 * The prefixes that nodes have alone: those of lo, and addresses of full length. An address that several nodes have is one
 * destination, and packets for it are sent to the nearest.
 */
function ownDestinations(members: readonly Member[]): Destination[] {
  const owners = new Map<string, Set<number>>()
  for (const { node, interface: name, prefixes } of members) {
    for (const { networkText } of prefixes.filter((prefix) => name === 'lo' || !isShared(prefix))) {
      owners.set(networkText, (owners.get(networkText) ?? new Set()).add(node))
    }
  }
  return [...owners].map(([text, nodes]) => ({ text, attached: nodes, originators: [...nodes] }))
}

function edgesOf(segments: readonly (readonly Member[])[], isTarget: readonly boolean[]): Edge[][] {
  const edges = isTarget.map((): Edge[] => [])
  for (const members of segments) {
    const targets = members
      .filter(({ node, prefixes }) => isTarget[node] && prefixes.length > 0)
      .map((member) => ({ ...member, addresses: member.prefixes.filter(isShared).map(addressOf) }))
    for (const { node, interface: name, cost, prefixes, part } of members) {
      const networks = new Set(prefixes.filter(isShared).map(({ networkText }) => networkText))
      for (const target of targets) {
        if (target.node === node || prefixes.length === 0) continue
        const address = target.addresses.find(({ network }) => networks.has(network))
        const hop = address ? { gateway: address.text } : onLinkHop(networks.size === 0, target)
        if (!hop) continue
        const crossing = part === target.part ? 0 : TUNNEL_COST
        edges[node]?.push({ to: target.node, cost: cost + crossing, nextHop: { ...hop, interface: name } })
      }
    }
  }
  return edges
}

/** The way to a node on the link with which a node has no subnet in common, since one of them has single addresses only. */
function onLinkHop(hasNoSubnet: boolean, { prefixes }: Member): { gateway: string; onlink: true } | null {
  const [first] = prefixes
  return first && (hasNoSubnet || !prefixes.some(isShared))
    ? { gateway: formatAddress(first.family, first.address), onlink: true }
    : null
}

const addressOf = ({ family, address, networkText }: Prefix) => ({
  network: networkText,
  text: formatAddress(family, address),
})
