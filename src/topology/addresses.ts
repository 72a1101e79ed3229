// Every interface's addresses: what is written stands; what is not is taken from the segment's subnets, and those from
// a pool.
import type { Faults } from './fault.js'
import type { Stacks } from './interfaces/stack.js'
import type { Topology } from './parse.js'
import { Pools } from './pools.js'
import { bitsOf, isLinkLocal, type Prefix, sizeOf } from './prefix.js'
import type { Family } from './resolved.js'
import type { Segment, SegmentMember } from './segments.js'
import {
  endKey,
  readAddresses,
  refuseOverlaps,
  subnetsOf,
  type Written,
  type WrittenAddresses,
} from './written-addresses.js'

/** Prefixes with their address, by node and interface. */
export class AddressPlan {
  private readonly byInterface = new Map<string, Prefix[]>()

  add(node: string, name: string, prefix: Prefix): void {
    const key = endKey(node, name)
    const list = this.byInterface.get(key)
    if (list) list.push(prefix)
    else this.byInterface.set(key, [prefix])
  }

  /** Addresses of an interface, in the order they were given. */
  of(node: string, name: string): readonly Prefix[] {
    return this.byInterface.get(endKey(node, name)) ?? []
  }

  /** The address of a family that others send to: the first that is not link-local. */
  first(node: string, name: string, family: Family): Prefix | undefined {
    return this.of(node, name).find((prefix) => prefix.family === family && !isLinkLocal(family, prefix.address))
  }
}

/** Gives every interface its addresses. */
export function assignAddresses(
  topology: Topology,
  segments: readonly Segment[],
  stacks: Stacks,
  faults: Faults,
): AddressPlan {
  const written = readAddresses(topology, segments, stacks, faults)
  const subnets = segments.map((segment) => subnetsOf(topology, segment, written, faults))
  const places = [...subnets.flat(), ...singles(written, subnets.flat())]
  refuseOverlaps(places, faults)
  const pools = new Pools(
    topology.pools,
    [...places, ...ofDevices(stacks, written)].map(({ prefix }) => prefix),
  )
  const plan = new AddressPlan()
  for (const [key, list] of written) {
    const [node = '', name = ''] = key.split(':')
    for (const { prefix } of list) plan.add(node, name, prefix)
  }
  segments.forEach((segment, index) => {
    for (const family of topology.families) {
      const given = (subnets[index] ?? []).map(({ prefix }) => prefix).filter((prefix) => prefix.family === family)
      assignFamily(segment, family, given, pools, written, plan, faults)
    }
  })
  assignLoopbacks(topology, pools, written, plan)
  pools.check(faults)
  return plan
}

/** Such as tunnels' addresses: those of both ends are in one subnet, which is no segment's. */
const ofDevices = (stacks: Stacks, written: WrittenAddresses): Written[] =>
  [...stacks].flatMap(([node, { devices }]) =>
    [...devices.keys()].flatMap((name) => written.get(endKey(node, name)) ?? []),
  )

/** Loopbacks, and addresses of full length on interfaces: they are in no subnet of a segment. */
function singles(written: WrittenAddresses, subnets: readonly Written[]): Written[] {
  const known = new Set(subnets.map(({ path }) => path))
  return [...written].flatMap(([key, list]) =>
    list.filter(
      ({ prefix, path }) => !known.has(path) && (key.endsWith(':lo') || prefix.length === bitsOf(prefix.family)),
    ),
  )
}

/** Gives each member without an address of the family the next free one of each of the segment's subnets. */
function assignFamily(
  segment: Segment,
  family: Family,
  given: readonly Prefix[],
  pools: Pools,
  written: WrittenAddresses,
  plan: AddressPlan,
  faults: Faults,
): void {
  const bare = segment.members.filter((member) => wantsAddress(member, family, written, plan))
  if (bare.length === 0) return
  const subnets = given.length > 0 ? given : fromPool(segment, family, pools)
  const taken = new Set(
    segment.members.flatMap((member) => plan.of(member.node, member.interface).map((each) => each.address)),
  )
  for (const subnet of subnets) {
    const free = freeAddresses(subnet, taken)
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

function wantsAddress(member: SegmentMember, family: Family, written: WrittenAddresses, plan: AddressPlan): boolean {
  const own = written.get(endKey(member.node, member.interface))
  return own?.length !== 0 && plan.first(member.node, member.interface, family) === undefined
}

/** /31 and /127 between two; a /24, or as much larger as needed, and a /64 on a LAN. */
function fromPool(segment: Segment, family: Family, pools: Pools): Prefix[] {
  const take = (): Prefix | null => {
    if (!segment.isLan) return pools.of(family, 'links').take(bitsOf(family) - 1)
    const lans = pools.of(family, 'lans')
    if (family === 6) return lans.take(64)
    const length = 32 - Math.ceil(Math.log2(segment.members.length + 2))
    return length >= 24 ? lans.take(24) : lans.takeFromEnd(length)
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

/** Every router has a loopback address of each family, so that it can be named whatever link is down. */
function assignLoopbacks(topology: Topology, pools: Pools, written: WrittenAddresses, plan: AddressPlan): void {
  for (const [node, { kind }] of topology.nodes) {
    if (kind !== 'router' || written.get(endKey(node, 'lo'))?.length === 0) continue
    for (const family of topology.families) {
      if (plan.first(node, 'lo', family)) continue
      const prefix = pools.of(family, 'loopbacks').take(bitsOf(family))
      if (prefix) plan.add(node, 'lo', prefix)
    }
  }
}
