// What routing sees of a topology, for one family: who can send to whom over a common subnet, and what is where.

import type { Family, NextHop } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { bitsOf, formatAddress, isLinkLocal, type Prefix } from '../values/prefix.js'
import type { Segment, SegmentMember } from '../wiring/segments.js'

/** Nodes are numbered in the topology's order. */
export interface Graph {
  family: Family
  isRouter: boolean[]
  /** To routers, and to what has addresses of its own beside its subnets; in the order of the node's interfaces. */
  ways: Way[][]
  destinations: Destination[]
}

/** A neighbour on a common subnet, and how a node sends to it. */
export interface Way {
  to: number
  /** What it costs to send there: the cost of the link that the packet leaves by. */
  cost: number
  nextHop: NextHop
}

export interface Destination {
  /** `PREFIX/LENGTH` */
  text: string
  /** Nodes that are on it, and need no route. */
  attached: ReadonlySet<number>
  /** Nodes of these that packets are sent to. */
  sources: number[]
}

/** Whether what is a shortest path in one is one in the other, to the same destinations. */
export function isSameShape(a: Graph, b: Graph): boolean {
  return (
    a.ways.every((ways, node) => areSame(ways, b.ways[node] ?? [], (x, y) => x.to === y.to && x.cost === y.cost)) &&
    areSame(
      a.destinations,
      b.destinations,
      (x, y) =>
        areSame(x.sources, y.sources) && x.attached.size === y.attached.size && isWithin(x.attached, y.attached),
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
}

/** The graph of one family. */
export function graphOf(
  topology: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  family: Family,
): Graph {
  const numbers = new Map([...topology.nodes.keys()].map((name, number) => [name, number]))
  const isRouter = [...topology.nodes.values()].map(({ kind }) => kind === 'router')
  // Nothing is sent by an interface that is down, and the kernel takes no route by it.
  const isDown = (node: string, name: string) => topology.nodes.get(node)?.interfaces?.[name]?.up === false
  const prefixesOf = (node: string, name: string) =>
    isDown(node, name)
      ? []
      : addresses.of(node, name).filter((each) => each.family === family && !isLinkLocal(family, each.address))
  const members = segments.map((segment) => {
    const costOf = costsOf(segment)
    return segment.members.map((end): Member => {
      const node = numbers.get(end.node) as number
      return { node, interface: end.interface, cost: costOf(end), prefixes: prefixesOf(end.node, end.interface) }
    })
  })
  const loopbacks = [...numbers].map(
    ([name, node]): Member => ({ node, interface: 'lo', cost: 0, prefixes: prefixesOf(name, 'lo') }),
  )
  const own = ownDestinations([...members.flat(), ...loopbacks])
  const owners = new Set(own.flatMap(({ sources }) => sources))
  const isTarget = isRouter.map((router, node) => router || owners.has(node))
  return {
    family,
    isRouter,
    ways: waysOf(members, isTarget),
    destinations: [...members.flatMap((each) => subnetDestinations(each, isRouter)), ...own],
  }
}

/** Of a bridge or a bond, that of the cheapest of its node's links. */
function costsOf({ links }: Segment): (member: SegmentMember) => number {
  const byEnd = new Map<string, number>()
  const byNode = new Map<string, number>()
  for (const { ends, cost } of links) {
    for (const { node, interface: name } of ends) {
      byEnd.set(interfaceKey(node, name), cost)
      byNode.set(node, Math.min(cost, byNode.get(node) ?? cost))
    }
  }
  return ({ node, interface: name }) => byEnd.get(interfaceKey(node, name)) ?? (byNode.get(node) as number)
}

const isShared = ({ family, length }: Prefix): boolean => length < bitsOf(family)

/** Subnets of a segment; packets to them are sent to the routers on them. */
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
    sources: [...nodes].filter((node) => isRouter[node]),
  }))
}

/** What one node has for itself: prefixes of lo, and addresses of full length. */
function ownDestinations(members: readonly Member[]): Destination[] {
  return members.flatMap(({ node, interface: name, prefixes }) =>
    prefixes
      .filter((prefix) => name === 'lo' || !isShared(prefix))
      .map(({ networkText }) => ({ text: networkText, attached: new Set([node]), sources: [node] })),
  )
}

function waysOf(segments: readonly (readonly Member[])[], isTarget: readonly boolean[]): Way[][] {
  const ways = isTarget.map((): Way[] => [])
  for (const members of segments) {
    const targets = members
      .filter(({ node }) => isTarget[node])
      .map((member) => ({ ...member, addresses: member.prefixes.filter(isShared).map(addressOf) }))
    for (const { node, interface: name, cost, prefixes } of members) {
      const networks = new Set(prefixes.filter(isShared).map(({ networkText }) => networkText))
      for (const target of targets) {
        const address = target.addresses.find(({ network }) => networks.has(network))
        if (target.node === node || !address) continue
        ways[node]?.push({ to: target.node, cost, nextHop: { gateway: address.text, interface: name } })
      }
    }
  }
  return ways
}

const addressOf = ({ family, address, networkText }: Prefix) => ({
  network: networkText,
  text: formatAddress(family, address),
})
