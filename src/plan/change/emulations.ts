// What emulates the links of the target: in the form that they have while the plan is carried out, and what changes then. Pure.
import type { EmulatedLink, LinkEmulation } from '../../model/impairment.js'
import type { KernelKinds } from '../../model/kernel-kinds.js'
import type { Endpoint, ResolvedInterface } from '../../model/resolved.js'
import { directionOps } from '../emulation/direction.js'
import { emulatedLinks, isImpaired } from '../emulation/links.js'
import type { EmulationChange } from './change-plan.js'
import type { Match } from './match/match.js'
import type { Running } from './match/running.js'

export interface Emulations {
  /** Of the target, by place. */
  wanted: (EmulatedLink | null)[]
  /** As links are made, or stay until they are changed. */
  form: (EmulatedLink | null)[]
  changes: EmulationChange[]
}

/** @param stateOf the emulation of a link that runs, by its number. @throws LabError FEATURE_MISSING as `buildPlan` */
export function emulationsOf(
  { target, links }: Match,
  running: Running,
  stateOf: (number: number) => EmulatedLink | null,
  kinds: KernelKinds,
): Emulations {
  const demanded = emulatedLinks(target.links, kinds)
  const wanted = demanded.map((own, at) => {
    const link = links.get(at)
    // The wire stays between the ends: taking it away would make the link anew.
    return link?.running.isOnWire ? onWire(target.links[at]?.emulation) : own
  })
  const changes: EmulationChange[] = []
  const indexes = new Map(
    target.nodes.map(({ name, interfaces }) => [name, new Map(interfaces.map((each) => [each.name, each]))]),
  )
  const form = wanted.map((to, at): EmulatedLink | null => {
    const link = links.get(at)
    if (!link) return to
    const state = stateOf(link.running.number)
    const from = link.running.isOnWire
      ? (state ?? onWire(undefined))
      : state && state.backend !== 'wire' && isImpaired(state.emulation)
        ? state
        : null
    const isThere = link.running.isOnWire || hasDisciplines(target.links[at]?.endpoints ?? [], from, indexes, running)
    if (!isThere || !isSame(from, to)) changes.push({ link: at, from, to })
    return from
  })
  return { wanted, form, changes }
}

const PLAIN: LinkEmulation = { backend: 'auto', directions: [{ impairment: null }, { impairment: null }] }

const onWire = (emulation: LinkEmulation | undefined): EmulatedLink => ({
  backend: 'wire',
  emulation: emulation ?? PLAIN,
})

/** What a link demands of its backend is not compared: it has one. */
const isSame = (a: EmulatedLink | null, b: EmulatedLink | null): boolean =>
  a?.backend === b?.backend && JSON.stringify(a?.emulation.directions) === JSON.stringify(b?.emulation.directions)

/** Whether the ends have the disciplines of an emulation, by kind and number, and no others at their root. */
function hasDisciplines(
  endpoints: readonly Endpoint[],
  emulated: EmulatedLink | null,
  interfaces: ReadonlyMap<string, ReadonlyMap<string, ResolvedInterface>>,
  running: Running,
): boolean {
  return endpoints.every(({ node, interface: name }, side) => {
    const end = interfaces.get(node)?.get(name)
    const now = end && running.at({ node, index: end.index })
    if (!end || !now) return true
    if (emulated === null && now.disciplines.length === 0) return true
    const direction = emulated?.emulation.directions[side] ?? { impairment: null }
    const ops = directionOps({ node, interface: name, index: end.index, mtu: now.mtu }, direction)
    // Sizes of queues and bursts follow from the MTU.
    if (ops.length > 0 && now.mtu !== end.mtu) return false
    const expected = new Set(ops.flatMap((op) => (op.op === 'qdisc.add' ? [`${op.qdisc.kind} ${op.major}`] : [])))
    const own = now.disciplines.filter(({ kind }) => OUR_KINDS.includes(kind))
    const found = new Set(own.map(({ kind, handle }) => `${kind} ${majorOf(handle)}`))
    return [...expected].every((each) => found.has(each)) && (emulated === null || found.size === expected.size)
  })
}

const OUR_KINDS: readonly string[] = ['netem', 'tbf', 'htb', 'pfifo', 'bfifo', 'codel', 'fq_codel', 'red']

const majorOf = (handle: number): number => handle >>> 16
