// Carries out the part of a change that can be undone, and undoes it when a step fails.
import { LabError } from '../../errors.js'
import type { EmulationChange } from '../../plan/change/change-plan.js'
import { WIRE_NODE } from '../../plan/emulation/links.js'
import { NodeSockets } from '../build/node-sockets.js'
import { execute } from '../execute/executor.js'
import { emulateLink } from '../links/emulate-link.js'
import { LabNetwork } from '../links/lab-network.js'
import { saveState } from '../links/live-state.js'
import { ensureWire } from '../links/replace.js'
import { namedInterface } from '../links/state/interface-at.js'
import { restoreForgotten } from '../links/state/link-state.js'
import type { LabState } from '../record/state.js'
import type { InsideFailure } from '../session/insides.js'
import { type KeeperSession, openSession } from '../session/session.js'
import { tellWire } from '../wire/wire.js'
import { wireWords } from '../wire/words.js'
import { ChangePort } from './change-port.js'
import { dropCgroups } from './drop-unknown.js'
import { insideSentence } from './inside-failure.js'
import { changeInsides, inverted } from './insides.js'
import { changesNodes, remakeNodes } from './nodes.js'
import { restore } from './restore.js'
import { addSockets, type Site, touchedNodes } from './site.js'
import { stateAfter } from './state-after.js'
import { undo } from './undo.js'

/** A failure, and what could not be undone after it. */
export class ChangeFailure extends Error {
  /**
   * @param failures of undoing; none when all was undone
   * @param ended nodes that had been ended, whose processes nobody can bring back
   */
  constructor(
    readonly reason: unknown,
    readonly failures: readonly unknown[],
    readonly ended: readonly string[],
  ) {
    super('a change of a lab failed', { cause: reason })
  }
}

/**
 * Makes nodes, and what is added and changed. Afterwards the site's lab has the state with them, in which nodes that are yet to be
 * removed come last.
 *
 * @returns the session with the keeper, which the caller disposes of; null when no node comes or goes; and what failed inside nodes,
 * for which the rest is not rolled back
 * @throws ChangeFailure, with the state as it was before; LabError before anything was changed
 */
export async function carryOut(site: Site): Promise<CarriedOut> {
  const { lab, plan, options } = site
  const before = lab.state
  const session = changesNodes(plan) ? await openSession(before.keeper, options.signal) : null
  const progress: Progress = { emulations: [], insides: false, ended: [] }
  await using sockets = new NodeSockets(() => {
    throw new LabError('INTERNAL', 'a device of the machine is moved into a lab that runs')
  })
  const port = new ChangePort(sockets, 'change')
  try {
    const insides = await make(site, session, sockets, port, progress)
    options.signal?.throwIfAborted()
    session?.commit()
    return { session, insides }
  } catch (reason) {
    const failures = await takeBack(site, before, sockets, port, progress)
    session?.[Symbol.dispose]()
    // Those of nodes that have ended with the session.
    if (session) failures.push(...dropCgroups(lab))
    throw new ChangeFailure(reason, failures, progress.ended)
  }
}

export interface CarriedOut {
  session: KeeperSession | null
  insides: InsideFailure[]
}

/** How far a change is, beside what its port has written down. */
interface Progress {
  emulations: EmulationChange[]
  insides: boolean
  ended: string[]
}

async function make(
  site: Site,
  session: KeeperSession | null,
  sockets: NodeSockets,
  port: ChangePort,
  progress: Progress,
): Promise<InsideFailure[]> {
  const { lab, plan, options } = site
  const { first, target } = plan
  if (first.nodes.some(({ node }) => node === WIRE_NODE)) await ensureWire(lab)
  const touched = touchedNodes(plan)
  const ended = new Set([...plan.replacedNodes, ...plan.restartedNodes])
  addSockets(sockets, lab.state, new Set([...touched].filter((name) => !ended.has(name))))
  progress.ended = [...ended]
  const fresh = session ? await remakeNodes(site, session, sockets) : []
  await execute(first, port, { signal: options.signal })
  if (first.wire) await tellWire(lab.state.keeper, first.wire.links.flatMap(wireWords), options.signal)
  const leaving = lab.state.nodes.filter(({ name }) => plan.removedNodes.includes(name))
  const after = stateAfter(lab.state, target, fresh, site.emulated)
  lab.state = { ...after, nodes: [...after.nodes, ...leaving] }
  saveState(lab, lab.state)
  using network = new LabNetwork(lab.state.keeper)
  await restoreEnds(site, network)
  for (const change of plan.emulations) {
    progress.emulations.push(change)
    const { warnings } = await emulateLink(lab, network, change.link, emulationOf(change.to))
    for (const warning of warnings) options.onWarning?.(warning)
  }
  progress.insides = true
  return await changeInsides(lab, plan.insides, options.signal)
}

/** What the kernel forgot of ends that were down, and that the change has brought up. */
async function restoreEnds({ lab, plan }: Site, network: LabNetwork): Promise<void> {
  const ups = new Set(
    plan.first.nodes
      .flatMap(({ interfaces, whole, running }) => [
        ...interfaces.flatMap(({ config }) => config),
        ...whole,
        ...running,
      ])
      .flatMap((op) => (op.op === 'link.up' ? [`${op.node}:${op.interface}`] : [])),
  )
  for (const { endpoint } of lab.state.down ?? [])
    if (ups.has(endpoint)) await restoreForgotten(lab, namedInterface(lab, endpoint), network)
}

const emulationOf = (emulated: EmulationChange['to']) =>
  emulated?.emulation ?? { backend: 'auto' as const, directions: [{ impairment: null }, { impairment: null }] as const }

/** @returns what could not be undone */
async function takeBack(
  site: Site,
  before: LabState,
  sockets: NodeSockets,
  port: ChangePort,
  { emulations, insides }: Progress,
): Promise<unknown[]> {
  const { lab, plan } = site
  const failures: unknown[] = []
  const attempt = async (action: () => Promise<unknown>) => {
    try {
      await action()
    } catch (error) {
      failures.push(error)
    }
  }
  if (insides)
    await attempt(async () => {
      for (const failure of await changeInsides(lab, inverted(plan.insides)))
        failures.push(new Error(insideSentence(failure), { cause: failure.error }))
    })
  if (emulations.length > 0) {
    using network = new LabNetwork(lab.state.keeper)
    for (const { link, from } of emulations.toReversed())
      await attempt(() => emulateLink(lab, network, link, emulationOf(from)))
  }
  await undo(port.done, sockets, new Set(plan.replacedNodes))
  const { wire } = lab.state
  lab.state = { ...before, ...(wire ? { wire } : {}) }
  await attempt(async () => saveState(lab, lab.state))
  await attempt(async () => failures.push(...(await restore(site, sockets, port.done))))
  return failures
}
