// Runs the checks of a lab: those that do not disturb each other side by side, each again until it passes or the time is over.
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import type { Check, CheckResult, Checks } from '../../model/reach/check.js'
import type { Explanation } from '../../model/reach/explanation.js'
import type { RunningLab } from '../record/select.js'
import { judgeCommand } from './commands.js'
import { judgePing, judgeUnreachable } from './pings.js'
import { judgePath, judgePort } from './ports.js'
import type { CheckProbes } from './probes.js'
import { judgeRoute } from './routes.js'
import type { Verdict } from './verdict.js'

export interface CheckOptions {
  /** Ends the checks when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
  /** Called with the result of each check once it is known, which is not always in the order of the file. */
  onResult?: (result: CheckResult) => void
}

/** From the end of one attempt to the next: twice as long each time. */
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 2000
/** A router sends one ICMP error a second to each node once it has sent several (icmp_ratelimit in icmp(7)). */
const PAUSE_FOR_ERRORS_MS = 1000
/** So often is a way tried whose nodes did not all answer, whatever the time. */
const ATTEMPTS_FOR_ERRORS = 3
/** Each check may start a process. */
const SIDE_BY_SIDE = 8

interface Run extends CheckOptions {
  lab: RunningLab
  probes: CheckProbes
  /** On the clock of performance.now(). */
  deadline: number
}

/**
 * Runs checks, and returns their results in the order of the file. Round-trip times with a limit are measured, ways traced, and
 * commands run while nothing else is done: a router sends few ICMP errors to one node at a time (icmp_ratelimit in icmp(7)). A
 * way is traced again where a node of it was silent. What must be unreachable is tried last, and once: in a lab whose routes still
 * have to converge nothing answers, which would prove nothing.
 *
 * @throws LabError LAB_NOT_FOUND when the lab is down; the signal's reason when aborted
 */
export async function runChecks(
  lab: RunningLab,
  { withinMs, checks }: Checks,
  probes: CheckProbes,
  options: CheckOptions = {},
): Promise<CheckResult[]> {
  const run: Run = { ...options, lab, probes, deadline: performance.now() + withinMs }
  const results = new Map<Check, CheckResult>()
  for (const { width, fits } of STAGES)
    await inTurns(checks.filter(fits), width, async (check) => {
      const result = await resultOf(check, run)
      results.set(check, result)
      options.onResult?.(result)
    })
  return checks.flatMap((check) => results.get(check) ?? [])
}

const isAlone = (check: Check): boolean =>
  check.kind === 'exec' || check.kind === 'path' || (check.kind === 'ping' && check.rttBelowMs !== null)

const STAGES: readonly { width: number; fits: (check: Check) => boolean }[] = [
  { width: SIDE_BY_SIDE, fits: (check) => check.kind !== 'unreachable' && !isAlone(check) },
  { width: 1, fits: isAlone },
  { width: SIDE_BY_SIDE, fits: ({ kind }) => kind === 'unreachable' },
]

async function inTurns<T>(items: readonly T[], width: number, act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
}

async function resultOf(check: Check, run: Run): Promise<CheckResult> {
  const began = performance.now()
  let pauseMs = FIRST_PAUSE_MS
  for (let attempts = 1; ; attempts++) {
    run.signal?.throwIfAborted()
    const verdict = await judge(check, run).catch((error) => unanswered(error, run.signal))
    const isUncertain = verdict.isUncertain === true && attempts < ATTEMPTS_FOR_ERRORS
    const leftMs = Math.max(run.deadline - performance.now(), isUncertain ? PAUSE_FOR_ERRORS_MS : 0)
    if (verdict.reason === null || leftMs <= 0 || check.kind === 'unreachable') {
      const { text, line, kind } = check
      const elapsedMs = Math.round((performance.now() - began) * 10) / 10
      const result = { text, line, kind, passed: verdict.reason === null, elapsedMs, attempts, reason: verdict.reason }
      return { ...result, explanation: await explanationOf(check, verdict, run) }
    }
    const wantedMs = verdict.isUncertain ? Math.max(pauseMs, PAUSE_FOR_ERRORS_MS) : pauseMs
    await setTimeout(Math.min(wantedMs, leftMs), undefined, run.signal ? { signal: run.signal } : {}).catch(() => {})
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
  }
}

async function judge(check: Check, { lab, probes, signal }: Run): Promise<Verdict> {
  switch (check.kind) {
    case 'ping':
      return await judgePing(lab, check, signal)
    case 'unreachable':
      return await judgeUnreachable(lab, check, signal)
    case 'tcp':
    case 'udp':
      return await judgePort(check, probes.probePort)
    case 'path':
      return await judgePath(check, probes.tracePath)
    case 'route':
      return await judgeRoute(lab, check)
    case 'exec':
      return await judgeCommand(lab, check, signal)
  }
}

/** A node that is dead or paused meets no check, and a check that cannot be made keeps no other from its result. */
function unanswered(error: unknown, signal: AbortSignal | undefined): Verdict {
  signal?.throwIfAborted()
  if (error instanceof LabError && error.code === 'LAB_NOT_FOUND') throw error
  return { reason: error instanceof LabError ? error.message : `the check cannot be made: ${String(error)}` }
}

/** Why packets of a pair do not arrive; null where something else is wrong, or the cause cannot be found out. */
async function explanationOf(check: Check, { failing }: Verdict, { probes, signal }: Run): Promise<Explanation | null> {
  if (failing === undefined || check.kind === 'unreachable' || !('family' in check)) return null
  try {
    const port = 'port' in check ? { protocol: check.kind, port: check.port } : null
    const explanation = await probes.explainPath(failing.from, failing.to, check.family, port)
    return explanation.works ? null : explanation
  } catch {
    signal?.throwIfAborted()
    return null
  }
}
