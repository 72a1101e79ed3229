// Durations are exact to the nanosecond, and what is none is told.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration } from '../../../../src/topology/values/duration.js'

test.each([
  ['7d', 604_800, 0],
  ['+7d', 604_800, 0],
  ['-3h', -10_800, 0],
  ['90s', 90, 0],
  ['1d12h', 129_600, 0],
  ['2w', 1_209_600, 0],
  ['1.5s', 1, 500_000_000],
  ['-1.5s', -2, 500_000_000],
  ['-1ns', -1, 999_999_999],
  ['0.25us', 0, 250],
  ['1m1ms', 60, 1_000_000],
  ['0s', 0, 0],
  ['-0s', 0, 0],
])('%s is %i s and %i ns', (text, seconds, nanoseconds) => {
  expect(parseDuration(text)).toEqual({ seconds, nanoseconds })
})

test.each(['', '+', '7', 'd', '7 d', '1.s', '.5s', '--1s', '1d-12h', '7D', '1e3s', '0x1s', '7days', '٣d'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toContain('is not a duration such as 7d, -3h, 1d12h or 1.5s')
  },
)

test('what is finer than a nanosecond is told', () => {
  expect(parseDuration('1h0.0000000001s')).toBe('0.0000000001s is no whole number of nanoseconds')
})

test('the parts of any duration add up, with nanoseconds that are never negative', () => {
  const parts = fc.tuple(fc.nat(99_999), fc.nat(1_000_000), fc.nat(4_000_000_000), fc.boolean())
  fc.assert(
    fc.property(parts, ([days, seconds, nanoseconds, isNegative]) => {
      const duration = parseDuration(`${isNegative ? '-' : ''}${days}d${seconds}s${nanoseconds}ns`)
      if (typeof duration === 'string') throw new Error(duration)
      const expected = (BigInt(days) * 86_400n + BigInt(seconds)) * 1_000_000_000n + BigInt(nanoseconds)
      const total = BigInt(duration.seconds) * 1_000_000_000n + BigInt(duration.nanoseconds)
      expect(total).toBe(isNegative ? -expected : expected)
      expect(duration.nanoseconds).toBeGreaterThanOrEqual(0)
      expect(duration.nanoseconds).toBeLessThan(1_000_000_000)
    }),
  )
})
