// From a topology and what the kernel has to the operations that make the kernel equal to it. Pure.
import type { Difference } from '../../model/change/lab-change.js'
import type { ResolvedNode, ResolvedTopology } from '../../model/resolved.js'
import { planWith } from '../build.js'
import { FIRST_WIRE_INDEX, WIRE_NODE } from '../emulation/links.js'
import type { CommandRun } from '../op.js'
import type { Plan } from '../plan.js'
import type { ChangeInput } from './change-input.js'
import type { ChangePlan } from './change-plan.js'
import { type ChangeContext, Ours } from './context.js'
import type { Written } from './device-changes.js'
import { Differences } from './differ/differences.js'
import { emulatedPlaces, emulationDifference } from './differ/emulation-difference.js'
import { emulationsOf } from './emulations.js'
import { FactIndex } from './facts/drops.js'
import { type Facts, keyOf, placesOf } from './facts/fact.js'
import { kernelFacts } from './facts/kernel-facts.js'
import { planFacts } from './facts/plan-facts.js'
import { defaultVlans, withVlans } from './facts/vlans.js'
import { firstPlan } from './first-plan.js'
import { lastRemovals } from './last.js'
import { match } from './match/match.js'
import { Running } from './match/running.js'
import { changeSysctls, type SysctlChange } from './node-sysctls.js'
import { insideChanges } from './nodes/inside-changes.js'
import { type NodeChanges, nodeChanges } from './nodes/node-change.js'
import { insideDifferences, newCommands, nodeDifferences, stateDifferences } from './nodes/node-differences.js'
import { refuseImpossible } from './refuse.js'
import { makeRoom } from './room/make-room.js'
import { Removing } from './room/removing.js'
import { setSegments } from './segments.js'
import { activeNodes } from './settled/settled-nodes.js'
import { startDifferences } from './starts.js'
import { TopologyIndex } from './topology-index.js'

/**
 * What turns a running lab into a topology.
 *
 * @throws LabError USAGE for another lab's topology, for what cannot be done in a running lab, such as moving a network card, and for
 * names that interfaces of no topology have; FEATURE_MISSING as `buildPlan`
 */
export function changeTo(input: ChangeInput): ChangePlan {
  const { desired, applied, observed } = input
  const known = [applied, ...input.unfinished]
  const nodes = nodeChanges(desired, known, observed, input.restart)
  refuseImpossible(desired, known, nodes)
  const guests = guestsIn([desired, ...known])
  const networks = observed.map((node) => (guests.has(node.name) ? { ...node, interfaces: [], entries: [] } : node))
  const staying = networks.filter(({ name }) => !nodes.replaced.has(name))
  const indexes = known.map((of) => new TopologyIndex(of))
  const before: Written = (node, index) => {
    for (const each of indexes) {
      const found = each.interface(node, index)
      if (found) return found
    }
    return undefined
  }
  const running = new Running(staying, known)
  const found = match(desired, running, before, { index: lastIndexOf(input), link: lastLinkOf(input, known) })
  const { target, lastIndex } = found
  const emulations = emulationsOf(found, running, emulationByNumber(input), input.kinds)
  const all = planWith(target, emulations.form)
  if (emulations.changes.length > 0) setSegments(all, target, emulations.wanted)
  const changing = new Set([...nodes.added, ...nodes.removed, ...nodes.replaced, ...nodes.restarted])
  const active = activeNodes({ whole: all, target, known, observed: networks, changing, before })
  const whole = planOf(all, active)
  const vlans = new Map(known.toReversed().flatMap((of) => [...defaultVlans(of)]))
  const wanted = withVlans(planFacts(whole), target, vlans)
  // Of a network that a node shares, its owner's facts are read.
  const staysGuest = guestsIn([desired])
  for (const [key, { op }] of wanted) if (staysGuest.has(op.node) && op.op !== 'node-sysctl.set') wanted.delete(key)

  const isActive = ({ name }: { name: string }): boolean => active.has(name)
  const kernelNow = kernelFacts(networks, portsOf(target, vlans), active)
  const removing = new Removing(new FactIndex(kernelNow), vlans)
  forgetNodes(removing, nodes.replaced)
  const kernel: Facts = new Map(removing.kernel.facts)
  const ours = oursOf(indexes, target, active)
  const context: ChangeContext = { target, wanted, removing, ours, prune: input.prune, before, notes: new Map() }
  const changes = makeRoom(context)
  const sysctls = sysctlChanges(context, indexes, nodes, input, isActive)
  const fresh = new Set([...nodes.added, ...nodes.replaced])
  const first = firstPlan(whole, { context, changes, fresh, active, observed: networks.filter(isActive) })
  const last = lastRemovals(context, nodes.removed)
  const insides = insideChanges(target, indexes, nodes, observed)
  const emulated = emulatedPlaces(target, emulations.changes)
  const wholeNodes = new Set([...fresh, ...nodes.removed])
  const differences: Difference[] = [
    ...nodeDifferences(target.nodes, nodes),
    ...new Differences({ context, kernel, changes, wholeNodes, emulated }).all(),
    ...sysctls.map(sysctlDifference),
    ...startDifferences(first.start, context, fresh),
    ...emulations.changes.map((each) => emulationDifference(target, each)),
    ...insides.flatMap((inside) => [...insideDifferences(inside)]),
    ...target.nodes.flatMap((node) => {
      const old = indexes[0]?.nodes.get(node.name)
      return old && !fresh.has(node.name) ? [...stateDifferences(old, node)] : []
    }),
  ]
  return {
    change: {
      lab: target.name,
      equal: differences.every(({ kind }) => kind === 'foreign'),
      differences,
      restarts: nodes.restarts,
    },
    target,
    lastIndex,
    replacedNodes: [...nodes.replaced],
    restartedNodes: [...nodes.restarted],
    first,
    emulations: emulations.changes,
    insides,
    last,
    removedNodes: [...nodes.removed],
    commands: commandsOf(target, indexes[0], nodes),
  }
}

