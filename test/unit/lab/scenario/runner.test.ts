// The times and the order of steps, with a clock that stands still until all wait for it.
import { describe, expect, test } from 'vitest'
import { LabError } from '../../../../src/errors.js'
import type { Clock } from '../../../../src/lab/scenario/clock.js'
import type { ScenarioPort } from '../../../../src/lab/scenario/port.js'
import { runSteps } from '../../../../src/lab/scenario/runner.js'
import type { PingResult } from '../../../../src/model/reach/ping.js'
import type { ScenarioEvent } from '../../../../src/model/scenario-event.js'
import { parseScenario } from '../../../../src/topology/scenario/parse.js'

/** Time passes only when nothing else is left to do. */
class FakeClock implements Clock {
  private time = 0
  private readonly waiting: { ms: number; wake: () => void }[] = []

  now(): number {
    return this.time
  }

  async until(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (ms <= this.time) return
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(signal.reason)
      signal.addEventListener('abort', abort)
      const wake = () => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      this.waiting.push({ ms, wake })
      setImmediate(() => this.advance())
    })
  }

  private advance(): void {
    this.waiting.sort((a, b) => a.ms - b.ms)
    const next = this.waiting.shift()
    if (!next) return
    this.time = Math.max(this.time, next.ms)
    next.wake()
    if (this.waiting.length > 0) setImmediate(() => this.advance())
  }
}

interface Answers {
  /** How long an action takes, by its first word. */
  takes?: Record<string, number>
  ping?: (at: number) => Partial<PingResult>
  fails?: Record<string, LabError>
}

/** Runs a scenario, and returns what has been done and reported. */
async function run(text: string, { takes = {}, ping = () => ({}), fails = {} }: Answers = {}, signal?: AbortSignal) {
  const clock = new FakeClock()
  const log: string[] = []
  const events: ScenarioEvent[] = []
  const take = async (what: string, key: string, ending: AbortSignal) => {
    log.push(`${clock.now()} ${what}`)
    if (fails[key]) throw fails[key]
    await clock.until(clock.now() + (takes[key] ?? 0), ending)
    log.push(`${clock.now()} ${what} done`)
  }
  const port: ScenarioPort = {
    async change(change) {
      await take(change.action, change.action, new AbortController().signal)
      return []
    },
    async exec(_, [, , line = ''], ending) {
      await take(line, line, ending)
      return { exitCode: 0, stdout: '', stderr: '' }
    },
    async ping({ from, to, count }, ending) {
      await take('ping', 'ping', ending)
      const all = { from, to, address: to, answeredBy: [], sent: count, received: count, lossPercent: 0 }
      return { ...all, rttMs: { min: 1, avg: 1, max: 1, mdev: 0 }, ...ping(clock.now()) }
    },
  }
  const onEvent = (event: ScenarioEvent) => {
    events.push(event)
  }
  const options = signal ? { signal, onEvent } : { onEvent }
  const result = runSteps('lab', parseScenario(text), port, clock, options)
  const ended = await result.catch((error) => error)
  return { log, events, ended }
}

const LOST = { received: 0, rttMs: null }

describe('steps', () => {
  test('are done at their times, those of the same time in the order of the file', async () => {
    const { log, ended } = await run(`steps:
  - { at: 2s, down: a }
  - { every: 1s, count: 3, up: a }
  - { at: 1s, pause: all }`)
    expect(log.filter((line) => !line.endsWith('done'))).toEqual([
      '0 up',
      '1000 up',
      '1000 pause',
      '2000 down',
      '2000 up',
    ])
    expect(ended).toMatchObject({ event: 'ended', elapsedMs: 2000, late: 0, expectations: { checked: 0, held: 0 } })
  })

  test('that change wait for each other, and what is late is told and not caught up with', async () => {
    const { events, ended } = await run(
      'steps: [{ at: 1s, down: a }, { at: 1s, up: a }, { at: 1.5s, pause: a }, { at: 2s, resume: a }]',
      { takes: { down: 300, up: 8, pause: 10 } },
    )
    expect(
      events.flatMap((event) => (event.event === 'changed' ? [[event.action, event.timeMs, event.lateMs]] : [])),
    ).toEqual([
      ['down', 1300, 300],
      ['up', 1308, 308],
      ['pause', 1510, 10],
      ['resume', 2000, 0],
    ])
    expect(ended).toMatchObject({ late: 2 })
  })

  test('with commands run side by side, and hold up no change', async () => {
    const { log } = await run(
      `steps:
  - { at: 0s, exec: { node: a, command: first } }
  - { at: 0s, exec: { node: a, command: second } }
  - { at: 1s, down: a }`,
      { takes: { first: 5000, second: 200 } },
    )
    expect(log).toEqual(['0 first', '0 second', '200 second done', '1000 down', '1000 down done', '5000 first done'])
  })

  test('with commands begin when the changes before them are done', async () => {
    const { log, events } = await run('steps: [{ at: 0s, down: a }, { at: 0s, exec: { node: a, command: x } }]', {
      takes: { down: 20 },
    })
    expect(log).toEqual(['0 down', '20 down done', '20 x', '20 x done'])
    expect(events[2]).toMatchObject({ event: 'command', startMs: 20, lateMs: 20, line: 1, step: 2 })
  })

  test('with a command that still runs begin again when it has ended', async () => {
    const { log } = await run('steps: [{ every: 1s, count: 3, exec: { node: a, command: x } }]', { takes: { x: 1500 } })
    expect(log.filter((line) => !line.endsWith('done'))).toEqual(['0 x', '1500 x', '3000 x'])
  })

  test('with commands run side by side up to a limit', async () => {
    const { log } = await run('steps: [{ at: 0s, exec: { node: a, command: "{i}" }, repeat: 70 }]', {
      takes: Object.fromEntries(Array.from({ length: 71 }, (_, index) => [String(index), 100])),
    })
    const begun = log.filter((line) => !line.endsWith('done')).map((line) => Number(line.split(' ')[0]))
    expect([0, 100, 200].map((ms) => begun.filter((each) => each === ms).length)).toEqual([32, 32, 6])
  })

  test('are followed by the rest of the duration', async () => {
    expect((await run('duration: 9s\nsteps: [{ at: 0s, down: a }]')).ended).toMatchObject({ elapsedMs: 9000 })
  })
})

