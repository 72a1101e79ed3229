// The addresses that nobody has written: what is not written on a segment comes from its subnets, and those, and loopbacks,
// from the pools.

import type { Family } from '../../model/resolved.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { bitsOf, type Prefix, sizeOf } from '../values/prefix.js'
import type { Segment, SegmentMember } from '../wiring/segments.js'
import type { AddressPlan } from './interface-addresses.js'
import { Blocks, hasBlock, type Need } from './node-blocks.js'
import type { Pools } from './pools.js'
import { endKey, type Written, type WrittenAddresses } from './written-addresses.js'

/** What is known by then. */
interface Known {
  topology: Topology
  segments: readonly Segment[]
  /** Of each segment, what is written or follows from it. */
  subnets: readonly (readonly Written[])[]
  pools: Pools
  written: WrittenAddresses
  /** Has what is written; gets the rest. */
  plan: AddressPlan
  faults: Faults
}

/** A segment with members that want addresses of a family. */
interface Wanting {
  segment: Segment
  bare: SegmentMember[]
  /** Subnets that are known. */
  given: Prefix[]
  /** Number of the node from whose block its subnet comes; null for one from elsewhere. */
  owner: number | null
}

export class ComputedAddresses {
  /** Of nodes, in the order of the file. */
  private readonly numbers: ReadonlyMap<string, number>
  /** What is written anywhere: a segment's subnet may be that of tunnels too. */
  private readonly taken: Record<Family, Set<bigint>> = { 4: new Set(), 6: new Set() }

  constructor(private readonly known: Known) {
    for (const { prefix } of [...known.written.values()].flat()) this.taken[prefix.family].add(prefix.address)
    this.numbers = new Map([...known.topology.nodes.keys()].map((name, number) => [name, number]))
  }

  /** Gives addresses of one family to all that have none. */
  assign(family: Family): void {
    const { pools, plan } = this.known
    const wanting = this.wantingOf(family)
    for (const each of wanting) {
      if (each.owner === null)
        this.fill(each, each.given.length > 0 ? each.given : fromPool(each.segment, family, pools))
    }
    const owned = wanting.filter(({ owner }) => owner !== null)
    const loopless = [...this.numbers].filter(([node]) => this.wantsLoopback(node, family))
    const blocks = new Blocks(family, this.needsOf(owned, loopless, family), pools)
    for (const each of owned) {
      const subnet = blocks.link(each.owner as number)
      if (subnet) this.fill(each, [subnet])
    }
    for (const [node, number] of loopless) {
      const prefix = blocks.loopback(number) ?? pools.of(family, 'loopbacks').take(bitsOf(family))
      if (prefix) plan.add(node, 'lo', prefix)
    }
  }

  private wantingOf(family: Family): Wanting[] {
    const { segments, subnets } = this.known
    return segments.flatMap((segment, index) => {
      const bare = segment.members.filter((member) => this.wantsAddress(member, family))
      if (bare.length === 0) return []
      const given = (subnets[index] ?? []).map(({ prefix }) => prefix).filter((prefix) => prefix.family === family)
      const last = Math.max(...segment.members.map(({ node }) => this.numbers.get(node) as number))
      return [{ segment, bare, given, owner: segment.isLan || given.length > 0 || !hasBlock(last) ? null : last }]
    })
  }

  private needsOf(
    owned: readonly Wanting[],
    loopless: readonly (readonly [string, number])[],
    family: Family,
  ): Map<number, Need> {
    const needs = new Map<number, Need>()
    const needOf = (node: number): Need => {
      const need = needs.get(node) ?? { links: 0, hasLoopback: false }
      needs.set(node, need)
      return need
    }
    for (const { owner } of owned) needOf(owner as number).links++
    // A pool that is asked for is used.
    if (this.known.pools.isNamed(family, 'loopbacks')) return needs
    for (const [, node] of loopless) if (hasBlock(node)) needOf(node).hasLoopback = true
    return needs
  }

  /** Gives each member that wants one the next free address of each of the subnets. */
  private fill({ segment, bare }: Wanting, subnets: readonly Prefix[]): void {
    const { plan, faults } = this.known
    for (const subnet of subnets) {
      const free = freeAddresses(subnet, this.taken[subnet.family])
      for (const member of bare) {
        const { value: address, done } = free.next()
        if (done) {
          const path = ['links', segment.links[0]?.index ?? 0]
          faults.add(path, `${subnet.networkText} is too small for ${segment.members.length} interfaces`)
          break
        }
        plan.add(member.node, member.interface, { ...subnet, address })
      }
    }
  }

  private wantsAddress({ node, interface: name }: SegmentMember, family: Family): boolean {
    const { written, plan } = this.known
    return written.get(endKey(node, name))?.length !== 0 && plan.first(node, name, family) === undefined
  }

  /** Every router has a loopback address of each family, so that it can be named whatever link is down. */
  private wantsLoopback(node: string, family: Family): boolean {
    const isRouter = this.known.topology.nodes.get(node)?.kind === 'router'
    return isRouter && this.wantsAddress({ node, interface: 'lo' }, family)
  }
}

/** Of IPv4, where it is enough. */
const LAN_LENGTH = 24

/** /31 and /127 between two; a /24, or as much larger as needed, and a /64 on a LAN. */
function fromPool(segment: Segment, family: Family, pools: Pools): Prefix[] {
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
