// The nodes of a lab that have what the topology says, and nothing else: most of them, in most changes. They are found without making
// a fact of each thing that they have. Pure.
import type { ResolvedNode, ResolvedTopology } from '../../../model/resolved.js'
import type { VethAdd } from '../../op.js'
import type { NodePlan, Plan } from '../../plan.js'
import type { Written } from '../device-changes.js'
import type { ObservedNode } from '../observed.js'
import { hasDevices, type PlannedEnd } from './same-devices.js'
import { hasEntries } from './same-entries.js'

export interface SettledInput {
  whole: Plan
  target: ResolvedTopology
  /** The topologies that were applied. */
  known: readonly ResolvedTopology[]
  /** Without the network of nodes that are in another one's. */
  observed: readonly ObservedNode[]
  /** Names of nodes that are made, restarted, or end. */
  changing: ReadonlySet<string>
  before: Written
}

/** Names of the nodes in which something can change: those that differ, and those with a link to one of them. */
export function activeNodes({ whole, target, known, observed, changing, before }: SettledInput): Set<string> {
  const running = new Map(observed.map((node) => [node.name, node]))
  const own = new Set(changing)
  for (const { name } of observed) own.add(name)
  const ends = endsByNode(whole)
  const special = new Set([target, ...known].flatMap(({ nodes }) => nodes.filter(isSpecial).map(({ name }) => name)))
  for (const plan of whole.nodes) {
    const now = running.get(plan.node)
    if (!now || changing.has(plan.node) || special.has(plan.node)) own.add(plan.node)
    else if (isSettled(plan, now, ends.get(plan.node) ?? [], before)) own.delete(plan.node)
  }
  return withNeighbours(own, target, observed)
}

/** What is compared only as facts: settings of ports, VLANs, and what a node has in the network of another one. */
const isSpecial = ({ network, interfaces }: ResolvedNode): boolean =>
  network !== undefined ||
  interfaces.some(({ ports = [], vlans = [], kind }) => ports.length + vlans.length > 0 || kind === 'wireguard')

const isSettled = (plan: NodePlan, now: ObservedNode, ends: readonly PlannedEnd[], before: Written): boolean =>
  hasSysctls(plan, now) && hasDevices(plan, now, ends, before) && hasEntries(plan, now)

const NAMES: readonly string[] = ['kernel.hostname', 'kernel.domainname']

function hasSysctls({ add }: NodePlan, { sysctls }: ObservedNode): boolean {
  const wanted = add?.sysctls ?? {}
  for (const key in wanted) if (sysctls[key] !== wanted[key]) return false
  for (const key in sysctls) if (!(key in wanted) && !NAMES.includes(key)) return false
  return true
}

function endsByNode({ nodes }: Plan): Map<string, PlannedEnd[]> {
  const byNode = new Map<string, PlannedEnd[]>()
  const put = (own: VethAdd['peer'], peer: VethAdd['peer']): void => {
    const ends = byNode.get(own.node)
    if (ends) ends.push({ own, peer })
    else byNode.set(own.node, [{ own, peer }])
  }
  for (const { devices } of nodes) {
    for (const op of devices) {
      if (op.op !== 'veth.add') continue
      put(op, op.peer)
      put(op.peer, op)
    }
  }
  return byNode
}

/** What is done at one end of a link can change the other end. */
function withNeighbours(
  own: ReadonlySet<string>,
  { links }: ResolvedTopology,
  observed: readonly ObservedNode[],
): Set<string> {
  const all = new Set(own)
  if (own.size === 0) return all
  for (const { endpoints } of links) {
    const [a, b] = endpoints.map(({ node }) => node) as [string, string]
    if (own.has(a)) all.add(b)
    if (own.has(b)) all.add(a)
  }
  for (const { name, interfaces } of observed) {
    for (const { peer } of interfaces) {
      if (peer === null) continue
      if (own.has(name)) all.add(peer.node)
      if (own.has(peer.node)) all.add(name)
    }
  }
  return all
}
