// Times, rates, sizes and percentages are read as tc(8) reads them, exactly, and written so that they are read as the same.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePair } from '../../../../src/topology/values/pair.js'
import { parsePercentage, percentageText } from '../../../../src/topology/values/percentage.js'
import { parseRate, rateText } from '../../../../src/topology/values/tc-rate.js'
import { parseOverhead, parseSize, sizeText } from '../../../../src/topology/values/tc-size.js'
import { parseJitter, parseTime, timeText } from '../../../../src/topology/values/tc-time.js'
import { runs } from '../../../support/effort.js'

test.each([
  [parseTime, '10ms', 10_000_000],
  [parseTime, '100us', 100_000],
  [parseTime, '1.5s', 1_500_000_000],
  [parseTime, '0.25usecs', 250],
  [parseTime, '7nsec', 7],
  [parseTime, '0s', 0],
  [parseTime, '3600s', 3_600_000_000_000],
  [parseTime, '10MS', 10_000_000],
  [parseJitter, '2.147483647s', 2_147_483_647],
  [parseRate, '10mbit', 10_000_000],
  [parseRate, '1.5gbit', 1_500_000_000],
  [parseRate, '64Kbit', 64_000],
  [parseRate, '1mibit', 1_048_576],
  [parseRate, '1mbps', 8_000_000],
  [parseRate, '1kibps', 8192],
  [parseRate, '9600bit', 9600],
  [parseSize, '1600b', 1600],
  [parseSize, '32kb', 32_768],
  [parseSize, '32k', 32_768],
  [parseSize, '1.5mb', 1_572_864],
  [parseSize, '8kbit', 1024],
  [parseOverhead, '-4b', -4],
  [parseOverhead, '18b', 18],
  [parsePercentage, '0.5%', 0.005],
  [parsePercentage, '0.1%', 0.001],
  [parsePercentage, '100%', 1],
  [parsePercentage, '0.0002%', 0.000_002],
])('%o reads %s as %d', (parse, text, value) => {
  expect(parse(text)).toBe(value)
})

test.each([
  [parseTime, '10', '10 has no unit: a time is written like 10ms, 100us or 1.5s'],
  [parseTime, '-1ms', '-1ms is out of range: a time is 0s to 3600s'],
  [parseTime, '2h', 'h is no unit of a time, which is written like 10ms, 100us or 1.5s'],
  [parseTime, '3601s', '3601s is out of range: a time is 0s to 3600s'],
  [parseTime, '0.5ns', '0.5ns is no whole number of nanoseconds'],
  [parseTime, 'soon', '"soon" is not a time such as 10ms, 100us or 1.5s'],
  [parseTime, `${'9'.repeat(60)}s`, `"${'9'.repeat(40)}…" is not a time such as 10ms, 100us or 1.5s`],
  [parseTime, '1constructor', 'constructor is no unit of a time, which is written like 10ms, 100us or 1.5s'],
  [parseJitter, '2.2s', '2.2s is out of range: a jitter is 0s to 2.147483647s'],
  [parseRate, '100', '100 has no unit: a rate is written like 64kbit, 100mbit or 1.5gbit'],
  [parseRate, '0mbit', 'a rate of zero carries nothing: `loss: 100%` does that, and `none` is no limit'],
  [parseRate, '-1mbit', '-1mbit is out of range: a rate is 8bit to 1tbit'],
  [parseRate, '2tbit', '2tbit is out of range: a rate is 8bit to 1tbit'],
  [parseRate, '10mb', 'mb is no unit of a rate, which is written like 64kbit, 100mbit or 1.5gbit'],
  [parseSize, '0b', '0b is out of range: a size is 1b to 1gb'],
  [parseSize, '1600', '1600 has no unit: a size is written like 1600b, 32kb or 1mb'],
  [parseOverhead, '2kb', '2kb is out of range: an overhead is -1500b to 1500b'],
  [parsePercentage, '0.5', '0.5 has no unit: write a percentage such as 0.5%'],
  [parsePercentage, '101%', '101% is out of range: a percentage is 0% to 100%'],
  [parsePercentage, '-1%', '-1% is out of range: a percentage is 0% to 100%'],
  [parsePercentage, '1e3%', '"1e3%" is not a percentage such as 0.5%'],
])('%o refuses %s: %s', (parse, text, fault) => {
  expect(parse(text)).toBe(fault)
})

test.each([
  [timeText, 0, '0ns'],
  [timeText, 10_000_000, '10ms'],
  [timeText, 1_234_567, '1234.567us'],
  [timeText, 1_500_000_000, '1.5s'],
  [rateText, 10_000_000, '10mbit'],
  [rateText, 1_500_000_000, '1.5gbit'],
  [sizeText, 3028, '3028b'],
  [sizeText, 65_536, '64kb'],
  [percentageText, 0.005, '0.5%'],
  [percentageText, 1, '100%'],
  [percentageText, 0, '0%'],
  [percentageText, 1e-7, '0.00001%'],
])('%o writes %d as %s', (write, value, text) => {
  expect(write(value)).toBe(text)
})

test('what is written is read as the same number', () => {
  const integers = (max: number) => fc.nat({ max }).chain((at) => fc.constant(at))
  fc.assert(
    fc.property(
      fc.maxSafeNat().map((value) => value % 3_600_000_000_001),
      fc.maxSafeNat().map((value) => 8 + (value % 999_999_999_993)),
      integers(2 ** 30 - 1).map((value) => value + 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (time, rate, size, share) => {
        expect(parseTime(timeText(time))).toBe(time)
        expect(parseRate(rateText(rate))).toBe(rate)
        expect(parseSize(sizeText(size))).toBe(size)
        expect(parsePercentage(percentageText(share))).toBe(share)
      },
    ),
    runs(200),
  )
})

test.each([
  ['a -> b', { from: 'a', to: 'b', isBoth: false }],
  ['a:eth0<->*', { from: 'a:eth0', to: '*', isBoth: true }],
  [' * -> b-1 ', { from: '*', to: 'b-1', isBoth: false }],
])('%s is a pair', (text, pair) => {
  expect(parsePair(text)).toEqual(pair)
})

test.each(['a', 'a - b', 'a <- b', 'a -> ', '-> b', 'a -> b -> c', 'a b -> c', ''])('%j is no pair', (text) => {
  expect(parsePair(text)).toContain('a pair is written like')
})
