// What is added and changed in each node, in the stages of the plan that makes the whole lab. Pure.
import type { ConfigOp, DeviceOp, LinkUp, NeighbourAdd, Replacement } from '../op.js'
import type { InterfacePlan, NodePlan, Plan } from '../plan.js'
import type { ChangeContext } from './context.js'
import type { DeviceChange } from './device-changes.js'
import { type FactOp, type Facts, keyOf, type Place, placeKey, singlesOf } from './facts/fact.js'
import { isSame } from './facts/same.js'

interface NodePlansInput {
  context: ChangeContext
  changes: readonly DeviceChange[]
  /** Names of the nodes that are made whole. */
  fresh: ReadonlySet<string>
  /** By node: interfaces that need not run, beside those of the plan. */
  withoutCarrier: (node: string) => string[]
}

/** The plans of nodes that are made, changed, or have an end of a new link. */
export function nodePlans(whole: Plan, { context, changes, fresh, withoutCarrier }: NodePlansInput): NodePlan[] {
  const delta = new Delta(context, changes)
  const peers = new Set<string>()
  const plans = whole.nodes.map((plan) => {
    const own = fresh.has(plan.node) ? plan : delta.planOf(plan, withoutCarrier(plan.node))
    for (const op of own.devices) if (op.op === 'veth.add') peers.add(op.peer.node)
    return own
  })
  return plans.filter((plan) => fresh.has(plan.node) || peers.has(plan.node) || !isEmpty(plan))
}

const isEmpty = ({ remove, devices, interfaces, whole, running }: NodePlan): boolean =>
  [remove, devices, interfaces, whole, running].every(({ length }) => length === 0)

class Delta {
  private readonly rest: ReadonlyMap<string, DeviceChange>
  private readonly kernel: ChangeContext['removing']['kernel']
  private readonly vlans: ReadonlyMap<string, VlanFact[]>
  /** Interfaces of the target by node. */
  private readonly interfaces: ReadonlyMap<string, { name: string; index: number }[]>

  constructor(
    private readonly context: ChangeContext,
    changes: readonly DeviceChange[],
  ) {
    this.kernel = context.removing.kernel
    this.vlans = vlansByNode(context.wanted)
    this.interfaces = new Map(context.target.nodes.map(({ name, interfaces }) => [name, interfaces]))
    this.rest = new Map(changes.flatMap((each) => (each.rest ? [[placeKey(each), each] as const] : [])))
  }

  planOf(plan: NodePlan, withoutCarrier: string[]): NodePlan {
    const { node, add, devices, interfaces, whole, running } = plan
    if (add?.network !== undefined)
      return {
        ...{ node, add: null, remove: this.context.removing.of(node), devices: [], interfaces: [], whole: [] },
        running: [],
      }
    // A device that others stand on is changed where it is made, the others before anything is added.
    const later = new Set(whole.flatMap((op) => (op.op === 'link.add' || op.op === 'bridge.add' ? [placeKey(op)] : [])))
    const own: NodePlan = {
      ...{ node, add: null, remove: this.context.removing.of(node) },
      devices: devices.filter((op) => !this.kernel.get(keyOf(op))),
      interfaces: this.interfacesOf(node, interfaces, later),
      whole: [...this.convert(whole), ...this.vlansOf(node)],
      running: this.convert(running),
    }
    return withoutCarrier.length === 0 || isEmpty(own) ? own : { ...own, withoutCarrier }
  }

  private interfacesOf(node: string, plans: readonly InterfacePlan[], later: ReadonlySet<string>): InterfacePlan[] {
    // The wire's node is in no topology.
    const names = this.interfaces.get(node) ?? plans.map(({ interface: name }) => ({ name, index: 0 }))
    const configs = new Map(plans.map(({ interface: name, config }) => [name, config]))
    return names.flatMap(({ name, index }): InterfacePlan[] => {
      const rest = later.has(placeKey({ node, index })) ? undefined : this.rest.get(placeKey({ node, index }))?.rest
      const config = [...(rest ? [rest] : []), ...this.convert(configs.get(name) ?? [])]
      return config.length === 0 ? [] : [{ interface: name, config }]
    })
  }

