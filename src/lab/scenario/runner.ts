// Runs the steps of a scenario at their times: changes one after the other, commands and expectations beside them.
import { setMaxListeners } from 'node:events'
import { LabError } from '../../errors.js'
import type { ScenarioEnded, ScenarioEvent } from '../../model/scenario-event.js'
import type { Scenario, ScenarioAction, ScenarioChange } from '../../topology/scenario/scenario.js'
import { check } from './attempts.js'
import type { Clock } from './clock.js'
import { expectedText } from './judge.js'
import type { ScenarioPort } from './port.js'
import { type Due, scheduleOf } from './schedule.js'
import { Slots } from './slots.js'

/** A step that is late by more is counted, and told. */
export const LATE_MS = 10

export interface RunOptions {
  /** Ends the run when aborted. What steps have changed stays; what still runs is ended. */
  signal?: AbortSignal
  /** Called for each event, as it happens. */
  onEvent?: (event: ScenarioEvent) => void
}

/**
 * Resolves when all steps are done and the duration is over, whether expectations have held or not.
 *
 * @throws the signal's reason when aborted; LabError of the first step that cannot be carried out, with its place
 */
export async function runSteps(
  lab: string,
  scenario: Scenario,
  port: ScenarioPort,
  clock: Clock,
  { signal, onEvent = () => {} }: RunOptions = {},
): Promise<ScenarioEnded> {
  const schedule = scheduleOf(scenario)
  onEvent({ event: 'started', lab, times: schedule.length, durationMs: scenario.durationMs })
  const run = new Run(scenario, port, clock, onEvent, signal)
  await run.all(schedule)
  const ended: ScenarioEnded = { event: 'ended', lab, elapsedMs: round(clock.now()), ...run.counts }
  onEvent(ended)
  return ended
}

class Run {
  readonly counts = { late: 0, expectations: { checked: 0, held: 0 } }
  /** Aborted at the first failure, to end what still runs. */
  private readonly ending = new AbortController()
  private readonly signal: AbortSignal
  /** By step, its last command or expectation: a step is not begun again before it has ended. */
  private readonly running = new Map<number, Promise<void>>()
  private readonly slots = new Slots()

  constructor(
    private readonly scenario: Scenario,
    private readonly port: ScenarioPort,
    private readonly clock: Clock,
    private readonly onEvent: (event: ScenarioEvent) => void,
    signal: AbortSignal | undefined,
  ) {
    this.signal = signal ? AbortSignal.any([signal, this.ending.signal]) : this.ending.signal
    // Each command that runs listens; Node.js would warn of more than ten.
    setMaxListeners(0, this.signal)
  }

  async all(schedule: readonly Due[]): Promise<void> {
    try {
      for (const due of schedule) {
        await this.clock.until(due.atMs, this.signal)
        const { action } = due.step
        if (action.action === 'exec' || action.action === 'expect') this.begin(due, action)
        else await this.change(due, action)
      }
      await Promise.all(this.running.values())
      await this.clock.until(this.scenario.durationMs, this.signal)
    } catch (error) {
      this.ending.abort(error)
      await Promise.all(this.running.values())
      throw error
    }
    // A command can fail last of all.
    this.signal.throwIfAborted()
  }

  private async change(due: Due, change: ScenarioChange): Promise<void> {
    const warnings = await this.port.change(change).catch((error) => {
      throw this.failureOf(due, error)
    })
    const timeMs = this.clock.now()
    const times = { timeMs: round(timeMs), lateMs: this.lateness(due, timeMs) }
    this.onEvent({ event: 'changed', ...this.placeOf(due), ...describe(change), warnings, ...times })
  }

  private begin(due: Due, action: Exclude<ScenarioAction, ScenarioChange>): void {
    const before = this.running.get(due.index) ?? Promise.resolve()
    const act = async () => {
      await before
      if (action.action === 'expect') await this.expect(due, action)
      else await this.slots.run(async () => await this.exec(due, action))
    }
    const done = act().catch((error) => this.ending.abort(this.failureOf(due, error)))
    this.running.set(due.index, done)
  }

  private async exec(due: Due, { node, command }: Extract<ScenarioAction, { action: 'exec' }>): Promise<void> {
    this.signal.throwIfAborted()
    const startMs = this.clock.now()
    const result = await this.port.exec(node, command, this.signal)
    const what = { event: 'command' as const, ...this.placeOf(due), node, command: [...command], ...result }
    this.onEvent({ ...what, ...this.timesFrom(due, startMs) })
  }

  private async expect(due: Due, action: Extract<ScenarioAction, { action: 'expect' }>): Promise<void> {
    const { startMs, ...verdict } = await check(action, this.port, this.clock, this.slots, this.signal)
    this.counts.expectations.checked++
    if (verdict.held) this.counts.expectations.held++
    const what = { event: 'expectation' as const, ...this.placeOf(due), expected: expectedText(action.expected) }
    this.onEvent({ ...what, ...verdict, ...this.timesFrom(due, startMs) })
  }

  private timesFrom(due: Due, startMs: number) {
    return { startMs: round(startMs), timeMs: round(this.clock.now()), lateMs: this.lateness(due, startMs) }
  }

  private lateness({ atMs }: Due, timeMs: number): number {
    const lateMs = timeMs - atMs
    if (lateMs > LATE_MS) this.counts.late++
    return round(lateMs)
  }

  private placeOf({ index, atMs, step }: Due) {
    const { source, start } = this.scenario.locate(step.path).origin
    return { step: index + 1, line: source.position(start).line, atMs }
  }

  /** Adds the place of the step. An abort has none. */
  private failureOf(due: Due, error: unknown): unknown {
    if (!(error instanceof LabError) || this.signal.aborted) return error
    const { line, step } = this.placeOf(due)
    const place = `${this.scenario.file ?? 'the scenario'}:${line}`
    return new LabError(error.code, `step ${step} (${place}) failed: ${error.message}`, {
      cause: error,
      hint: `${error.hint === undefined ? '' : `${error.hint}; `}what the steps before have changed stays`,
    })
  }
}

function describe(change: ScenarioChange) {
  switch (change.action) {
    case 'set': {
      const { action, changes } = change
      const words = Object.fromEntries(changes.map((each) => [each.endpoint, [...each.words]]))
      return { action, targets: changes.map(({ endpoint }) => endpoint), words }
    }
    case 'clear':
    case 'down':
    case 'up':
      return { action: change.action, targets: [...change.endpoints] }
    case 'pause':
    case 'resume':
      return { action: change.action, targets: [...(change.nodes ?? ['all'])] }
  }
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000
