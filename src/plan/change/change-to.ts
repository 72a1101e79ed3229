// From a topology and what the kernel has to the operations that make the kernel equal to it. Pure.
import type { Difference } from '../../model/change/lab-change.js'
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../../model/resolved.js'
import { planWith } from '../build.js'
import { FIRST_WIRE_INDEX } from '../emulation/links.js'
import { hasTunnels, segmentsOfEnds } from '../emulation/segments.js'
import type { CommandRun } from '../op.js'
import type { ChangeInput } from './change-input.js'
import type { ChangePlan, InsideChange } from './change-plan.js'
import { type ChangeContext, Ours } from './context.js'
import { Differences } from './differ/differences.js'
import { emulationsOf } from './emulations.js'
import { FactIndex } from './facts/drops.js'
import { type Facts, keyOf, placeKey, placesOf } from './facts/fact.js'
import { kernelFacts } from './facts/kernel-facts.js'
import { planFacts } from './facts/plan-facts.js'
import { defaultVlans, withVlans } from './facts/vlans.js'
import { firstPlan } from './first-plan.js'
import { lastRemovals } from './last.js'
import { match } from './match/match.js'
import { Running } from './match/running.js'
import { changeSysctls, type SysctlChange } from './node-sysctls.js'
import { insideChange } from './nodes/inside.js'
import { type NodeChanges, nodeChanges } from './nodes/node-change.js'
import { insideDifferences, newCommands, nodeDifferences, stateDifferences } from './nodes/node-differences.js'
import { refuseImpossible } from './refuse.js'
import { makeRoom } from './room/make-room.js'
import { Removing } from './room/removing.js'
import { startDifferences } from './starts.js'

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
  const guests = new Set(
    [desired, ...known].flatMap((of) => of.nodes.flatMap(({ name, network }) => (network ? [name] : []))),
  )
  const networks = observed.map((node) => (guests.has(node.name) ? { ...node, interfaces: [], entries: [] } : node))
  const staying = networks.filter(({ name }) => !nodes.replaced.has(name))
  const before = writtenBefore(known)
  const running = new Running(staying, known)
  const found = match(desired, running, before, { index: lastIndexOf(input), link: lastLinkOf(input, known) })
  const { target, lastIndex } = found
  const emulations = emulationsOf(found, running, emulationByNumber(input), input.kinds)
  const whole = planWith(target, emulations.form)
  const vlans = new Map(known.toReversed().flatMap((of) => [...defaultVlans(of)]))
  const wanted = withVlans(planFacts(whole), target, vlans)
  setSegments(wanted, target, emulations.wanted)

  const removing = new Removing(new FactIndex(kernelFacts(networks, portsOf(target, vlans))), vlans)
  forgetNodes(removing, nodes.replaced)
  const kernel: Facts = new Map(removing.kernel.facts)
  const ours = oursOf(known, target)
  const context: ChangeContext = { target, wanted, removing, ours, prune: input.prune, before, notes: new Map() }
  const changes = makeRoom(context)
  const sysctls = sysctlChanges(context, known, nodes, input)
  const fresh = new Set([...nodes.added, ...nodes.replaced])
  const first = firstPlan(whole, { context, changes, fresh, observed: networks })
  const last = lastRemovals(context, nodes.removed)
  const insides = insideChanges(target, known, nodes, observed)
  const wholeNodes = new Set([...fresh, ...nodes.removed])
  const differences: Difference[] = [
    ...nodeDifferences(target.nodes, nodes),
    ...new Differences({ context, kernel, changes, wholeNodes }).all(),
    ...sysctls.map(sysctlDifference),
    ...startDifferences(first.start, context, fresh),
    ...emulations.changes.map(({ link, from, to }) => emulationDifference(target, link, [from, to])),
    ...insides.flatMap((inside) => [...insideDifferences(inside)]),
    ...target.nodes.flatMap((node) => {
      const old = nodeIn(applied, node.name)
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
    commands: commandsOf(target, applied, nodes),
  }
}

/** Bridge ports whose VLANs a topology has, or had. */
const portsOf = (target: ResolvedTopology, before: ReadonlyMap<string, unknown>): Set<string> =>
  new Set([...before.keys(), ...defaultVlans(target).keys()])

const nodeIn = (topology: ResolvedTopology, name: string): ResolvedNode | undefined =>
  topology.nodes.find((node) => node.name === name)

function writtenBefore(
  known: readonly ResolvedTopology[],
): (node: string, index: number) => ResolvedInterface | undefined {
  const places = known.map(
    ({ nodes }) =>
      new Map(
        nodes.flatMap(({ name: node, interfaces }) =>
          interfaces.map((each) => [placeKey({ node, index: each.index }), each]),
        ),
      ),
  )
  return (node, index) => places.map((of) => of.get(placeKey({ node, index }))).find((each) => each !== undefined)
}

const lastIndexOf = ({ lastIndex, observed }: ChangeInput): number =>
  Math.max(
    lastIndex,
    ...observed.flatMap(({ interfaces }) => interfaces.map(({ index }) => (index < FIRST_WIRE_INDEX ? index : 0))),
  )

const lastLinkOf = ({ lastLink }: ChangeInput, known: readonly ResolvedTopology[]): number =>
  Math.max(lastLink, ...known.flatMap(({ links }) => links.map(({ number }, at) => number ?? at)))

function emulationByNumber({ applied, emulations }: ChangeInput) {
  const byNumber = new Map(applied.links.map(({ number }, at) => [number ?? at, emulations[at] ?? null]))
  return (number: number) => byNumber.get(number) ?? null
}

/** Limits of segments depend on the emulations of all links. */
function setSegments(wanted: Facts, target: ResolvedTopology, emulated: Parameters<typeof segmentsOfEnds>[0]): void {
  const mtus = new Map(target.nodes.flatMap(({ name, interfaces }) => interfaces.map((i) => [`${name}:${i.name}`, i])))
  const endAt = (link: number, side: 0 | 1) => {
    const end = target.links[link]?.endpoints[side]
    return mtus.get(`${end?.node}:${end?.interface}`)
  }
  const limits = segmentsOfEnds(emulated, hasTunnels(target), (link, side) => endAt(link, side)?.mtu ?? 0)
  const byPlace = new Map<string, number | null>()
  for (const [link, ends] of limits.entries()) {
    for (const side of [0, 1] as const) {
      const node = target.links[link]?.endpoints[side].node ?? ''
      byPlace.set(placeKey({ node, index: endAt(link, side)?.index ?? 0 }), ends[side])
    }
  }
  for (const { op } of wanted.values()) {
    if (op.op !== 'veth.add') continue
    for (const end of [op, op.peer]) {
      const limit = byPlace.get(placeKey(end))
      if (limit) end.gsoMaxSegs = limit
      else delete end.gsoMaxSegs
    }
  }
}

/** What nodes had that end before anything else goes with them, and so do the links to them. */
function forgetNodes(removing: Removing, nodes: ReadonlySet<string>): void {
  for (const fact of [...removing.kernel.facts.values()]) {
    if (nodes.has(fact.op.node) || placesOf(fact.op).some(({ node }) => nodes.has(node))) removing.forget(fact)
  }
}

function oursOf(known: readonly ResolvedTopology[], target: ResolvedTopology): Ours {
  const places = new Set<string>()
  for (const topology of [...known, target]) {
    for (const { name: node, interfaces } of topology.nodes) {
      for (const { index } of interfaces) places.add(placeKey({ node, index }))
    }
  }
  const findKeys = (): Set<string> => {
    const keys = new Set<string>()
    for (const topology of known) {
      const plain = topology.links.map(() => null)
      for (const key of withVlans(planFacts(planWith(topology, plain)), topology).keys()) keys.add(key)
    }
    // The default VLAN of a port goes when others are written.
    for (const topology of [...known, target]) {
      for (const op of defaultVlans(topology).values()) keys.add(keyOf(op))
    }
    return keys
  }
  return new Ours(findKeys, places)
}

function sysctlChanges(
  { removing, target }: ChangeContext,
  known: readonly ResolvedTopology[],
  { added, replaced, restarted }: NodeChanges,
  { pristine }: ChangeInput,
): SysctlChange[] {
  return target.nodes.flatMap((node) => {
    if (added.has(node.name) || replaced.has(node.name)) return []
    const last = known.flatMap((of) => nodeIn(of, node.name) ?? [])
    const before = new Map(last.toReversed().flatMap(({ interfaces }) => interfaces.map((each) => [each.index, each])))
    const kept = node.interfaces.flatMap(({ name, index, kind, sysctls: own = {} }) =>
      kind !== 'loopback' && before.has(index)
        ? [{ place: { node: node.name, index }, name, own, last: before.get(index)?.sysctls ?? {} }]
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

function emulationDifference(
  { links }: ResolvedTopology,
  at: number,
  [from, to]: [ChangePlan['emulations'][number]['from'], ChangePlan['emulations'][number]['to']],
): Difference {
  const name = links[at]?.endpoints.map((end) => `${end.node}:${end.interface}`).join(' – ') ?? ''
  const note =
    to?.backend === 'wire' && from?.backend !== 'wire'
      ? { note: 'its veth pair is made anew, with the wire between its ends' }
      : {}
  const [was, is] = [from, to].map((each) => each?.backend ?? 'none') as [string, string]
  return { kind: 'change', node: null, part: 'emulation', name, from: was, to: is, ...note }
}

function insideChanges(
  target: ResolvedTopology,
  known: readonly ResolvedTopology[],
  { added, replaced, restarted }: NodeChanges,
  observed: ChangeInput['observed'],
): InsideChange[] {
  const running = new Map(observed.map((node) => [node.name, node]))
  return target.nodes.flatMap((node) => {
    const now = running.get(node.name)
    if (!now || added.has(node.name) || replaced.has(node.name) || restarted.has(node.name)) return []
    // After changes that were killed, one of the topologies has what the node has.
    for (const topology of known) {
      const before = nodeIn(topology, node.name)
      const change = before ? insideChange([before, topology], [node, target], now) : null
      if (change) return [change]
    }
    return []
  })
}

function commandsOf(
  target: ResolvedTopology,
  applied: ResolvedTopology,
  { added, restarts }: NodeChanges,
): CommandRun[] {
  const begun = new Set([...added, ...restarts.map(({ node }) => node)])
  return target.nodes.flatMap(({ name: node, contents }) => {
    const all = contents?.commands ?? []
    const before = begun.has(node) ? [] : (nodeIn(applied, node)?.contents?.commands ?? [])
    return newCommands(before, all).map((command): CommandRun => ({ op: 'command.run', node, command }))
  })
}
