// Changes files, names and sysctls inside running nodes, all nodes by one call of the shim.
import { type KernelError, LabError } from '../../errors.js'
import { failureError, runShim, type ShimFailure } from '../../kernel/shim.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { keeperArguments } from '../who/process-identity.js'

export interface InsideWords {
  node: Pick<NodeState, 'name' | 'pid' | 'startTime'>
  /** Words of the shim's verb `update` (native-shim/README.md). */
  words: readonly string[]
}

export interface InsideFailure {
  node: string
  error: KernelError
}

/** The words of `update`, with how many arguments each has. */
const ARGUMENTS: Readonly<Record<string, number>> = {
  hostname: 1,
  domainname: 1,
  write: 4,
  remove: 1,
  sysctl: 2,
  'try-sysctl': 2,
}

/**
 * Carries out each node's words in their order, until one fails.
 *
 * @returns the failures, at most one a node, each with its step; the other nodes are changed
 * @throws KernelError when the nodes cannot be entered at all; the signal's reason when aborted
 */
export async function updateInsides(
  { state }: Pick<RunningLab, 'state'>,
  changes: readonly InsideWords[],
  signal?: AbortSignal,
): Promise<InsideFailure[]> {
  if (changes.length === 0) return []
  const failures: InsideFailure[] = []
  await runShim({
    verb: 'update',
    args: keeperArguments(state.keeper),
    spec: specOf(changes),
    onReport: ({ failed }) => {
      const failure = failed as ShimFailure
      failures.push({ node: failure.node ?? '', error: failureError(failure) })
    },
    signal,
  })
  return failures
}

/** All nodes have nearly the same /etc/hosts, whose length grows with their number: each text is sent once. */
function specOf(changes: readonly InsideWords[]): string[] {
  const numbers = new Map<string, number>()
  const nodes = changes.flatMap(({ node: { name, pid, startTime }, words }) => [
    ...['node', name, String(pid), String(startTime)],
    ...stepsOf(words).flatMap(([word = '', ...rest]) => {
      if (word !== 'write') return [word, ...rest]
      const [path = '', mode = '', owner = '', text = ''] = rest
      if (!numbers.has(text)) numbers.set(text, numbers.size)
      return ['write-text', path, mode, owner, String(numbers.get(text))]
    }),
    'end',
  ])
  return [...[...numbers.keys()].flatMap((text) => ['text', text]), ...nodes]
}

/** The same changes, each by itself. */
export const singleSteps = ({ node, words }: InsideWords): InsideWords[] =>
  stepsOf(words).map((step) => ({ node, words: step }))

/** Each word with its arguments. */
function stepsOf(words: readonly string[]): string[][] {
  const steps: string[][] = []
  for (let at = 0; at < words.length; ) {
    const count = ARGUMENTS[words[at] as string]
    if (count === undefined) throw new LabError('INTERNAL', `nslab-shim update has no word ${words[at]}`)
    steps.push(words.slice(at, at + 1 + count))
    at += 1 + count
  }
  return steps
}
