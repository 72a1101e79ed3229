// Checks an expectation, again and again until it holds or its time is over.
import { LabError } from '../../errors.js'
import type { ScenarioExpectation } from '../../topology/scenario/scenario.js'
import type { Clock } from './clock.js'
import { judgeCommand, judgePing, type Verdict } from './judge.js'
import type { ScenarioPort } from './port.js'

/** From the end of one attempt to the next. */
const PAUSE_MS = 50

/** The last attempt begins before the time is over. @throws LabError when the lab is down; the signal's reason when aborted */
export async function check(
  { expected, withinMs }: ScenarioExpectation,
  port: ScenarioPort,
  clock: Clock,
  signal: AbortSignal,
): Promise<Verdict & { attempts: number }> {
  const deadline = clock.now() + withinMs
  const attempt = async (): Promise<Verdict> =>
    'node' in expected
      ? judgeCommand(expected, await port.exec(expected.node, expected.command, signal))
      : judgePing(expected, await port.ping(expected, signal))
  for (let attempts = 1; ; attempts++) {
    const verdict = await attempt().catch((error) => unanswered(error, signal))
    if (verdict.held || clock.now() + PAUSE_MS > deadline) return { ...verdict, attempts }
    await clock.until(clock.now() + PAUSE_MS, signal)
  }
}

/** A node that is dead or paused meets no expectation. */
function unanswered(error: unknown, signal: AbortSignal): Verdict {
  signal.throwIfAborted()
  if (!(error instanceof LabError) || ['LAB_NOT_FOUND', 'USAGE', 'INTERNAL'].includes(error.code)) throw error
  return { held: false, outcome: error.message }
}
