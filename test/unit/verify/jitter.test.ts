// What is expected of a jitter agrees with the tables that are configured, although it is computed in another way.
import { expect, test } from 'vitest'
import { momentsOf } from '../../../src/model/distribution-table.js'
import { deviationOf } from '../../../src/verify/intervals.js'
import { delaysOf } from '../../../src/verify/jitter.js'

test.each(['uniform', 'normal', 'pareto', 'paretonormal'] as const)('%s', (distribution) => {
  const delays = delaysOf(100e6, { amountNs: 1e6, distribution, correlation: 0, reorder: true })
  expect(deviationOf(delays) / 1e6 / momentsOf(distribution).deviation).toBeCloseTo(1, 1)
})

test('no delay is below 0', () => {
  const delays = delaysOf(1e6, { amountNs: 1e6, distribution: 'normal', correlation: 0, reorder: true })
  expect(delays[0]).toBe(0)
  expect(delays).toEqual(delays.toSorted((a, b) => a - b))
})

test("a user's table is in 8,192nds of the jitter", () => {
  const distribution = { table: [-8192, 0, 16_384] }
  expect(delaysOf(10e6, { amountNs: 1e6, distribution, correlation: 0, reorder: true })).toEqual([9e6, 10e6, 12e6])
})
