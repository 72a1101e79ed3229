// Judges checks by commands in nodes.
import type { CheckKind } from '../../model/reach/check.js'
import { fitsPattern } from '../../topology/checks/output-pattern.js'
import { findNode, type RunningLab } from '../record/select.js'
import { passedEnvironment } from '../run/environment.js'
import { type ExecResult, execCaptured } from '../run/exec.js'
import { PASSED, type Verdict } from './verdict.js'

type ExecCheck = Extract<CheckKind, { kind: 'exec' }>

/** A command that takes longer is killed, so that one that hangs cannot hold a whole run up. */
const LONGEST_MS = 60_000
const MAX_OUTPUT = 200

export async function judgeCommand(lab: RunningLab, check: ExecCheck, signal?: AbortSignal): Promise<Verdict> {
  const limit = AbortSignal.timeout(LONGEST_MS)
  const signals = signal === undefined ? limit : AbortSignal.any([signal, limit])
  try {
    const options = { passed: passedEnvironment(lab), cwd: '/', signal: signals }
    const reason = commandFailure(await execCaptured(findNode(lab, check.node), check.run, options), check)
    return reason === null ? PASSED : { reason }
  } catch (error) {
    if (!limit.aborted || signal?.aborted) throw error
    return { reason: `the command did not end within ${LONGEST_MS / 1000} s` }
  }
}

/** Why a command did not end as expected; null if it did. */
export function commandFailure(
  { exitCode, stdout, stderr }: ExecResult,
  expected: Pick<ExecCheck, 'status' | 'stdout' | 'stderr'>,
): string | null {
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
