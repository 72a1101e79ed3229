// Ends and makes nodes of a running lab for a change.

import { nodeAdd } from '../../plan/build.js'
import type { ChangePlan } from '../../plan/change/change-plan.js'
import type { HeldNode } from '../build/lab-state.js'
import type { NodeSockets } from '../build/node-sockets.js'
import { removeNodeCgroup } from '../record/cgroup.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { endNodes } from '../session/end-nodes.js'
import { makeNodes } from '../session/make-nodes.js'
import type { KeeperSession } from '../session/session.js'
import type { Site } from './site.js'

/** Whether the keeper has to be asked for a change: nodes come or go. */
export const changesNodes = ({ first, replacedNodes, restartedNodes, removedNodes }: ChangePlan): boolean =>
  first.nodes.some(({ add }) => add !== null) ||
  [replacedNodes, restartedNodes, removedNodes].some((names) => names.length > 0)

/** What is left of nodes that were to end. */
export interface Leftovers {
  /** Of those whose processes have not ended, or whose networks the keeper still holds. */
  nodes: Map<string, unknown>
  /** Failures to remove cgroups. */
  cgroups: unknown[]
}

/** Ends nodes, lets the keeper drop their networks, and removes their cgroups: each of it whatever became of the rest. */
export function endForGood({ state }: RunningLab, session: KeeperSession, names: readonly string[]): Leftovers {
  const nodes = named(state.nodes, names)
  const left: Leftovers = { nodes: new Map(), cgroups: [] }
  const attempt = (action: () => void, onFailure: (error: unknown) => void) => {
    try {
      action()
    } catch (error) {
      onFailure(error)
    }
  }
  attempt(
    () => endNodes(nodes),
    () => {
      for (const node of nodes)
        attempt(
          () => endNodes([node]),
          (error) => left.nodes.set(node.name, error),
        )
    },
  )
  const ended = nodes.filter(({ name }) => !left.nodes.has(name))
  // Nodes that share a network have one descriptor each.
  attempt(
    () => session.drop(ended.map(({ netnsFd }) => netnsFd)),
    (error) => {
      for (const { name } of ended) left.nodes.set(name, error)
    },
  )
  for (const { cgroup } of ended)
    if (cgroup !== null)
      attempt(
        () => removeNodeCgroup(cgroup, state.lab),
        (error) => left.cgroups.push(error),
      )
  return left
}

/**
 * Ends the nodes that are replaced or restarted, and makes these and the new ones.
 *
 * @returns the nodes that were made; the sockets have them
 */
export async function remakeNodes(
  { lab, plan, options }: Site,
  session: KeeperSession,
  sockets: NodeSockets,
): Promise<HeldNode[]> {
  const { target, first, replacedNodes, restartedNodes } = plan
  const restarts = new Set(restartedNodes)
  const left = endForGood(lab, session, replacedNodes)
  for (const failure of left.nodes.values()) throw failure
  endNodes(named(lab.state.nodes, restartedNodes))
  const added = first.nodes.flatMap(({ add }) => (add && !restarts.has(add.node) ? [add] : []))
  const restarted = target.nodes.filter(({ name }) => restarts.has(name)).map(nodeAdd)
  const total = added.length + restarted.length
  if (total === 0) return []
  const ended = new Set([...restarts, ...replacedNodes])
  const wanted = new Map(target.nodes.map((node) => [node.name, node]))
  let done = 0
  return await makeNodes(
    lab,
    session,
    {
      added,
      restarted,
      running: lab.state.nodes.flatMap(({ name }) => {
        const node = ended.has(name) ? undefined : wanted.get(name)
        return node ? [{ node: name, ...(node.isolation ? { isolation: node.isolation } : {}) }] : []
      }),
      hosts: target.hosts,
    },
    {
      onNode: (node) => {
        options.onProgress?.({ stage: 'nodes', done: ++done, total })
        sockets.add(node)
      },
      onWarning: (warning) => options.onWarning?.(warning),
      signal: options.signal,
    },
  )
}

function named(nodes: readonly NodeState[], names: readonly string[]): NodeState[] {
  const those = new Set(names)
  return nodes.filter(({ name }) => those.has(name))
}
