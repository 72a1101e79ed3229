// Words of a command change one direction: what is named is replaced, the rest is kept.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Chance, Impairment, Loss, Queue } from '../../../../src/model/impairment.js'
import { changeImpairment } from '../../../../src/topology/emulation/change.js'
import { impairmentText } from '../../../../src/topology/emulation/impairment-text.js'
import { runs } from '../../../support/effort.js'

const DIRECTION = { from: 'a:eth0', to: 'b:eth0', mtu: 1500, side: 'up' } as const

const changed = (current: Impairment | null, ...words: string[]): Impairment | null => {
  const change = changeImpairment(current, words, DIRECTION)
  if ('faults' in change) throw new Error(change.faults.join('\n'))
  return change.impairment
}
const faultsOf = (current: Impairment | null, ...words: string[]) => {
  const change = changeImpairment(current, words, DIRECTION)
  return 'faults' in change ? change.faults : []
}
/** The texts after each of several changes. */
const steps = (...lines: string[]): (string | null)[] => {
  let current: Impairment | null = null
  return lines.map((line) => {
    current = changed(current, ...line.split(' '))
    return current && impairmentText(current)
  })
}

test('what is named is replaced, the rest is kept', () => {
  expect(steps('delay=20ms loss=1%', 'jitter=2ms', 'loss=none', 'jitter=none delay=0ms')).toEqual([
    'delay 20ms loss 1%',
    'delay 20ms 2ms loss 1%',
    'delay 20ms 2ms',
    null,
  ])
})

test('parts of a key', () => {
  expect(
    steps(
      'delay=20ms jitter=2ms jitter.distribution=normal',
      'jitter.correlation=25%',
      'loss.model=gilbert-elliott loss.p=1% loss.r=10%',
      'loss.r=20%',
      'loss=2%',
      'rate=10mbit queue.kind=fq_codel queue.limit=500',
      'queue.limit=600',
      'queue=64kb',
    ),
  ).toEqual([
    'delay 20ms 2ms distribution normal',
    'delay 20ms 2ms 25% distribution normal',
    'delay 20ms 2ms 25% distribution normal loss gemodel 1% 10% 100% 0%',
    'delay 20ms 2ms 25% distribution normal loss gemodel 1% 20% 100% 0%',
    'delay 20ms 2ms 25% distribution normal loss 2%',
    'delay 20ms 2ms 25% distribution normal loss 2% rate 10mbit fq_codel limit 500p',
    'delay 20ms 2ms 25% distribution normal loss 2% rate 10mbit fq_codel limit 600p',
    'delay 20ms 2ms 25% distribution normal loss 2% rate 10mbit limit 64kb',
  ])
})

test('a queue and a burst that were not written follow the rate and the delay; written ones stay', () => {
  expect(steps('rate=100mbit', 'delay=50ms', 'rate=1gbit', 'queue=77', 'delay=5ms', 'queue=none', 'rate=none')).toEqual(
    [
      'rate 100mbit limit 166p',
      'delay 50ms rate 100mbit limit 826p',
      'delay 50ms rate 1gbit limit 8257p',
      'delay 50ms rate 1gbit limit 77p',
      'delay 5ms rate 1gbit limit 77p',
      'delay 5ms rate 1gbit limit 1652p',
      'delay 5ms',
    ],
  )
  expect(changed(changed(null, 'rate=1mbit'), 'rate=1gbit')?.rate?.burstBytes).toBe(18_750)
  expect(changed(changed(null, 'rate=1mbit', 'rate.burst=8kb'), 'rate.rate=1gbit')?.rate?.burstBytes).toBe(8192)
})

test('a preset replaces what it has', () => {
  expect(steps('delay=1ms loss=1%', 'preset=webpagetest-cable')).toEqual([
    'delay 1ms loss 1%',
    'delay 14ms loss 1% rate 1mbit limit 20p',
  ])
  expect(changeImpairment(null, ['preset=webpagetest-cable'], { ...DIRECTION, side: 'down' })).toMatchObject({
    impairment: { rate: { bitsPerSecond: 5_000_000 } },
  })
})

test('a seed is kept, and a written one becomes that of the direction', () => {
  const first = changed(null, 'loss=1%', 'seed=7')
  expect(first?.seed).toMatch(/^[0-9]+$/)
  expect(changed(first, 'loss=2%')?.seed).toBe(first?.seed)
  expect(changed(first, 'seed=8')?.seed).not.toBe(first?.seed)
  expect(changed(first, 'seed=none')).not.toHaveProperty('seed')
})

