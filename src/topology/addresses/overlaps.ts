// Subnets that overlap. The subnets of segments and loopbacks must be disjoint in the whole lab. Within one node, two interfaces
// must not have the same subnet, or packets for one network leave by the interface of the other. A subnet within a larger one
// is fine there, since the longer prefix wins; and interfaces of different nodes can have the same subnet, as the two ends of an
// overlay network do.

import { TRAITS } from '../../model/interfaces/kinds.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { bitsOf, isLinkLocal, overlaps, type Prefix } from '../values/prefix.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { Segment } from '../wiring/segments.js'
import type { WrittenAddresses, WrittenPrefix } from './written-addresses.js'

/** Refuses prefixes that overlap: the packets for one network could not be told from those for the other. */
export function refuseOverlaps(topology: Topology, written: readonly WrittenPrefix[], faults: Faults): void {
  for (const [first, second] of overlapping(written)) {
    const [one, other] = [first.prefix, second.prefix]
    // Two interfaces with one address are reported when addresses are read.
    const isOneAddress = one.length === bitsOf(one.family) && one.networkText === other.networkText
    const isSubnet = other.length < bitsOf(other.family)
    if (isOneAddress) continue
    const help =
      isSubnet && second.path[0] === 'links'
        ? '; for a network that is there twice on purpose, write `private: true`'
        : ''
    faults.add(
      second.path,
      `${other.networkText} overlaps ${one.networkText} of ${placeOf(topology, first.path)}${help}`,
    )
  }
}

/** Where a prefix is written, in words: `r1:eth0`, `the link a–b`. */
function placeOf({ links }: Topology, [key, which, what, name]: Path): string {
  if (key === 'nodes')
    return `${String(which)}:${what === 'loopback' || typeof name === 'number' ? 'lo' : String(name)}`
  const link = links[Number(which)]
  const ends = (link?.endpoints ?? []).map((end) => (typeof end === 'string' ? end : end.node))
  return `the link ${link?.name ?? ends.join('–')}`
}

/** A subnet of an interface. */
interface Subnet extends WrittenPrefix {
  interface: string
  /** The Ethernet network of the interface: the same text for interfaces that are on one network. */
  network: string
  /** Whether the network is a segment whose overlaps with other segments are reported for the whole lab. */
  isSegment: boolean
}

const SEGMENT = 'segment '
const segmentNetwork = (index: number): string => `${SEGMENT}${index}`

/**
 * Refuses a subnet that two interfaces of one routing table have, unless they are on one Ethernet network.
 *
 * @param subnets for each segment, the subnets that are written or follow from written addresses
 * @param isApart for each segment, whether its subnets may be those of others
 */
export function refuseOverlapsWithin(
  segments: readonly Segment[],
  subnets: readonly (readonly WrittenPrefix[])[],
  isApart: readonly boolean[],
  stacks: Stacks,
  written: WrittenAddresses,
  faults: Faults,
): void {
  const tables = new RoutingTables(stacks)
  segments.forEach(({ members }, index) => {
    for (const { node, interface: name } of members) {
      if (written.get(interfaceKey(node, name))?.length === 0) continue
      tables.add(node, name, segmentNetwork(index), subnets[index] ?? [], isApart[index])
    }
  })
  for (const [node, { devices }] of stacks) {
    for (const name of devices.keys()) tables.add(node, name, name, written.get(interfaceKey(node, name)) ?? [])
  }
  for (const table of tables.all.values()) {
    for (const [first, second] of overlapping(table.subnets)) {
      if (first.network === second.network || isReportedElsewhere(first, second)) continue
      const subnet = second.prefix.networkText
      if (subnet !== first.prefix.networkText) continue
      faults.add(second.path, `${subnet} is the subnet of ${table.node}:${first.interface} already`)
    }
  }
}

/** Whether a prefix is that of an interface, and not a subnet alone. */
const hasAddress = ({ address, network }: Prefix): boolean => address !== network

/** Overlaps of segments are reported for the whole lab, and two interfaces with one address when addresses are read. */
const isReportedElsewhere = (a: Subnet, b: Subnet): boolean =>
  (a.isSegment && b.isSegment) ||
  (hasAddress(a.prefix) && a.prefix.family === b.prefix.family && a.prefix.address === b.prefix.address)

/** The subnets in each routing table: every node has one, and each of its VRFs. */
class RoutingTables {
  readonly all = new Map<string, { node: string; subnets: Subnet[] }>()
  /** By interface. */
  private readonly networks = new Map<string, string>()

  constructor(private readonly stacks: Stacks) {}

  /** @param network of an interface that neither shares that of its parent nor was added before */
  add(node: string, name: string, network: string, written: readonly WrittenPrefix[], isApart = false): void {
    const stack = this.stacks.get(node)
    const key = interfaceKey(node, name)
    const device = stack?.devices.get(name)
    const below = device && 'parent' in device && TRAITS[device.kind].parent.sharesNetwork ? device.parent : name
    const own = this.networks.get(interfaceKey(node, below)) ?? (below === name ? network : below)
    this.networks.set(key, own)
    const master = stack?.masters.get(name)
    const vrf = master && TRAITS[master.kind].members === 'routed' ? master.name : ''
    const tableName = interfaceKey(node, vrf)
    const table = this.all.get(tableName) ?? { node, subnets: [] }
    this.all.set(tableName, table)
    for (const { prefix, path } of written) {
      if (prefix.length === bitsOf(prefix.family) || isLinkLocal(prefix.family, prefix.address)) continue
      table.subnets.push({
        prefix,
        path,
        interface: name,
        network: own,
        isSegment: own.startsWith(SEGMENT) && !isApart,
      })
    }
  }
}

/**
 * Pairs of prefixes that overlap: each prefix with the widest one that contains it. The two of a pair are in the order of the
 * list that is given.
 */
export function overlapping<T extends WrittenPrefix>(written: readonly T[]): [T, T][] {
  const found: [T, T][] = []
  const inOrder = written
    .map((each, order) => ({ ...each, order }))
    .toSorted(
      (a, b) =>
        a.prefix.family - b.prefix.family ||
        compare(a.prefix.network, b.prefix.network) ||
        a.prefix.length - b.prefix.length,
    )
  // Two prefixes either nest or are disjoint, so a prefix that overlaps another begins inside the widest one before it.
  let widest = inOrder[0]
  for (const each of inOrder.slice(1)) {
    if (!widest || !overlaps(widest.prefix, each.prefix)) {
      widest = each
      continue
    }
    found.push(widest.order < each.order ? [widest, each] : [each, widest])
  }
  return found
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
