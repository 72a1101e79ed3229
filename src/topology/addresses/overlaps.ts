// Subnets within one node: one of an interface that is made in it must not be another's as well, or what is sent to one
// leaves by the other. One within another is fine, since the longer prefix wins. Between nodes they may be alike, as
// those of an overlay network's ends are.

import { TRAITS } from '../../model/interface-kinds.js'
import type { Faults } from '../source/faults.js'
import { bitsOf, isLinkLocal } from '../values/prefix.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { Segment } from '../wiring/segments.js'
import { endKey, overlapping, type Written, type WrittenAddresses } from './written-addresses.js'

interface Place extends Written {
  interface: string
  /** The same for interfaces that are on one network. */
  wire: string
  isLink: boolean
}

const SEGMENT = 'segment '
const segmentWire = (index: number): string => `${SEGMENT}${index}`

/** @param subnets of each segment, what is written or follows from it */
export function refuseOverlapsWithin(
  segments: readonly Segment[],
  subnets: readonly (readonly Written[])[],
  stacks: Stacks,
  written: WrittenAddresses,
  faults: Faults,
): void {
  const domains = new RoutingDomains(stacks)
  segments.forEach(({ members }, index) => {
    for (const { node, interface: name } of members) {
      if (written.get(endKey(node, name))?.length === 0) continue
      domains.add(node, name, segmentWire(index), subnets[index] ?? [])
    }
  })
  for (const [node, { devices }] of stacks) {
    for (const name of devices.keys()) domains.add(node, name, name, written.get(endKey(node, name)) ?? [])
  }
  for (const { node, places } of domains.byName.values()) {
    for (const [first, second] of overlapping(places)) {
      if (first.wire === second.wire || isToldElsewhere(first, second)) continue
      const network = second.prefix.networkText
      if (network !== first.prefix.networkText) continue
      faults.add(second.path, `${network} is the subnet of ${node}:${first.interface} already`)
    }
  }
}

/** Of links, that their subnets overlap is; and of two interfaces, that they have one address. */
const isToldElsewhere = (a: Place, b: Place): boolean =>
  (a.isLink && b.isLink) || (a.prefix.family === b.prefix.family && a.prefix.address === b.prefix.address)

/** What has a routing table of its own: a node, and each of its VRFs. */
class RoutingDomains {
  readonly byName = new Map<string, { node: string; places: Place[] }>()
  private readonly wires = new Map<string, string>()

  constructor(private readonly stacks: Stacks) {}

  /** @param wire where the interface does not have it from one that it stands on, or from before */
  add(node: string, name: string, wire: string, written: readonly Written[]): void {
    const stack = this.stacks.get(node)
    if (!stack) return
    const key = endKey(node, name)
    const device = stack.devices.get(name)
    const below = device && 'parent' in device && TRAITS[device.kind].parent.sharesNetwork ? device.parent : name
    const own = this.wires.get(endKey(node, below)) ?? (below === name ? wire : below)
    this.wires.set(key, own)
    const master = stack.masters.get(name)
    const vrf = master && TRAITS[master.kind].members === 'routed' ? master.name : ''
    const domainName = endKey(node, vrf)
    const domain = this.byName.get(domainName) ?? { node, places: [] }
    this.byName.set(domainName, domain)
    for (const { prefix, path } of written) {
      if (prefix.length === bitsOf(prefix.family) || isLinkLocal(prefix.family, prefix.address)) continue
      domain.places.push({ prefix, path, interface: name, wire: own, isLink: own.startsWith(SEGMENT) })
    }
  }
}
