// Delay, jitter and reordering by the wire, in simulated time.
import { beforeAll, expect, test } from 'vitest'
import {
  autocorrelation,
  buildSimulation,
  delays,
  deviation,
  link,
  mean,
  normalTable,
  numbers,
  quantile,
  type Simulation,
  simulate,
} from '../../support/wire/simulation.js'

beforeAll(buildSimulation)

const MS = 1_000_000
const RUN = 'run 100000000000000'
/** So far apart that no frame overtakes another one. */
const send = (words: string, count = 100_000): Simulation =>
  simulate(link(`${words} seed 9`), `send ${count} 0 ${100 * MS} 100 1 plain`, RUN)

const isSorted = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0))

test('a frame is handed on after exactly its delay, and at once without one', () => {
  expect(new Set(delays(send(`delay ${10 * MS}`, 1000).frames))).toEqual(new Set([10 * MS]))
  expect(new Set(delays(send('', 1000).frames))).toEqual(new Set([0]))
})

test('a late call adds to the time of no later frame, and is counted', () => {
  const words = link(`delay ${10 * MS} rate 10000000 0 0 queue packets 1000`)
  const load = `send 1000 0 ${MS + 1} 1250 1 plain`
  const exact = simulate(words, load, RUN)
  const late = simulate(words, 'wake 7000001', load, RUN)
  expect(late.frames.map((frame) => frame.due)).toEqual(exact.frames.map((frame) => frame.due))
  expect(exact.statistics.lateness.max).toBe(0)
  expect(late.statistics.lateness.max).toBe(Math.max(...late.frames.map((frame) => frame.handedOnAt - frame.due)))
  expect(late.statistics.lateness.max).toBeLessThan(7_000_001)
})

test('percentiles are within 2 % of those of the frames', () => {
  const simulation = send(`delay ${10 * MS} jitter ${9 * MS} 0 reorder uniform`)
  const seen = delays(simulation.frames)
  expect(simulation.statistics.delay).toMatchObject({ count: 100_000, max: Math.max(...seen) })
  for (const [name, of] of [
    ['p50', 0.5],
    ['p90', 0.9],
    ['p99', 0.99],
  ] as const) {
    expect(Math.abs(simulation.statistics.delay[name] / quantile(seen, of) - 1)).toBeLessThan(0.02)
  }
})

test('correlation leaves the distribution of uniform and normal jitter as it is', () => {
  const table = normalTable()
  const distributions = [
    // Of each: its standard deviation and its quantile of 90 %, in units of the jitter.
    { words: 'uniform', sd: 1 / Math.sqrt(3), at90: 0.8 },
    { words: table, sd: 1, at90: 1.2816 },
  ]
  for (const { words, sd, at90 } of distributions) {
    for (const correlation of [0, 0.25, 0.5, 0.9]) {
      const seen = delays(send(`delay ${20 * MS} jitter ${2 * MS} ${correlation} reorder ${words}`).frames)
      expect(Math.abs(mean(seen) / MS - 20)).toBeLessThan(0.1)
      expect(Math.abs(deviation(seen) / (2 * MS * sd) - 1)).toBeLessThan(0.03)
      expect(Math.abs(autocorrelation(seen) - correlation)).toBeLessThan(0.02)
      expect(Math.abs((quantile(seen, 0.9) / MS - 20) / (2 * at90) - 1)).toBeLessThan(0.05)
      expect(Math.abs((20 - quantile(seen, 0.1) / MS) / (2 * at90) - 1)).toBeLessThan(0.05)
    }
  }
})

test('correlation is that of the delays, also of a skewed distribution', () => {
  // Of 4 values, one is far away.
  const table = [-4096, -4096, -4096, 12288].map((value) => {
    const bytes = Buffer.alloc(2)
    bytes.writeInt16LE(value)
    return bytes.toString('hex')
  })
  for (const correlation of [0.25, 0.5, 0.75]) {
    const seen = delays(send(`delay ${20 * MS} jitter ${2 * MS} ${correlation} reorder ${table.join('')}`).frames)
    expect(Math.abs(autocorrelation(seen) - correlation)).toBeLessThan(0.02)
  }
})

