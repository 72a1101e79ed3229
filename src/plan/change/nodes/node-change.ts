// What happens to each node of a running lab as a whole: whether it is made, goes on, gets other namespaces, or ends. Pure.
import { LabError } from '../../../errors.js'
import type { NodeRestart } from '../../../model/change/lab-change.js'
import type { ResolvedNode, ResolvedTopology } from '../../../model/resolved.js'
import type { ObservedNode } from '../observed.js'
import { restartReason } from './restart-reason.js'

export interface NodeChanges {
  /** Names of nodes that the lab does not have. */
  added: Set<string>
  removed: Set<string>
  /** They end first, and are made anew with a network of their own. */
  replaced: Set<string>
  /** They keep their network and user namespace. */
  restarted: Set<string>
  restarts: NodeRestart[]
}

const ASKED = 'that is asked for'

/**
 * @param known the topologies that were applied, the last one first
 * @param asked nodes that are restarted in any case
 * @throws LabError USAGE for what cannot be done in a running lab
 */
export function nodeChanges(
  desired: ResolvedTopology,
  known: readonly ResolvedTopology[],
  observed: readonly ObservedNode[],
  asked: readonly string[] = [],
): NodeChanges {
  const running = new Map(observed.map((node) => [node.name, node]))
  const names = new Set(desired.nodes.map(({ name }) => name))
  const versions = known.map(({ nodes }) => new Map(nodes.map((node) => [node.name, node])))
  const restarts = desired.nodes.flatMap((node): NodeRestart[] => {
    const now = running.get(node.name)
    if (!now) return []
    for (const nodes of versions) {
      const before = nodes.get(node.name)
      const reason = before ? restartReason(before, node) : null
      if (reason) return [{ node: node.name, ...reason, isDead: now.status === 'dead' }]
    }
    const isDead = now.status === 'dead'
    if (!isDead && !asked.includes(node.name)) return []
    const reason = isDead ? 'its first process has ended' : ASKED
    // A network that is shared belongs to none of its nodes alone, so that none can keep it: the first of them makes it anew.
    const isNewNetwork = node.isolation?.namespaces.net === 'shared'
    return [{ node: node.name, reason, isNewNetwork, isDead }]
  })
  const replaced = new Set(restarts.flatMap(({ node, isNewNetwork }) => (isNewNetwork ? [node] : [])))
  const changes: NodeChanges = {
    added: new Set([...names].filter((name) => !running.has(name))),
    removed: new Set([...running.keys()].filter((name) => !names.has(name))),
    replaced,
    restarted: new Set(restarts.flatMap(({ node }) => (replaced.has(node) ? [] : [node]))),
    restarts,
  }
  refuseShared(desired, known, changes)
  return changes
}

/** A namespace that others are in cannot be made anew for one of them, unless all of them restart. */
function refuseShared(desired: ResolvedTopology, known: readonly ResolvedTopology[], changes: NodeChanges): void {
  for (const topology of [desired, ...known]) {
    for (const node of topology.nodes) {
      const restart = changes.restarts.find((each) => each.node === node.name)
      const isEnding = restart?.isNewNetwork || changes.removed.has(node.name)
      if (!restart && !isEnding) continue
      const staying = topology.nodes.filter(({ name }) => !isAnew(name, changes))
      const guests = isEnding ? staying.filter(({ network }) => network === node.name) : []
      if (guests.length > 0) throw cannot(node.name, restart, 'network', guests)
      for (const kind of restart ? sharedKinds(node) : []) {
        const others = staying.filter((other) => sharedKinds(other).includes(kind))
        if (others.length > 0) throw cannot(node.name, restart, kind, others)
      }
    }
  }
}

/** Whether a node ends, is made, or both. */
const isAnew = (name: string, { removed, added, replaced, restarted }: NodeChanges): boolean =>
  [removed, added, replaced, restarted].some((names) => names.has(name))

/** The network is kept in a restart, and so is the user namespace that owns it. */
const sharedKinds = ({ isolation }: ResolvedNode): string[] =>
  Object.entries(isolation?.namespaces ?? {}).flatMap(([kind, choice]) =>
    choice === 'shared' && kind !== 'net' && kind !== 'user' ? [kind] : [],
  )

function cannot(
  node: string,
  restart: NodeRestart | undefined,
  kind: string,
  others: readonly ResolvedNode[],
): LabError {
  const names = others.map(({ name }) => name)
  const what = restart === undefined ? `${node} cannot be removed` : `${node} cannot be restarted (${restart.reason})`
  const verb = names.length === 1 ? 'shares' : 'share'
  const isAsked = restart?.reason === ASKED || restart?.isDead
  return new LabError('USAGE', `${what}: ${names.join(', ')} ${verb} its ${kind} namespace and would not restart`, {
    hint: isAsked
      ? `restart them together: \`nslab node restart ${[node, ...names].join(' ')}\``
      : 'change all of them in the file at once, or take the lab down and up again',
  })
}
