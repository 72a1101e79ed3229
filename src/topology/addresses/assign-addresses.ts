// Gives every interface its addresses. Written addresses stay as they are. Missing ones are taken from the subnets of the
// segment, and missing subnets from a pool.

import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { bitsOf } from '../values/prefix.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { Segment } from '../wiring/segments.js'
import { isApart } from './address-owners.js'
import { ComputedAddresses } from './computed-addresses.js'
import type { Families } from './families.js'
import { InterfaceAddresses } from './interface-addresses.js'
import { refuseOverlaps, refuseOverlapsWithin } from './overlaps.js'
import { Pools } from './pools.js'
import { readAddresses, subnetsOf, type WrittenAddresses, type WrittenPrefix } from './written-addresses.js'

export function assignAddresses(
  topology: Topology,
  segments: readonly Segment[],
  stacks: Stacks,
  families: Families,
  faults: Faults,
): InterfaceAddresses {
  const { written, anycast } = readAddresses(topology, segments, stacks, families, faults)
  const subnets = segments.map((segment) => subnetsOf(topology, segment, written, faults))
  const networks = [...subnets.flat(), ...outsideSubnets(written, subnets.flat()), ...eachOnce(anycast)]
  const isApartAt = segments.map((segment) => isApart(topology, segment))
  const apart = new Set(subnets.flatMap((list, index) => (isApartAt[index] ? list : [])))
  if (topology.routing === 'auto')
    refuseOverlaps(
      topology,
      networks.filter((each) => !apart.has(each)),
      faults,
    )
  if (topology.routing === 'auto') refuseOverlapsWithin(segments, subnets, isApartAt, stacks, written, faults)
  topology.links.forEach(({ unnumbered, subnets: own }, index) => {
    if (unnumbered && own.length > 0) faults.add(['links', index, 'subnets'], 'an unnumbered link has no subnets')
  })
  const pools = new Pools(
    topology.pools,
    [...networks, ...ofDevices(stacks, written)].map(({ prefix }) => prefix),
  )
  const addresses = new InterfaceAddresses()
  const add = (lists: WrittenAddresses) => {
    for (const [key, list] of lists) {
      const [node = '', name = ''] = key.split(':')
      for (const { prefix } of list) addresses.add(node, name, prefix)
    }
  }
  add(written)
  const taken = [...written.values(), ...anycast.values()].flat()
  const computed = new ComputedAddresses({
    ...{ topology, segments, subnets, pools, written, taken, addresses, families, faults },
  })
  for (const family of topology.families) computed.assign(family)
  // After the others, since a name resolves to the first address.
  add(anycast)
  pools.check(faults)
  return addresses
}

/** Each address that several nodes have. */
const eachOnce = (anycast: WrittenAddresses): WrittenPrefix[] => [
  ...new Map([...anycast.values()].flat().map((each) => [each.prefix.networkText, each])).values(),
]

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