describe('an expectation', () => {
  const ping = (rest: string) => `steps: [{ at: 0s, expect: { from: a, to: b${rest} } }]`

  test('is counted, whether it holds or not', async () => {
    const { events, ended } = await run(
      'steps: [{ at: 0s, expect: { from: a, to: b } }, { at: 1s, expect: { from: a, to: b } }]',
      { ping: (at) => (at < 1000 ? {} : LOST) },
    )
    expect(ended).toMatchObject({ expectations: { checked: 2, held: 1 } })
    expect(events.slice(1, 3)).toMatchObject([
      { held: true, expected: 'a → b: answered', outcome: '1 of 1 answered, in 1.00 ms', attempts: 1 },
      { held: false, outcome: '0 of 1 answered', attempts: 1 },
    ])
  })

  test('is tried again until it holds', async () => {
    const { events } = await run(ping(', within: 1s'), { ping: (at) => (at < 480 ? LOST : {}), takes: { ping: 100 } })
    expect(events[1]).toMatchObject({ held: true, attempts: 4, timeMs: 550 })
  })

  test('is tried no longer than its time', async () => {
    const { events } = await run(ping(', within: 1s'), { ping: () => LOST, takes: { ping: 100 } })
    expect(events[1]).toMatchObject({ held: false, attempts: 7, timeMs: 1000 })
  })

  test('does not hold in a node that is dead, which ends nothing', async () => {
    const dead = new LabError('NODE_NOT_FOUND', 'a is dead')
    const { events, ended } = await run(ping(''), { fails: { ping: dead } })
    expect(events[1]).toMatchObject({ held: false, outcome: 'a is dead' })
    expect(ended).toMatchObject({ event: 'ended' })
  })
})

describe('a run ends', () => {
  test('with a step that cannot be carried out, and so does what still runs', async () => {
    const refused = new LabError('KERNEL_REFUSED', 'no such device')
    const { log, ended } = await run(
      'steps: [{ at: 0s, exec: { node: a, command: long } }, { at: 1s, down: a }, { at: 2s, up: a }]',
      { takes: { long: 9000 }, fails: { down: refused } },
    )
    expect(log).toEqual(['0 long', '1000 down'])
    expect(ended).toMatchObject({
      code: 'KERNEL_REFUSED',
      message: 'step 2 (the scenario:1) failed: no such device',
      hint: 'what the steps before have changed stays',
    })
  })

  test('with a command that cannot be run', async () => {
    const dead = new LabError('NODE_NOT_FOUND', 'a is dead')
    const { log, ended } = await run('steps: [{ at: 0s, exec: { node: a, command: x } }, { at: 1s, up: a }]', {
      fails: { x: dead },
    })
    expect(log).toEqual(['0 x'])
    expect(ended).toMatchObject({ code: 'NODE_NOT_FOUND' })
  })

  test('with its signal, when the change that is under way is done', async () => {
    const controller = new AbortController()
    const result = run(
      'steps: [{ at: 0s, exec: { node: a, command: long } }, { at: 0s, down: a }, { at: 0s, up: a }]',
      { takes: { long: 9000, down: 10 }, ping: () => ({}) },
      controller.signal,
    )
    controller.abort(new LabError('INTERRUPTED', 'interrupted'))
    const { log, ended } = await result
    expect(log).toEqual([])
    expect(ended).toMatchObject({ code: 'INTERRUPTED' })
  })
})