/** Nodes that are in the network of another node. */
const guestsIn = (topologies: readonly ResolvedTopology[]): Set<string> =>
  new Set(topologies.flatMap(({ nodes }) => nodes.flatMap(({ name, network }) => (network ? [name] : []))))

/** Bridge ports whose VLANs a topology has, or had. */
const portsOf = (target: ResolvedTopology, before: ReadonlyMap<string, unknown>): Set<string> =>
  new Set([...before.keys(), ...defaultVlans(target).keys()])

// Not Math.max(...): a lab may have more interfaces than a call may have arguments.
const lastIndexOf = ({ lastIndex, observed }: ChangeInput): number =>
  observed
    .flatMap(({ interfaces }) => interfaces)
    .reduce((last, { index }) => (index < FIRST_WIRE_INDEX ? Math.max(last, index) : last), lastIndex)

const lastLinkOf = ({ lastLink }: ChangeInput, known: readonly ResolvedTopology[]): number =>
  known
    .flatMap(({ links }) => links.map(({ number }, at) => number ?? at))
    .reduce((last, number) => Math.max(last, number), lastLink)

function emulationByNumber({ applied, emulations }: ChangeInput) {
  const byNumber = new Map(applied.links.map(({ number }, at) => [number ?? at, emulations[at] ?? null]))
  return (number: number) => byNumber.get(number) ?? null
}

/** What nodes had that end before anything else goes with them, and so do the links to them. */
function forgetNodes(removing: Removing, nodes: ReadonlySet<string>): void {
  if (nodes.size === 0) return
  for (const fact of [...removing.kernel.facts.values()]) {
    if (nodes.has(fact.op.node) || placesOf(fact.op).some(({ node }) => nodes.has(node))) removing.forget(fact)
  }
}

function oursOf(known: readonly TopologyIndex[], target: ResolvedTopology, active: ReadonlySet<string>): Ours {
  const all = [...known, new TopologyIndex(target)]
  const findKeys = (): Set<string> => {
    const keys = new Set<string>()
    for (const { topology } of known) {
      const plain = topology.links.map(() => null)
      const facts = planFacts(planOf(planWith(topology, plain), active))
      for (const key of withVlans(facts, topology).keys()) keys.add(key)
    }
    // The default VLAN of a port goes when others are written.
    for (const topology of [...known.map((of) => of.topology), target]) {
      for (const op of defaultVlans(topology).values()) keys.add(keyOf(op))
    }
    return keys
  }
  return new Ours(
    findKeys,
    ({ node, index }) => all.some((of) => of.interface(node, index) !== undefined),
    (node, name) => known.some((of) => of.hasName(node, name)),
  )
}

/** The part of a plan for some of its nodes, with the links that they share with others. */
const planOf = (plan: Plan, active: ReadonlySet<string>): Plan => ({
  ...plan,
  nodes: plan.nodes.flatMap((each) => {
    if (active.has(each.node) || each.node === WIRE_NODE) return [each]
    const devices = each.devices.filter((op) => op.op === 'veth.add' && active.has(op.peer.node))
    return devices.length === 0 ? [] : [{ ...each, devices, add: null, interfaces: [], whole: [], running: [] }]
  }),
})

function sysctlChanges(
  { removing, target }: ChangeContext,
  known: readonly TopologyIndex[],
  { added, replaced, restarted }: NodeChanges,
  { pristine }: ChangeInput,
  isActive: (node: ResolvedNode) => boolean,
): SysctlChange[] {
  return target.nodes.filter(isActive).flatMap((node) => {
    if (added.has(node.name) || replaced.has(node.name)) return []
    const last = known.flatMap(({ nodes }) => nodes.get(node.name) ?? [])
    const before = new Map(last.toReversed().flatMap(({ interfaces }) => interfaces.map((each) => [each.index, each])))
    const kept = node.interfaces.flatMap(({ name, index, kind, sysctls: own = {} }) =>
      before.has(index)
        ? [{ place: { node: node.name, index }, name, kind, own, last: before.get(index)?.sysctls ?? {} }]
        : [],
    )
    const isRestarted = restarted.has(node.name)
    return changeSysctls({ node, last, kept, pristine, isRestarted }, removing.kernel, removing)
  })
}

const sysctlDifference = ({ from, to }: SysctlChange): Difference => ({
  ...{ kind: 'change', node: to.node, part: 'sysctl', name: to.key },
  ...(from === null ? {} : { from: from.value }),
  to: to.value,
})

function commandsOf(
  target: ResolvedTopology,
  applied: TopologyIndex | undefined,
  { added, restarts }: NodeChanges,
): CommandRun[] {
  const begun = new Set([...added, ...restarts.map(({ node }) => node)])
  return target.nodes.flatMap(({ name: node, contents }) => {
    const all = contents?.commands ?? []
    const before = begun.has(node) ? [] : (applied?.nodes.get(node)?.contents?.commands ?? [])
    return newCommands(before, all).map((command): CommandRun => ({ op: 'command.run', node, command }))
  })
}
