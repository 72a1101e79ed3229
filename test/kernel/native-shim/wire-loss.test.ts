// Loss, duplication and corruption by the wire, in simulated time. Seeds are fixed, so that each run draws the same numbers.
import { beforeAll, expect, test } from 'vitest'
import {
  autocorrelation,
  buildSimulation,
  link,
  losses,
  mean,
  meanRun,
  normalTable,
  numbers,
  type Simulation,
  simulate,
} from '../../support/wire/simulation.js'

beforeAll(buildSimulation)

const COUNT = 100_000
const SEND = `send ${COUNT} 0 1000 100 1 plain`
const RUN = 'run 1000000000000'
const send = (words: string): Simulation => simulate(link(words), SEND, RUN)
const rate = (simulation: Simulation): number => mean(losses(simulation).map(Number))

/** Half of the interval that has 99.9 % of the observed rates, where neighbours have this correlation. */
const margin = (probability: number, correlation = 0): number =>
  3.29 * Math.sqrt((probability * (1 - probability) * (1 + correlation)) / (1 - correlation) / COUNT)

test('1 % of the frames is lost', () => {
  const simulation = send('loss random 0.01 0 seed 7')
  expect(Math.abs(rate(simulation) - 0.01)).toBeLessThan(margin(0.01))
  expect(simulation.statistics.loss).toBe(COUNT - simulation.frames.length)
  expect(Math.abs(autocorrelation(losses(simulation).map(Number)))).toBeLessThan(0.011)
})

test('no frame is lost with probability 0, each with 1', () => {
  expect(send('loss random 0 0.5').frames).toHaveLength(COUNT)
  expect(send('loss random 1 0.5').frames).toHaveLength(0)
})

test('the same seed loses the same frames, whatever else is configured', () => {
  const seen = losses(send('loss random 0.01 0 seed 7'))
  const table = normalTable()
  const others = [
    'delay 10000000 jitter 5000000 0.5 keep uniform loss random 0.01 0 seed 7',
    `delay 10000000 jitter 5000000 0 reorder ${table} loss random 0.01 0 duplicate 0.1 0.5 corrupt 0.1 0 seed 7`,
    'reorder 0.5 0 3 delay 1000 loss random 0.01 0 rate 10000000000 3000 0 queue packets 200000 seed 7',
  ]
  for (const other of others) expect(losses(send(other))).toEqual(seen)
  expect(losses(send('loss random 0.01 0 seed 8'))).not.toEqual(seen)
  expect(losses(send('loss random 0.01 0'))).not.toEqual(losses(send('loss random 0.01 0')))
})

test('a source draws other numbers than the other frames with the same seed', () => {
  const own = simulate(link('', 'class 02:00:00:00:00:01 loss random 0.01 0 seed 7'), SEND, RUN)
  expect(losses(own)).not.toEqual(losses(send('loss random 0.01 0 seed 7')))
  expect(Math.abs(rate(own) - 0.01)).toBeLessThan(margin(0.01))
})

test('correlation leaves the rate of losses as it is, and is that of a loss with the one before', () => {
  for (const [probability, correlation] of [
    [0.01, 0.25],
    [0.05, 0.5],
    [0.3, 0.9],
  ] as const) {
    const simulation = send(`loss random ${probability} ${correlation} seed 11`)
    expect(Math.abs(rate(simulation) - probability)).toBeLessThan(margin(probability, correlation))
    expect(autocorrelation(losses(simulation).map(Number))).toBeCloseTo(correlation, 1)
    expect(meanRun(losses(simulation))).toBeCloseTo(1 / (1 - probability - correlation * (1 - probability)), 0)
  }
})

test('the Gilbert-Elliott model loses as many frames, in runs as long, as its theory says', () => {
  const [p, r] = [0.01, 0.25]
  const bad = p / (p + r)
  const simulation = send(`loss gilbert-elliott ${p} ${r} 1 0 seed 3`)
  expect(Math.abs(rate(simulation) - bad)).toBeLessThan(margin(bad, 1 - p - r))
  expect(Math.abs(meanRun(losses(simulation)) * r - 1)).toBeLessThan(0.1)
  const mixed = send(`loss gilbert-elliott ${p} ${r} 0.5 0.02 seed 3`)
  const expected = bad * 0.5 + (1 - bad) * 0.02
  expect(Math.abs(rate(mixed) - expected)).toBeLessThan(margin(expected, 1 - p - r))
})

test('the model of four states loses as many frames, in runs as long, as its Markov chain', () => {
  const [p13, p31, p32, p23, p14] = [0.02, 0.2, 0.3, 0.4, 0.01]
  const simulation = send(`loss state ${p13} ${p31} ${p32} ${p23} ${p14} seed 5`)
  let states = [1, 0, 0, 0]
  for (let i = 0; i < 10_000; i++) {
    const [good, inside, burst, isolated] = states as [number, number, number, number]
    states = [
      good * (1 - p13 - p14) + burst * p31 + isolated,
      inside * (1 - p23) + burst * p32,
      burst * (1 - p31 - p32) + good * p13 + inside * p23,
      good * p14,
    ]
  }
  const [good, inside, burst, isolated] = states as [number, number, number, number]
  const lost = burst + isolated
  expect(Math.abs(rate(simulation) - lost)).toBeLessThan(margin(lost, 0.8))
  const run = lost / (good * (p13 + p14) + inside * p23)
  expect(Math.abs(meanRun(losses(simulation)) / run - 1)).toBeLessThan(0.1)
})

test('frames are duplicated, and the copy follows with a delay of its own', () => {
  const simulation = send('delay 1000000 jitter 500000 0 reorder uniform duplicate 0.1 0 seed 2')
  const copies = simulation.frames.length - COUNT
  expect(Math.abs(copies / COUNT - 0.1)).toBeLessThan(margin(0.1))
  expect(simulation.statistics.duplicated).toBe(copies)
  expect(new Set(numbers(simulation.frames)).size).toBe(COUNT)
  const firstDue = new Map<number, number>()
  let equal = 0
  for (const { number, due } of simulation.frames) {
    if (firstDue.get(number) === due) equal++
    firstDue.set(number, due)
  }
  expect(equal).toBeLessThan(100)
})

test('one bit of a corrupted frame is wrong, also where the kernel was to compute the checksum', () => {
  const simulation = send('corrupt 0.1 0 seed 2')
  const wrong = simulation.frames.filter((frame) => frame.wrongBits > 0)
  expect(Math.abs(wrong.length / COUNT - 0.1)).toBeLessThan(margin(0.1))
  expect(simulation.statistics.corrupted).toBe(wrong.length)
  expect(new Set(wrong.map((frame) => frame.wrongBits))).toEqual(new Set([1]))
  // The program of the tests compares with a frame that has the whole checksum.
  for (const length of [100, 1514, 1001]) {
    const partial = simulate(link('corrupt 1 0'), `send 1000 0 1000 ${length} 1 partial`, RUN)
    expect(new Set(partial.frames.map((frame) => frame.wrongBits))).toEqual(new Set([1]))
  }
})
