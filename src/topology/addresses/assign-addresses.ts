// Every interface's addresses: what is written stands; what is not is taken from the segment's subnets, and those from
// a pool.

import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { bitsOf } from '../values/prefix.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { Segment } from '../wiring/segments.js'
import { ComputedAddresses } from './computed-addresses.js'
import { AddressPlan } from './interface-addresses.js'
import { refuseOverlapsWithin } from './overlaps.js'
import { Pools } from './pools.js'
import {
  endKey,
  readAddresses,
  refuseOverlaps,
  subnetsOf,
  type Written,
  type WrittenAddresses,
} from './written-addresses.js'

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
  refuseOverlapsWithin(segments, subnets, stacks, written, faults)
  const pools = new Pools(
    topology.pools,
    [...places, ...ofDevices(stacks, written)].map(({ prefix }) => prefix),
  )
  const plan = new AddressPlan()
  for (const [key, list] of written) {
    const [node = '', name = ''] = key.split(':')
    for (const { prefix } of list) plan.add(node, name, prefix)
  }
  const computed = new ComputedAddresses({ topology, segments, subnets, pools, written, plan, faults })
  for (const family of topology.families) computed.assign(family)
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
