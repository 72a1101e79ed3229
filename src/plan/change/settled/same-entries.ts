// Whether a node has the addresses, routes, next hops, rules and entries of its plan, and no others. Pure.
import type { AddressAdd, ConfigOp, NeighboursAdd, NexthopAdd, RouteAdd } from '../../op.js'
import type { NodePlan } from '../../plan.js'
import { keyOf } from '../facts/fact.js'
import { isDefault } from '../facts/kernel-facts.js'
import { isSame } from '../facts/same.js'
import type { ObservedEntry, ObservedNode } from '../observed.js'

const NO_PORTS: ReadonlySet<string> = new Set()

export function hasEntries(plan: NodePlan, now: ObservedNode): boolean {
  const entries = new Entries(now)
  const has = (op: ConfigOp): boolean => entries.has(op)
  return (
    entries.isPlain &&
    plan.interfaces.every(({ config }) => config.every(has)) &&
    plan.whole.every(has) &&
    plan.running.every(has) &&
    entries.isAll
  )
}

/** What a node has, looked up without making a text for each entry. */
class Entries {
  /** Whether all entries are of kinds that are compared here. */
  isPlain = true
  private left = 0
  private readonly addresses = new Map<string, { index: number; place: number }>()
  /** The place of the last address that was found, by ifindex and family: the kernel has them in the order of the plan. */
  private readonly places = new Map<number, number>()
  private readonly routes = new Map<string, RouteAdd | RouteAdd[]>()
  private readonly neighbours = new Map<number, Map<string, string>>()
  private readonly nexthops = new Map<number, NexthopAdd>()
  private readonly others = new Set<string>()

  constructor(node: ObservedNode) {
    for (const entry of node.entries) this.put(node, entry)
  }

  get isAll(): boolean {
    return this.left === 0
  }

  /** Whether the entry is there; each is asked for once. */
  has(op: ConfigOp): boolean {
    switch (op.op) {
      case 'address.add':
        return this.hasAddress(op)
      case 'route.add':
        return this.found(this.routeLike(op), (now) => isSame(now, op))
      case 'nexthop.add':
        return this.found(this.nexthops.get(op.nexthop.id), (now) => isSame(now, op))
      case 'neighbours.add':
        return this.hasNeighbours(op)
      case 'rule.add':
      case 'flood.add':
        return this.found(this.others.has(keyOf(op)) || undefined, () => true)
      case 'bridge-vlan.add':
      case 'bridge-vlan.delete':
      case 'bridge-port.set':
      case 'wireguard.set':
      case 'remove':
        return false
      // They are compared with the devices, or with the emulations of links.
      default:
        return true
    }
  }

  private found<T>(now: T | undefined, isIt: (now: T) => boolean): boolean {
    this.left--
    return now !== undefined && isIt(now)
  }

  private put(node: ObservedNode, entry: ObservedEntry): void {
    switch (entry.op) {
      case 'bridge-port.set':
        return
      case 'bridge-vlan.add':
      case 'bridge-vlan.delete':
        this.isPlain &&= isDefault(node, entry, NO_PORTS)
        return
      case 'flood.add':
        if (isDefault(node, entry, NO_PORTS)) return
        this.others.add(keyOf(entry))
        break
      case 'rule.add':
        this.others.add(keyOf(entry))
        break
      case 'address.add':
        this.isPlain &&= entry.disconnected === undefined
        this.addresses.set(entry.address, { index: entry.index, place: this.left })
        break
      case 'nexthop.add':
        this.nexthops.set(entry.nexthop.id, entry)
        break
      case 'neighbour.add': {
        const own = this.neighbours.get(entry.index) ?? new Map<string, string>()
        this.neighbours.set(entry.index, own)
        own.set(entry.address, entry.mac)
        break
      }
      case 'route.add': {
        const own = this.routes.get(entry.destination)
        this.routes.set(entry.destination, own === undefined ? entry : [own, entry].flat())
        break
      }
    }
    this.left++
  }

  private hasAddress({ index, family, address }: AddressAdd): boolean {
    const now = this.addresses.get(address)
    this.left--
    if (now?.index !== index) return false
    const group = index * 10 + family
    const isInOrder = now.place >= (this.places.get(group) ?? 0)
    this.places.set(group, now.place)
    return isInOrder
  }

  private hasNeighbours({ index, entries }: NeighboursAdd): boolean {
    const own = this.neighbours.get(index)
    this.left -= entries.length
    return entries.every(({ address, mac }) => own?.get(address) === mac)
  }

  private routeLike(op: RouteAdd): RouteAdd | undefined {
    const now = this.routes.get(op.destination)
    if (now === undefined || Array.isArray(now)) {
      const key = keyOf(op)
      return now?.find((each) => keyOf(each) === key)
    }
    const isLike = now.table === op.table && now.metric === op.metric
    return isLike || keyOf(now) === keyOf(op) ? now : undefined
  }
}
