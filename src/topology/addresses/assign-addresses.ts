// Gives every interface its addresses. Written addresses stay as they are. Missing ones are taken from the subnets of the
// segment, and missing subnets from a pool.

import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { bitsOf } from '../values/prefix.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { Segment } from '../wiring/segments.js'
import { ComputedAddresses } from './computed-addresses.js'
import { InterfaceAddresses } from './interface-addresses.js'
import { refuseOverlaps, refuseOverlapsWithin } from './overlaps.js'
import { Pools } from './pools.js'
import { readAddresses, subnetsOf, type WrittenAddresses, type WrittenPrefix } from './written-addresses.js'

export function assignAddresses(
  topology: Topology,
  segments: readonly Segment[],
  stacks: Stacks,
  faults: Faults,
): InterfaceAddresses {
  const written = readAddresses(topology, segments, stacks, faults)
  const subnets = segments.map((segment) => subnetsOf(topology, segment, written, faults))
  const networks = [...subnets.flat(), ...outsideSubnets(written, subnets.flat())]
  refuseOverlaps(networks, faults)
  refuseOverlapsWithin(segments, subnets, stacks, written, faults)
  const pools = new Pools(
    topology.pools,
    [...networks, ...ofDevices(stacks, written)].map(({ prefix }) => prefix),
  )
  const addresses = new InterfaceAddresses()
  for (const [key, list] of written) {
    const [node = '', name = ''] = key.split(':')
    for (const { prefix } of list) addresses.add(node, name, prefix)
  }
  const computed = new ComputedAddresses({ topology, segments, subnets, pools, written, addresses, faults })
  for (const family of topology.families) computed.assign(family)
  pools.check(faults)
  return addresses
}

/** Written addresses of the interfaces under `interfaces`. Those of a tunnel are in a subnet that is no segment's. */
const ofDevices = (stacks: Stacks, written: WrittenAddresses): WrittenPrefix[] =>
  [...stacks].flatMap(([node, { devices }]) =>
    [...devices.keys()].flatMap((name) => written.get(interfaceKey(node, name)) ?? []),
  )

/** Written addresses that are in no subnet of a segment: loopbacks, and addresses of full length on interfaces. */
function outsideSubnets(written: WrittenAddresses, subnets: readonly WrittenPrefix[]): WrittenPrefix[] {
  const paths = new Set(subnets.map(({ path }) => path))
  return [...written].flatMap(([key, list]) =>
    list.filter(
      ({ prefix, path }) => !paths.has(path) && (key.endsWith(':lo') || prefix.length === bitsOf(prefix.family)),
    ),
  )
}
