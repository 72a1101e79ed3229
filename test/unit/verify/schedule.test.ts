// When probes are sent: so that they do not meet each other where they must not, and neither the link nor the machine is full.
import { expect, test } from 'vitest'
import type { Impairment } from '../../../src/model/impairment.js'
import { delaySchedule, type Effort, floodOf, frameSchedule } from '../../../src/verify/schedule.js'

const MS = 1e6
const EFFORT: Effort = { durationNs: 5000 * MS, probes: 100_000, apartNs: 0, sharing: 1 }
const rate = (bitsPerSecond: number): Impairment => ({ rate: { bitsPerSecond, burstBytes: 3028, overheadBytes: 0 } })
const jitter = (amountNs: number): Impairment => ({
  delayNs: 500 * MS,
  jitter: { amountNs, distribution: 'normal', correlation: 0, reorder: false },
})

test('probes of a delay are 10 ms apart, and 5 times the jitter', () => {
  expect(delaySchedule(null, EFFORT)).toEqual({ count: 200, intervalNs: 10 * MS, bytes: 100 })
  expect(delaySchedule(jitter(20 * MS), EFFORT)).toEqual({ count: 50, intervalNs: 100 * MS, bytes: 100 })
})

test('probes take a fifth of the rate, and share that with other stations', () => {
  expect(delaySchedule(rate(8000), EFFORT).intervalNs).toBeCloseTo(500 * MS)
  expect(delaySchedule(rate(8000), { ...EFFORT, sharing: 2 }).intervalNs).toBeCloseTo(1000 * MS)
})

test('frames are sent close together only where that shows something', () => {
  expect(frameSchedule({ delayNs: MS }, EFFORT)).toBeNull()
  const loss: Impairment = { loss: { model: 'random', probability: 0.01, correlation: 0 } }
  expect(frameSchedule(loss, EFFORT)).toEqual({ count: 50_000, intervalNs: 0.1 * MS, bytes: 100 })
  expect(frameSchedule(loss, { ...EFFORT, probes: 1000 })?.count).toBe(1000)
  expect(frameSchedule(loss, { ...EFFORT, apartNs: MS })?.count).toBe(5000)
})

test('a flood is a quarter more than the rate, after loss', () => {
  expect(floodOf({ delayNs: MS }, EFFORT)).toBeNull()
  expect(floodOf(rate(10e6), EFFORT)?.bitsPerSecond).toBe(12.5e6)
  const lossy: Impairment = { ...rate(10e6), loss: { model: 'random', probability: 0.5, correlation: 0 } }
  expect(floodOf(lossy, EFFORT)?.bitsPerSecond).toBe(25e6)
})

test('the rate of a trace is that of its opportunities to send 1,504 bytes', () => {
  const trace = { file: 'x', opportunitiesMs: [2, 5, 10] }
  expect(floodOf({ trace, queue: { kind: 'fifo', packets: 10 } }, EFFORT)?.bitsPerSecond).toBeCloseTo(
    1.25 * 3 * 1504 * 800,
  )
})
