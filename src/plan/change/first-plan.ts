// What is carried out first: what makes room, what is new and what is changed. Pure.
import { WIRE_NODE } from '../emulation/links.js'
import type { NodePlan, Plan, WirePlan } from '../plan.js'
import { wireNode } from '../veths.js'
import type { ChangeContext } from './context.js'
import type { DeviceChange } from './device-changes.js'
import { nodePlans } from './node-plans.js'
import type { ObservedNode } from './observed.js'
import { changedStarts } from './starts.js'

interface FirstInput {
  context: ChangeContext
  changes: readonly DeviceChange[]
  fresh: ReadonlySet<string>
  /** Names of the nodes in which something can change. */
  active: ReadonlySet<string>
  /** The same nodes as they are. */
  observed: readonly ObservedNode[]
}

export function firstPlan(whole: Plan, { context, changes, fresh, active, observed }: FirstInput): Plan {
  const wire = newWireLinks(whole.wire, context, active)
  const nodes = { ...whole, nodes: whole.nodes.filter(({ node }) => node !== WIRE_NODE) }
  const quiet = quietInterfaces(context, observed)
  const plans = nodePlans(nodes, { context, changes, fresh, withoutCarrier: (node) => quiet.get(node) ?? [] })
  return {
    nodes: [...plans, ...leavingPlans(context, observed), ...(wire === null ? [] : [wireNode(wire)])],
    start: changedStarts(whole.start, context),
    wire,
    commands: [],
  }
}

/** Nodes that end later, and lose something at once: were it not undone, a rollback would leave them without it. */
function leavingPlans({ target, removing }: ChangeContext, observed: readonly ObservedNode[]): NodePlan[] {
  const names = new Set(target.nodes.map(({ name }) => name))
  return observed.flatMap(({ name: node, interfaces }): NodePlan[] => {
    const remove = names.has(node) ? [] : removing.of(node)
    if (remove.length === 0) return []
    const nothing = { add: null, devices: [], interfaces: [], whole: [], running: [] }
    return [{ node, ...nothing, remove, withoutCarrier: interfaces.map(({ name }) => name) }]
  })
}

/** The links that the wire does not carry yet. */
function newWireLinks(
  wire: WirePlan | null,
  { removing }: ChangeContext,
  active: ReadonlySet<string>,
): WirePlan | null {
  const links = (wire?.links ?? []).filter(
    ({ indexes, ends }) =>
      ends.some((end) => active.has(end.slice(0, end.indexOf(':')))) &&
      indexes.every((index) => removing.kernel.at({ node: WIRE_NODE, index }).length === 0),
  )
  return links.length === 0 ? null : { links }
}

/** By node: interfaces that need not run, since nothing is at their other end, or since they are no topology's. */
function quietInterfaces({ target, ours }: ChangeContext, observed: readonly ObservedNode[]): Map<string, string[]> {
  const names = new Map(
    target.nodes.map(({ name, interfaces }) => [
      name,
      interfaces.filter(({ carrier }) => carrier === false).map((i) => i.name),
    ]),
  )
  for (const { name: node, interfaces } of observed) {
    const foreign = interfaces.filter(({ index }) => !ours.hasInterface({ node, index })).map(({ name }) => name)
    if (foreign.length > 0) names.set(node, [...(names.get(node) ?? []), ...foreign])
  }
  for (const { name, network } of target.nodes) {
    if (network !== undefined) names.set(name, names.get(network) ?? [])
  }
  return names
}
