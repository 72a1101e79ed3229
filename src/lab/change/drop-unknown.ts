// What the keeper of a lab holds for nodes that the state does not have, as after a change that was killed.
import type { RunningLab } from '../record/select.js'
import { openSession } from '../session/session.js'

/**
 * Makes the keeper let go of the networks of such nodes. The caller has the lab's turn.
 *
 * @throws as `openSession`
 */
export async function dropUnknown({ state: { keeper, nodes, wire } }: RunningLab, signal?: AbortSignal): Promise<void> {
  using session = await openSession(keeper, signal)
  const known = new Set([...nodes.map(({ netnsFd }) => netnsFd), wire?.netnsFd])
  session.drop(session.list().filter((number) => !known.has(number)))
}
