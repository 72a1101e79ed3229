// Checks an expectation, again and again until it holds or its time is over.
import { LabError } from '../../errors.js'
import type { ScenarioExpectation } from '../../topology/scenario/scenario.js'
import type { Clock } from './clock.js'
import { judgeCommand, judgePing, type Verdict } from './judge.js'
import type { ScenarioPort } from './port.js'
import type { Slots } from './slots.js'

/** From the end of one attempt to the next. */
const PAUSE_MS = 50

export interface Checked extends Verdict {
  attempts: number
  /** When the first attempt began. */
  startMs: number
}

/** The last attempt begins before the time is over. @throws LabError when the lab is down; the signal's reason when aborted */
export async function check(
  { expected, withinMs }: ScenarioExpectation,
  port: ScenarioPort,
  clock: Clock,
  slots: Slots,
  signal: AbortSignal,
): Promise<Checked> {
  let startMs: number | undefined
  const attempt = async (): Promise<Verdict> => {
    signal.throwIfAborted()
    startMs ??= clock.now()
    return 'node' in expected
      ? judgeCommand(expected, await port.exec(expected.node, expected.command, signal))
      : judgePing(expected, await port.ping(expected, signal))
  }
  for (let attempts = 1; ; attempts++) {
    const verdict = await slots.run(attempt).catch((error) => unanswered(error, signal))
    const begun = startMs ?? clock.now()
    if (verdict.held || clock.now() + PAUSE_MS > begun + withinMs) return { ...verdict, attempts, startMs: begun }
    await clock.until(clock.now() + PAUSE_MS, signal)
  }
}

/** A node that is dead or paused meets no expectation. */
function unanswered(error: unknown, signal: AbortSignal): Verdict {
  signal.throwIfAborted()
  if (!(error instanceof LabError) || ['LAB_NOT_FOUND', 'USAGE', 'INTERNAL'].includes(error.code)) throw error
  return { held: false, outcome: error.message }
}
