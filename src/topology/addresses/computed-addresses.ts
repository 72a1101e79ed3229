// Computes the addresses that are not written. Those of interfaces on a segment come from its subnets; missing subnets, and
// loopbacks, come from the pools.

import type { Family } from '../../model/family.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { bitsOf, type Prefix, sizeOf } from '../values/prefix.js'
import type { Segment, SegmentMember } from '../wiring/segments.js'
import type { Families } from './families.js'
import type { InterfaceAddresses } from './interface-addresses.js'
import { type BlockNeed, hasBlock, NodeBlocks } from './node-blocks.js'
import type { Pools } from './pools.js'
import type { WrittenAddresses, WrittenPrefix } from './written-addresses.js'

export interface AddressInput {
  topology: Topology
  segments: readonly Segment[]
  /** For each segment, the subnets that are written or follow from written addresses. */
  subnets: readonly (readonly WrittenPrefix[])[]
  pools: Pools
  written: WrittenAddresses
  /** All written addresses, those of several nodes included. */
  taken: readonly WrittenPrefix[]
  families: Families
  /** Has the written addresses; the computed ones are added. */
  addresses: InterfaceAddresses
  faults: Faults
}

/** A segment with members that lack an address of a family. */
interface SegmentNeed {
  segment: Segment
  /** The members without an address. */
  members: SegmentMember[]
  /** Subnets that are written or follow from written addresses. */
  subnets: Prefix[]
  /** Number of the node whose block has the subnet; null if the subnet is written or comes from a pool. */
  blockOf: number | null
}

export class ComputedAddresses {
  /** Numbers of the nodes in the order of the file, from 0. */
  private readonly numbers: ReadonlyMap<string, number>
  /** Nodes with unnumbered links. */
  private readonly borrowers: ReadonlySet<string>
  /** All written addresses of the lab, since tunnels elsewhere may be in the subnet of a segment. */
  private readonly taken: Record<Family, Set<bigint>> = { 4: new Set(), 6: new Set() }

  constructor(private readonly input: AddressInput) {
    for (const { prefix } of input.taken) this.taken[prefix.family].add(prefix.address)
    const unnumbered = input.segments.filter((segment) => isUnnumbered(input.topology, segment))
    this.borrowers = new Set(unnumbered.flatMap(({ members }) => members.map(({ node }) => node)))
    this.numbers = new Map([...input.topology.nodes.keys()].map((name, number) => [name, number]))
  }

  /** Gives an address of one family to each interface that lacks one. */
  assign(family: Family): void {
    const { pools, addresses } = this.input
    const needs = this.segmentNeeds(family)
    for (const need of needs) {
      if (need.blockOf !== null) continue
      this.fill(need, need.subnets.length > 0 ? need.subnets : subnetFromPool(need.segment, family, pools))
    }
    const inBlocks = needs.filter(({ blockOf }) => blockOf !== null)
    const withoutLoopback = [...this.numbers].filter(([node]) => this.needsLoopback(node, family))
    const blocks = new NodeBlocks(family, this.blockNeeds(inBlocks, withoutLoopback, family), pools)
    for (const need of inBlocks) {
      const subnet = blocks.link(need.blockOf as number)
      if (subnet) this.fill(need, [subnet])
    }
    for (const [node, number] of withoutLoopback) {
      const prefix = blocks.loopback(number) ?? pools.of(family, 'loopbacks').take(bitsOf(family))
      if (prefix) addresses.add(node, 'lo', prefix)
    }
    for (const segment of this.input.segments)
      if (isUnnumbered(this.input.topology, segment)) this.lend(segment, family)
  }

  /** Gives the ends of an unnumbered link the addresses of their nodes' loopbacks. */
  private lend(segment: Segment, family: Family): void {
    const { addresses, topology, faults } = this.input
    const index = segment.links.find((link) => topology.links[link.index]?.unnumbered)?.index ?? 0
    for (const member of segment.members) {
      if (!this.needsAddress(member, family)) continue
      const own = addresses.first(member.node, 'lo', family)
      if (own?.length === bitsOf(family)) addresses.add(member.node, member.interface, own)
      else {
        const what = own === undefined ? 'no' : 'no single'
        const message = `${member.node} has ${what} IPv${family} address on lo that ${member.interface} could have; write it under \`loopback\``
        faults.add(['links', index, 'unnumbered'], message)
      }
    }
  }

