// What the kernel drops of its own accord when something is removed. Pure.
import { isDevice } from '../../device-op.js'
import type { AddressAdd, LinkAdd } from '../../op.js'
import { endsOf, type Fact, type FactOp, type Facts, type Place, placeKey, placesOf } from './fact.js'
import { hostOf, subnetOf } from './subnet.js'

/** Devices that go with the one that they stand on (the dellink functions of their drivers). */
const STACKED: readonly string[] = ['vlan', 'macvlan', 'ipvlan', 'vxlan']

/** Looks up facts by where they are, so that a lab of a thousand nodes is not searched for each removal. */
export class FactIndex {
  /** null until the first question: most changes ask of few facts, or of none. */
  private sets: { byPlace: Map<string, Set<Fact>>; byNode: Map<string, Set<Fact>> } | null = null

  constructor(readonly facts: Facts) {}

  get(key: string): FactOp | undefined {
    return this.facts.get(key)?.op
  }

  at(place: Place): Fact[] {
    return [...(this.index().byPlace.get(placeKey(place)) ?? [])]
  }

  in(node: string): Fact[] {
    return [...(this.index().byNode.get(node) ?? [])]
  }

  delete(fact: Fact): void {
    this.facts.delete(fact.key)
    if (!this.sets) return
    for (const place of placesOf(fact.op)) this.sets.byPlace.get(placeKey(place))?.delete(fact)
    this.sets.byNode.get(fact.op.node)?.delete(fact)
  }

  private index(): NonNullable<FactIndex['sets']> {
    if (this.sets) return this.sets
    const [byPlace, byNode] = [new Map<string, Set<Fact>>(), new Map<string, Set<Fact>>()]
    for (const fact of this.facts.values()) {
      for (const place of placesOf(fact.op)) addTo(byPlace, placeKey(place), fact)
      addTo(byNode, fact.op.node, fact)
    }
    this.sets = { byPlace, byNode }
    return this.sets
  }
}

function addTo(sets: Map<string, Set<Fact>>, key: string, fact: Fact): void {
  const set = sets.get(key)
  if (set) set.add(fact)
  else sets.set(key, new Set([fact]))
}

/** The facts that go with one, directly: what goes with those is not in the list. */
export function dropsOf(op: FactOp, index: FactIndex): Fact[] {
  switch (op.op) {
    case 'veth.add':
      return endsOf(op).flatMap((end) => dropsOfDevice(end, index))
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'device.move':
      return dropsOfDevice(op, index)
    case 'link.up':
      return dropsOfDown(op, index)
    case 'link.enslave':
      return index.at(op).filter(({ op: { op: kind } }) => kind === 'bridge-port.set' || kind === 'bridge-vlan.add')
    case 'address.add':
      return dropsOfAddress(op, index)
    case 'nexthop.add':
      return index.in(op.node).filter(({ op: other }) => usesNexthop(other, op.nexthop.id))
    default:
      return []
  }
}

function dropsOfDevice(place: Place, index: FactIndex): Fact[] {
  const own = index.at(place).filter(({ op }) => !isDeviceAt(op, place))
  const stacked = index.in(place.node).filter(({ op }) => op.op === 'link.add' && standsOn(op, place.index))
  // The last one first, so that the inverses make them in an order in which they can be made.
  return [...stacked, ...own.toReversed()]
}

const isDeviceAt = (op: FactOp, { node, index }: Place): boolean =>
  isDevice(op) && placesOf(op).some((place) => place.node === node && place.index === index)

const standsOn = ({ settings, indexes }: LinkAdd, index: number): boolean =>
  STACKED.includes(settings.kind) && Object.values(indexes).includes(index)

function dropsOfDown({ node, index: at }: Place, index: FactIndex): Fact[] {
  const own = index.at({ node, index: at }).filter(({ op }) => {
    if (op.op === 'neighbour.add') return true
    if (op.op === 'nexthop.add') return true
    return op.op === 'route.add' && op.nextHops.every((hop) => hop.index === at || isDown(node, hop.index, index))
  })
  const vlans = index.in(node).flatMap(({ op }) => {
    if (op.op !== 'link.add' || op.settings.kind !== 'vlan' || !standsOn(op, at)) return []
    return index.facts.get(`up ${placeKey(op)}`) ?? []
  })
  return [...vlans, ...own, ...farNexthops({ node, index: at }, index)]
}

const isDown = (node: string, at: number, index: FactIndex): boolean =>
  !index.facts.has(`up ${placeKey({ node, index: at })}`)

/** The other end of a veth pair loses its carrier, and with it the next-hop objects that send by it (nexthop_flush_dev). */
function farNexthops(place: Place, index: FactIndex): Fact[] {
  const pair = index.at(place).find(({ op }) => op.op === 'veth.add')?.op
  if (pair?.op !== 'veth.add') return []
  const [a, b] = endsOf(pair)
  const far = placeKey(a) === placeKey(place) ? b : a
  return index.at(far).filter(({ op }) => op.op === 'nexthop.add')
}

/** Secondary addresses of the subnet, routes with the address as their source, and all of IPv4 with the last address. */
function dropsOfAddress({ node, index: at, family, address }: AddressAdd, index: FactIndex): Fact[] {
  const place = { node, index: at }
  const sources = index.in(node).filter(({ op }) => op.op === 'route.add' && op.source === hostOf(address))
  if (family === 6) return sources
  const others = index.at(place).flatMap(({ op }) => (op.op === 'address.add' && op.family === 4 ? [op] : []))
  const subnet = others.filter((other) => subnetOf(other.address) === subnetOf(address))
  const isPrimary = subnet[0]?.address === address
  const secondaries = isPrimary
    ? subnet.slice(1).flatMap((other) => index.facts.get(`address ${placeKey(place)} ${other.address}`) ?? [])
    : []
  const isLast = others.length - 1 - secondaries.length <= 0
  const ofIpv4 = isLast ? index.at(place).filter(({ op }) => isIpv4(op)) : []
  return [...new Set([...sources, ...ofIpv4, ...secondaries])]
}

function isIpv4(op: FactOp): boolean {
  if (op.op === 'neighbour.add') return !op.address.includes(':')
  if (op.op === 'nexthop.add') return op.nexthop.family === 4
  return op.op === 'route.add' && op.family === 4
}

function usesNexthop(op: FactOp, id: number): boolean {
  if (op.op === 'route.add') return op.nexthopId === id
  return op.op === 'nexthop.add' && 'group' in op.nexthop && op.nexthop.group.some((member) => member.id === id)
}
