// Compares a topology with what the kernel has in the nodes of a running lab.
import { closeSync } from 'node:fs'
import { LabError } from '../../errors.js'
import { openHeldNetns } from '../../kernel/netns.js'
import type { EmulatedLink } from '../../model/impairment.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { ChangePlan } from '../../plan/change/change-plan.js'
import { changeTo } from '../../plan/change/change-to.js'
import { neighboursToRead } from '../../plan/change/neighbours-to-read.js'
import type { ObservedNode } from '../../plan/change/observed.js'
import { sysctlsToRead } from '../../plan/change/sysctls-to-read.js'
import { observeNodes } from '../read/observe.js'
import { pristineSysctls } from '../read/pristine.js'
import type { AppliedRecord } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import type { LabState, NodeState } from '../record/state.js'
import { kindsFor } from '../who/kernel-kinds.js'
import { isRunning } from '../who/process-identity.js'

export interface Comparison {
  plan: ChangePlan
  observed: ObservedNode[]
}

export interface CompareOptions {
  prune: boolean
  /** Whether permanent neighbours of no topology are of interest, which takes time; absent: only when they are pruned. */
  listsNeighbours?: boolean
  /** Nodes that are restarted in any case. */
  restart?: readonly string[]
  /** What was read before, and which nodes are read again; absent: all are read. */
  again?: { observed: readonly ObservedNode[]; nodes: ReadonlySet<string> }
}

/**
 * Reads the kernel, and computes what makes it equal to the topology. Changes nothing.
 *
 * @throws LabError as `changeTo`; KernelError
 */
export async function compare(
  lab: RunningLab,
  record: AppliedRecord,
  desired: ResolvedTopology,
  { prune, listsNeighbours = prune, again, restart = [] }: CompareOptions,
): Promise<Comparison> {
  const { topology: applied, unfinished = [], lastIndex, lastLink } = record
  const asked = sysctlsToRead(desired, applied, unfinished)
  const read = observeNodes(lab, {
    sysctls: asked.of,
    ...(listsNeighbours ? {} : { neighbours: neighboursToRead(desired, [applied, ...unfinished]) }),
    ...(again ? { nodes: again.nodes } : {}),
  })
  const observed = again ? together(again.observed, read, lab.state) : read
  const plan = changeTo({
    ...{ desired, applied, unfinished, observed, lastIndex, lastLink, prune, restart },
    kinds: await kindsFor(desired),
    emulations: emulationsOf(lab.state, applied),
    pristine: asked.pristine.length === 0 ? new Map() : pristineSysctls(asked.pristine),
  })
  return { plan, observed }
}

/** What was read before of the nodes that the lab still has, with what was read now in its place. */
function together(before: readonly ObservedNode[], now: readonly ObservedNode[], { nodes }: LabState): ObservedNode[] {
  const names = new Set(nodes.map(({ name }) => name))
  const kept = before.filter(({ name }) => names.has(name))
  return [...new Map([...kept, ...now].map((node) => [node.name, node])).values()]
}

/** The emulation of each link of a topology that has the ifindexes of the running lab. */
export function emulationsOf(
  { links, linkIndexes, emulations }: LabState,
  topology: ResolvedTopology,
): (EmulatedLink | null)[] {
  if (!emulations) return topology.links.map(() => null)
  const places = new Map(links.map((names, place) => [endsKey(names, linkIndexes[place]), place]))
  return linkKeys(topology).map((key) => {
    const place = places.get(key)
    return (place === undefined ? null : emulations[place]) ?? null
  })
}

/** Identifies each link by its nodes and the ifindexes of its ends, which no other link ever gets. */
export function linkKeys({ nodes, links }: ResolvedTopology): string[] {
  const indexes = new Map(
    nodes.flatMap((node) => node.interfaces.map(({ name, index }) => [`${node.name}:${name}`, index] as const)),
  )
  return links.map(({ endpoints }) =>
    endpoints.map(({ node, interface: name }) => `${node} ${indexes.get(`${node}:${name}`)}`).join(' – '),
  )
}

/** The same of a link of the state. */
export const endsKey = (names: readonly string[] = [], indexes: readonly number[] = []): string =>
  names.map((name, side) => `${name.slice(0, name.indexOf(':'))} ${indexes[side]}`).join(' – ')

/**
 * The lab without nodes that are dead and whose network nobody holds any more: those of a change that was killed before it was
 * committed.
 */
export function withoutLostNodes(lab: RunningLab): RunningLab {
  const nodes = lab.state.nodes.filter((node) => isRunning(node) || isHeld(lab, node))
  return nodes.length === lab.state.nodes.length ? lab : { ...lab, state: { ...lab.state, nodes } }
}

function isHeld({ state: { keeper } }: RunningLab, { netnsFd, netnsInode }: NodeState): boolean {
  try {
    closeSync(openHeldNetns(keeper.pid, netnsFd, netnsInode))
    return true
  } catch (error) {
    if (error instanceof LabError) return false
    throw error
  }
}