  private segmentNeeds(family: Family): SegmentNeed[] {
    return this.input.segments.flatMap((segment, index) => {
      if (isUnnumbered(this.input.topology, segment)) return []
      const members = segment.members.filter((member) => this.needsAddress(member, family))
      if (members.length === 0) return []
      const written = (this.input.subnets[index] ?? []).map(({ prefix }) => prefix)
      const subnets = written.filter((prefix) => prefix.family === family)
      const last = Math.max(...segment.members.map(({ node }) => this.numbers.get(node) as number))
      const blockOf = segment.isLan || subnets.length > 0 || !hasBlock(last) ? null : last
      return [{ segment, members, subnets, blockOf }]
    })
  }

  private blockNeeds(
    inBlocks: readonly SegmentNeed[],
    withoutLoopback: readonly (readonly [string, number])[],
    family: Family,
  ): Map<number, BlockNeed> {
    const needs = new Map<number, BlockNeed>()
    const needOf = (node: number): BlockNeed => {
      const need = needs.get(node) ?? { links: 0, hasLoopback: false }
      needs.set(node, need)
      return need
    }
    for (const { blockOf } of inBlocks) needOf(blockOf as number).links++
    // A pool of loopbacks that the file names must be used.
    if (this.input.pools.isNamed(family, 'loopbacks')) return needs
    for (const [, node] of withoutLoopback) if (hasBlock(node)) needOf(node).hasLoopback = true
    return needs
  }

  /** Gives each member without an address the next free address of each subnet. */
  private fill({ segment, members }: SegmentNeed, subnets: readonly Prefix[]): void {
    const { addresses, faults } = this.input
    for (const subnet of subnets) {
      const free = freeAddresses(subnet, this.taken[subnet.family])
      for (const member of members) {
        const { value: address, done } = free.next()
        if (done) {
          const path = ['links', [...segment.links, ...segment.trunks][0]?.index ?? 0]
          faults.add(path, `${subnet.networkText} is too small for ${segment.members.length} interfaces`)
          break
        }
        addresses.add(member.node, member.interface, { ...subnet, address })
      }
    }
  }

  private needsAddress({ node, interface: name }: SegmentMember, family: Family): boolean {
    const { written, addresses, families } = this.input
    const hasNoneOnPurpose = written.get(interfaceKey(node, name))?.length === 0
    return !hasNoneOnPurpose && families.has(node, name, family) && addresses.first(node, name, family) === undefined
  }

  /**
   * Every router has a loopback address of each family, which stays reachable when one of its links goes down, and so has every
   * node with an unnumbered link.
   */
  private needsLoopback(node: string, family: Family): boolean {
    const isRouter = this.input.topology.nodes.get(node)?.kind === 'router'
    return (isRouter || this.borrowers.has(node)) && this.needsAddress({ node, interface: 'lo' }, family)
  }
}

const isUnnumbered = ({ links }: Topology, segment: Segment): boolean =>
  segment.links.some(({ index }) => links[index]?.unnumbered === true)

/** Prefix length of an IPv4 LAN, unless it has too many interfaces for it. */
const LAN_LENGTH = 24

/** Takes a /31 and a /127 for a link of two nodes, a /24 (or a larger prefix if needed) and a /64 for a LAN. */
function subnetFromPool(segment: Segment, family: Family, pools: Pools): Prefix[] {
  const take = (): Prefix | null => {
    if (!segment.isLan) return pools.of(family, 'links').take(bitsOf(family) - 1)
    const lans = pools.of(family, 'lans')
    if (family === 6) return lans.take(64)
    const length = 32 - Math.ceil(Math.log2(segment.members.length + 2))
    return length >= LAN_LENGTH ? lans.take(LAN_LENGTH) : lans.takeFromEnd(length, LAN_LENGTH)
  }
  const prefix = take()
  return prefix ? [prefix] : []
}

function* freeAddresses(subnet: Prefix, taken: ReadonlySet<bigint>): Generator<bigint> {
  const isPair = bitsOf(subnet.family) - subnet.length <= 1
  const first = subnet.network + (isPair ? 0n : 1n)
  const end = subnet.network + sizeOf(subnet) - (isPair || subnet.family === 6 ? 0n : 1n)
  for (let address = first; address < end; address++) if (!taken.has(address)) yield address
}