test('what was read from a file is kept without the file; another file is read', () => {
  const trace: Impairment = { trace: { file: 'gone', opportunitiesMs: [1, 2] }, queue: { kind: 'fifo', packets: 20 } }
  expect(changed(trace, 'delay=1ms')?.trace).toEqual(trace.trace)
  const table: Impairment = {
    delayNs: 5_000_000,
    jitter: { amountNs: 1_000_000, distribution: { table: [-1, 0, 1] }, correlation: 0, reorder: false },
  }
  expect(changed(table, 'delay=9ms', 'jitter.amount=2ms')?.jitter).toEqual({ ...table.jitter, amountNs: 2_000_000 })
  expect(changeImpairment(trace, ['trace=new'], DIRECTION, (file) => ({ file, text: '5\n' }))).toMatchObject({
    impairment: { trace: { file: 'new', opportunitiesMs: [5] } },
  })
  expect(changeImpairment(null, ['trace=new'], DIRECTION, (file) => ({ file, text: '5\nx' }))).toEqual({
    faults: ['trace: new:2:1: expected a whole number of milliseconds, and nothing else, on each line of a trace'],
  })
})

test('faults name the word and what was expected', () => {
  expect(faultsOf(null, 'delya=3ms', 'loss=3', 'corrupt=3', 'x', 'queue.kind=z', 'rate.burst=3kb')).toEqual([
    'delya: unknown key delya; did you mean delay?',
    'loss: 3 has no unit: write a percentage such as 0.5%',
    'corrupt: 3 has no unit: write a percentage such as 0.5%',
    'x is not KEY=VALUE, such as delay=20ms',
    'queue.kind: expected codel, fifo, fq_codel or red, got "z"',
    'rate.rate: the key `rate` is missing',
  ])
  expect(faultsOf(null, 'reorder=1%')).toEqual([
    'reorder: a reordered frame is sent without its delay, so there must be one: write a `delay`',
  ])
  expect(faultsOf(null, 'queue=3')).toEqual(['queue: a queue stands in front of a rate: write a rate or a trace too'])
  expect(faultsOf({ delayNs: 5, reorder: { probability: 0.1, correlation: 0, gap: 1 } }, 'delay=none')).toHaveLength(1)
})

test('warnings', () => {
  expect(changeImpairment(null, ['delay=1ms', 'jitter=2ms'], DIRECTION)).toMatchObject({
    warnings: [
      'a:eth0 → b:eth0: a jitter of 2ms is above the delay of 1ms: delays below 0 are 0, so the mean delay is longer than written',
    ],
  })
})

const probability = fc.double({ min: 0.000_001, max: 1, noNaN: true })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const half = fc.double({ min: 0.001, max: 0.5, noNaN: true })
const times = fc.integer({ min: 1, max: 2_000_000_000 })
const chance: fc.Arbitrary<Chance> = fc.record({ probability, correlation: share })
const loss: fc.Arbitrary<Loss> = fc.oneof(
  fc.record({ model: fc.constant('random' as const), probability, correlation: share }),
  fc.record({
    model: fc.constant('gilbert-elliott' as const),
    p: probability,
    r: probability,
    lossInBad: probability,
    lossInGood: share,
  }),
  fc.record({ model: fc.constant('state' as const), p13: half, p31: half, p32: half, p23: share, p14: half }),
)
const bytes = fc.integer({ min: 1514, max: 2 ** 29 })
const packets = fc.integer({ min: 1, max: 1_000_000 })
const codel = { packets, targetNs: times, intervalNs: times, ecn: fc.boolean() }
const queue: fc.Arbitrary<Queue> = fc.oneof(
  fc.record({ kind: fc.constant('fifo' as const), packets }),
  fc.record({ kind: fc.constant('fifo' as const), bytes }),
  fc.record({ kind: fc.constant('codel' as const), ...codel }),
  fc.record({
    kind: fc.constant('fq_codel' as const),
    ...codel,
    flows: fc.integer({ min: 1, max: 65_536 }),
    quantumBytes: bytes,
  }),
  bytes
    .map((limit) => ({
      kind: 'red' as const,
      bytes: 3 * limit,
      minBytes: limit,
      maxBytes: 2 * limit,
      probability: 0.25,
      ecn: false,
    }))
    .filter((red) => red.bytes <= 2 ** 30),
)
const impairments: fc.Arbitrary<Impairment> = fc.record(
  {
    delayNs: times,
    jitter: fc.record({
      amountNs: times,
      distribution: fc.constantFrom('uniform' as const, 'normal' as const, { table: [-5, 0, 5] }),
      correlation: share,
      reorder: fc.boolean(),
    }),
    loss,
    duplicate: chance,
    reorder: fc.record({ probability, correlation: share, gap: fc.integer({ min: 1, max: 1000 }) }),
    corrupt: chance,
    rate: fc.record({
      bitsPerSecond: fc.integer({ min: 8, max: 1e12 }),
      burstBytes: bytes,
      overheadBytes: fc.integer({ min: -1500, max: 1500 }),
    }),
    queue,
    seed: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String),
  },
  { requiredKeys: ['delayNs', 'rate', 'queue'] },
)

test('a change to what is there already changes nothing', () => {
  fc.assert(
    fc.property(impairments, (impairment) => {
      expect(changed(impairment)).toEqual(impairment)
      expect(changed(changed(impairment, 'loss=1%', 'duplicate=none'), 'loss=none')).toEqual(
        Object.fromEntries(Object.entries(impairment).filter(([key]) => key !== 'loss' && key !== 'duplicate')),
      )
    }),
    runs(100),
  )
})
