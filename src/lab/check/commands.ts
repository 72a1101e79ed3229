// Judges checks by commands in nodes.
import type { CheckKind } from '../../model/reach/check.js'
import { fitsPattern } from '../../topology/checks/output-pattern.js'
import { findNode, type RunningLab } from '../record/select.js'
import { execBounded } from '../run/bounded.js'
import { passedEnvironment } from '../run/environment.js'
import type { ExecResult } from '../run/exec-result.js'
import { PASSED, type Verdict } from './verdict.js'

type ExecCheck = Extract<CheckKind, { kind: 'exec' }>

/** A command that takes longer is killed, so that one that hangs cannot hold a whole run up. */
const LONGEST_MS = 60_000
/** Of each output: more is not kept, so that a command that prints without end does not take all memory. */
const OUTPUT_BYTES_MAX = 16 * 2 ** 20
const MAX_OUTPUT = 200

export async function judgeCommand(lab: RunningLab, check: ExecCheck, signal?: AbortSignal): Promise<Verdict> {
  const result = await execBounded(findNode(lab, check.node), check.run, {
    ...{ passed: passedEnvironment(lab), bytesMax: OUTPUT_BYTES_MAX, timeoutMs: LONGEST_MS },
    ...(signal === undefined ? {} : { signal }),
  })
  if (result.timedOut) return { reason: `the command did not end within ${LONGEST_MS / 1000} s` }
  const reason = commandFailure(result, check)
  return reason === null ? PASSED : { reason }
}

/** Why a command did not end as expected; null if it did. */
export function commandFailure(
  { exitCode, stdout, stderr, truncated }: ExecResult,
  expected: Pick<ExecCheck, 'status' | 'stdout' | 'stderr'>,
): string | null {
  if (truncated && (expected.stdout !== null || expected.stderr !== null))
    return `the command printed more than ${OUTPUT_BYTES_MAX / 2 ** 20} MiB`
  const faults = [
    ...(exitCode === expected.status ? [] : [`exit status ${exitCode}, not ${expected.status}`]),
    ...outputFault('standard output', stdout, expected.stdout),
    ...outputFault('standard error', stderr, expected.stderr),
  ]
  if (faults.length === 0) return null
  // A command that fails mostly says why.
  const said = exitCode !== expected.status && stderr.trim() !== '' ? [`standard error ${excerpt(stderr)}`] : []
  return [...faults, ...said].join('; ')
}

const outputFault = (what: string, output: string, pattern: string | null): string[] =>
  pattern === null || fitsPattern(output, pattern)
    ? []
    : [`${what} is ${output === '' ? 'empty' : excerpt(output)}, which ${pattern} does not fit`]

const excerpt = (text: string): string => {
  const whole = text.trim()
  return JSON.stringify(whole.length <= MAX_OUTPUT ? whole : `${whole.slice(0, MAX_OUTPUT)}…`)
}
