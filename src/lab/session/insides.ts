// Changes files, names and sysctls inside running nodes, all nodes by one call of the shim.

import type { KernelError } from '../../errors.js'
import { failureError, runShim, type ShimFailure } from '../../kernel/shim.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { keeperArguments } from '../who/process-identity.js'

export interface InsideWords {
  node: Pick<NodeState, 'name' | 'pid' | 'startTime'>
  /** Words of the shim's verb `update` (native-shim/README.md). */
  words: readonly string[]
}

/**
 * Carries out each node's words in their order, until one fails.
 *
 * @param texts that the word `write-text` names by their places, from 0
 * @returns the failures, at most one a node, each with its step; the other nodes are changed
 * @throws KernelError when the nodes cannot be entered at all; the signal's reason when aborted
 */
export async function updateInsides(
  { state }: Pick<RunningLab, 'state'>,
  changes: readonly InsideWords[],
  { texts = [], signal }: { texts?: readonly string[]; signal?: AbortSignal | undefined } = {},
): Promise<InsideFailure[]> {
  const failures: InsideFailure[] = []
  await runShim({
    verb: 'update',
    args: keeperArguments(state.keeper),
    spec: [
      ...texts.flatMap((text) => ['text', Buffer.from(text).toString('hex')]),
      ...changes.flatMap(({ node: { name, pid, startTime }, words }) => [
        ...['node', name, String(pid), String(startTime)],
        ...words,
        'end',
      ]),
    ],
    onReport: ({ failed }) => {
      const failure = failed as ShimFailure
      failures.push({ node: failure.node ?? '', error: failureError(failure) })
    },
    signal,
  })
  return failures
}

export interface InsideFailure {
  node: string
  error: KernelError
}