test('values between those of a table are interpolated', () => {
  // -8192, 8192: one below, one above the mean.
  const seen = delays(send(`delay ${10 * MS} jitter ${MS} 0 reorder 00e00020`).frames)
  expect(quantile(seen, 0.1)).toBe(9 * MS)
  expect(quantile(seen, 0.9)).toBe(11 * MS)
  expect(Math.abs(mean(seen.filter((delay) => delay > 9 * MS && delay < 11 * MS)) / MS - 10)).toBeLessThan(0.02)
  expect(seen.filter((delay) => delay > 9 * MS && delay < 11 * MS).length / seen.length).toBeCloseTo(0.5, 1)
})

test('a jitter larger than the delay never makes a delay negative', () => {
  expect(Math.min(...delays(send(`delay ${MS} jitter ${5 * MS} 0 reorder ${normalTable()}`).frames))).toBe(0)
})

test('frames overtake each other with `reorder`, and never with `keep`', () => {
  const load = `send 20000 0 100000 100 1 plain`
  const jitter = (order: string) => `delay ${10 * MS} jitter ${3 * MS} 0.3 ${order} ${normalTable()} seed 4`
  const mixed = simulate(link(jitter('reorder')), load, RUN)
  expect(isSorted(numbers(mixed.frames))).toBe(false)
  expect(isSorted(mixed.frames.map((frame) => frame.due))).toBe(true)
  const kept = simulate(link(jitter('keep')), load, RUN)
  expect(numbers(kept.frames)).toEqual(Array.from({ length: 20_000 }, (_, index) => index))
})

test('every gap-th frame is a candidate for being sent at once', () => {
  const load = `send 20000 0 ${MS} 100 1 plain`
  const certain = simulate(link(`delay ${10 * MS} reorder 1 0 5`), load, RUN)
  const ahead = (simulation: Simulation) =>
    numbers(simulation.frames.filter((frame) => frame.due === frame.sentAt)).sort((one, other) => one - other)
  expect(ahead(certain).slice(0, 4)).toEqual([4, 9, 14, 19])
  expect(certain.statistics.reordered).toBe(4000)
  // Four that are no candidates, then on average four candidates.
  const rare = ahead(simulate(link(`delay ${10 * MS} reorder 0.25 0 5 seed 1`), load, RUN))
  expect(Math.abs(rare.length / (20_000 / 8) - 1)).toBeLessThan(0.05)
  expect(rare.every((number, index) => index === 0 || number - (rare[index - 1] ?? 0) >= 5)).toBe(true)
})

test('frames of one source are impaired as its class says, others as the default', () => {
  const words = link(`delay ${MS}`, `class 02:00:00:00:00:02 delay ${5 * MS} class 02:00:00:00:00:01 delay ${3 * MS}`)
  const loads = [1, 2, 3].map((flow) => `send 100 ${flow} ${MS} 100 ${flow} plain`)
  const { frames } = simulate(words, ...loads, RUN)
  const of = (flow: number) => new Set(delays(frames.filter((frame) => frame.flow === flow)))
  expect([of(1), of(2), of(3)]).toEqual([new Set([3 * MS]), new Set([5 * MS]), new Set([MS])])
})

test('frames that are due at the same time leave in the order in which they came', () => {
  const words = link(`delay ${MS}`, `class 02:00:00:00:00:01 delay ${9 * MS}`)
  const { frames } = simulate(words, 'send 1 0 0 100 1 plain', 'send 50 1 0 100 2 plain', RUN)
  expect(numbers(frames)).toEqual([...Array.from({ length: 50 }, (_, index) => index + 1), 0])
})

test('frames on their way keep their times when the configuration changes', () => {
  const { frames } = simulate(
    link(`delay ${10 * MS}`),
    `send 10 0 ${MS} 100 1 plain`,
    `run ${4.5 * MS}`,
    link(`delay ${2 * MS}`),
    RUN,
  )
  const delay = new Map(frames.map((frame) => [frame.number, (frame.due - frame.sentAt) / MS]))
  expect(Array.from({ length: 10 }, (_, number) => delay.get(number))).toEqual([10, 10, 10, 10, 10, 2, 2, 2, 2, 2])
})

test('a pause moves the times of frames on their way, and adds nothing to their delay', () => {
  const words = link(`delay ${10 * MS} rate 1000000 0 0 queue packets 100`)
  const { frames, statistics } = simulate(
    ...[words, 'send 4 0 0 1250 1 plain', `run ${25 * MS}`, `shift ${1000 * MS}`, RUN],
  )
  expect(frames.map((frame) => frame.due / MS)).toEqual([20, 1030, 1040, 1050])
  expect(statistics.delay.max).toBe(50 * MS)
})