  /** What is missing, and what differs. */
  private convert(ops: readonly ConfigOp[]): ConfigOp[] {
    return ops.flatMap((op): ConfigOp[] => {
      switch (op.op) {
        case 'neighbours.add':
          return this.neighbours(op)
        case 'remove':
          return [op]
        case 'replace':
          return this.isJoined(op.to) ? [op] : []
        case 'qdisc.add':
        case 'class.add':
        case 'filter.add':
          // Of links that stay, changes of emulations have these.
          return this.isThere(op) ? [] : [op]
        case 'bridge-vlan.add':
        case 'bridge-vlan.delete':
          // A port that stays has its VLANs compared as a whole.
          return this.hasVlans(op) ? [] : [op]
        case 'link.up':
          return this.linkUp(op)
        case 'bridge.add':
        case 'link.add': {
          if (!this.kernel.get(keyOf(op))) return [op]
          const rest = this.rest.get(placeKey(op))?.rest
          return rest ? [rest] : []
        }
        default:
          return this.single(op)
      }
    })
  }

  private single(op: Exclude<FactOp, DeviceOp | NeighbourAdd>): ConfigOp[] {
    const now = this.kernel.get(keyOf(op))
    if (now === undefined) return [op]
    if (isSame(now, op)) return []
    // A parameter has its old value under its new name.
    const from = op.op === 'sysctl.set' && now.op === 'sysctl.set' ? { ...op, value: now.value } : now
    return [{ op: 'replace', node: op.node, from, to: op }]
  }

  private linkUp(op: LinkUp): ConfigOp[] {
    return this.kernel.get(keyOf(op)) || this.isOldWire(op) ? [] : [op]
  }

  private isOldWire({ node, index }: Place): boolean {
    return node.startsWith('@') && this.kernel.at({ node, index }).length > 0
  }

  private neighbours(op: Extract<ConfigOp, { op: 'neighbours.add' }>): ConfigOp[] {
    const missing: { address: string; mac: string }[] = []
    const changed: ConfigOp[] = []
    for (const to of singlesOf(op) as NeighbourAdd[]) {
      const from = this.kernel.get(keyOf(to))
      if (from === undefined) missing.push({ address: to.address, mac: to.mac })
      else if (!isSame(from, to)) changed.push({ op: 'replace', node: op.node, from, to })
    }
    return [...changed, ...(missing.length === 0 ? [] : [{ ...op, entries: missing }])]
  }

  /** Whether a bridge is new, or gets a port. */
  private isJoined(bridge: Replacement['to']): boolean {
    if (bridge.op !== 'bridge.add' || !this.kernel.get(keyOf(bridge))) return true
    const { node, index } = bridge
    return [...this.context.wanted.values()].some(
      ({ key, op }) =>
        op.op === 'link.enslave' && op.node === node && op.master.index === index && !this.kernel.get(key),
    )
  }

  private isThere(place: Place): boolean {
    return this.kernel.at(place).some(({ op }) => op.op === 'veth.add')
  }

  /** A port that stays in its bridge, or the bridge itself. */
  private hasVlans({ node, index, self }: Place & { self: boolean }): boolean {
    const key = placeKey({ node, index })
    return self ? this.kernel.facts.has(`device ${key}`) : this.kernel.facts.has(`master ${key}`)
  }

  private vlansOf(node: string): ConfigOp[] {
    return (this.vlans.get(node) ?? []).flatMap((op) => (this.hasVlans(op) ? this.single(op) : []))
  }
}

type VlanFact = Extract<FactOp, { op: 'bridge-vlan.add' | 'bridge-vlan.delete' }>

function vlansByNode(wanted: Facts): Map<string, VlanFact[]> {
  const byNode = new Map<string, VlanFact[]>()
  for (const { op } of wanted.values()) {
    if (op.op === 'bridge-vlan.add') byNode.set(op.node, [...(byNode.get(op.node) ?? []), op])
  }
  return byNode
}
