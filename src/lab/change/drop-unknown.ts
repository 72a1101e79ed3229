// What is left of nodes that the state does not have, as after a change that was killed: what the keeper holds for them, and their
// cgroups.
import { basename } from 'node:path'
import { removeOtherNodeCgroups } from '../record/cgroup.js'
import type { RunningLab } from '../record/select.js'
import { openSession } from '../session/session.js'

/**
 * Makes the keeper let go of the networks of such nodes, and removes their cgroups. The caller has the lab's turn.
 *
 * @returns the failures to remove cgroups, such as those that have a process
 * @throws as `openSession`
 */
export async function dropUnknown(lab: RunningLab, signal?: AbortSignal): Promise<unknown[]> {
  const { keeper, nodes, wire } = lab.state
  using session = await openSession(keeper, signal)
  const known = new Set([...nodes.map(({ netnsFd }) => netnsFd), wire?.netnsFd])
  session.drop(session.list().filter((number) => !known.has(number)))
  return dropCgroups(lab)
}

/** Removes the cgroups of nodes that the state does not have. @returns the failures */
export function dropCgroups({ state: { cgroup: path, lab, nodes } }: RunningLab): unknown[] {
  if (path === null) return []
  const names = nodes.flatMap(({ cgroup }) => (cgroup === null ? [] : [basename(cgroup)]))
  return removeOtherNodeCgroups(path, lab, new Set(names))
}
