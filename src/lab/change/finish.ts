// The part of a change that cannot be undone: what is no longer in the topology goes, and what differs after all is mended.

import type { Difference, LabChange } from '../../model/change/lab-change.js'
import { NodeSockets } from '../build/node-sockets.js'
import { execute } from '../execute/executor.js'
import { perform } from '../execute/perform.js'
import { rearrangeLook } from '../links/last-look.js'
import { saveState } from '../links/live-state.js'
import type { LabState, NodeState } from '../record/state.js'
import type { KeeperSession } from '../session/session.js'
import { tellWire } from '../wire/wire.js'
import { ChangePort } from './change-port.js'
import { compare } from './compare.js'
import { endForGood, type Leftovers } from './nodes.js'
import { addSockets, differingNodes, type Site, touchedNodes } from './site.js'
import { placesBefore } from './state-after.js'
import { performAll } from './undo.js'

/** How often what still differs is mended: the kernel takes away some things together with others. */
const MENDINGS = 2

/**
 * Removes what is left to remove, reads the touched nodes again, and mends what still differs.
 *
 * @param before the state before the change
 * @returns what is wrong after all, a sentence each
 */
export async function finish(site: Site, session: KeeperSession | null, before: LabState): Promise<string[]> {
  const { lab, plan } = site
  const { removals, nodes } = await removeLast(site, session, before)
  rearrangeLook(lab.directory, placesBefore(before, plan.target))
  const differences = await mended(site)
  // What a failed removal was about may have gone with something else.
  if (removals.length > 0) differences.push(...(await leftOver(site)))
  const wrong = [...nodes.map(messageOf), ...differences.map(sentence)]
  return wrong.length > 0 ? [...removals.map(messageOf), ...wrong] : []
}

/** @returns the failures of removals that are left after another try, and those of ending nodes */
async function removeLast(
  { lab, plan }: Site,
  session: KeeperSession | null,
  before: LabState,
): Promise<Record<'removals' | 'nodes', unknown[]>> {
  const removals: unknown[] = []
  await forgetWired(lab, before)
  const names = touchedNodes(plan)
  {
    await using sockets = new NodeSockets(() => {})
    addSockets(sockets, lab.state, names)
    const port = new ChangePort(sockets, 'change')
    const { signal } = new AbortController()
    for (const { node, remove } of plan.last)
      await perform(port, node, remove, signal).catch(async () => {
        removals.push(...(await performAll(remove, sockets)))
      })
  }
  const isLeaving = ({ name }: NodeState) => plan.removedNodes.includes(name)
  const isEnding = session !== null && lab.state.nodes.some(isLeaving)
  const left: Leftovers = isEnding ? endForGood(lab, session, plan.removedNodes) : { nodes: new Map(), cgroups: [] }
  // Nodes that could not be ended stay in the state, for the next change, which also finds cgroups of nodes that are gone.
  const nodes = lab.state.nodes.filter((node) => !isLeaving(node) || left.nodes.has(node.name))
  lab.state = { ...lab.state, nodes }
  saveState(lab, lab.state)
  return { removals, nodes: [...new Set(left.nodes.values()), ...left.cgroups] }
}

/** What the lab had before, and still has. */
async function leftOver({ lab, record, plan }: Site): Promise<Difference[]> {
  const { topology, unfinished = [], ...rest } = record
  const now = { ...rest, lastIndex: plan.lastIndex, topology: plan.target, unfinished: [topology, ...unfinished] }
  const { plan: left } = await compare(lab, now, plan.target, { prune: false })
  return left.change.differences.filter(({ kind }) => kind === 'remove')
}

/** Links that the wire has carried and that are gone. One that does not know them, or does not answer, is told by the next command. */
async function forgetWired({ state }: Site['lab'], before: LabState): Promise<void> {
  const numbersOf = ({ links, linkNumbers, emulations }: LabState): number[] =>
    links.flatMap((_, place) => (emulations?.[place]?.backend === 'wire' ? [linkNumbers?.[place] ?? place] : []))
  const kept = new Set(numbersOf(state))
  for (const number of numbersOf(before).filter((each) => !kept.has(each)))
    await tellWire(state.keeper, ['remove', String(number)]).catch(() => {})
}

/** @returns what differs in the end */
async function mended(site: Site): Promise<Difference[]> {
  const { lab, record, options } = site
  let nodes = differingNodes(site.plan)
  let observed = site.observed
  for (let tries = 0; ; tries++) {
    const { unfinished: _, ...settled } = { ...record, topology: site.plan.target, lastIndex: site.plan.lastIndex }
    const { plan, observed: now } = await compare(lab, settled, site.plan.target, {
      prune: options.prune ?? false,
      again: { observed, nodes },
    })
    const left = differencesOf(plan.change)
    if (left.length === 0 || tries === MENDINGS || plan.restartedNodes.length > 0) return left
    observed = now
    nodes = differingNodes(plan)
    await using sockets = new NodeSockets(() => {})
    addSockets(sockets, lab.state, touchedNodes(plan))
    const port = new ChangePort(sockets, 'undo')
    const { signal } = new AbortController()
    // What fails shows when the nodes are read again.
    await execute(plan.first, port, { signal }).catch(() => {})
    for (const { node, remove } of plan.last) await perform(port, node, remove, signal).catch(() => {})
  }
}

const differencesOf = ({ equal, differences }: LabChange): Difference[] =>
  equal ? [] : differences.filter(({ kind }) => kind !== 'foreign')

const VERBS = { add: 'is missing', remove: 'is left', change: 'is another', foreign: 'is foreign' } as const

const sentence = ({ node, part, name, kind }: Difference): string =>
  `${node === null ? '' : `${node}: `}${part} ${name} ${VERBS[kind]}`

const messageOf = (error: unknown): string => (error as Error).message
