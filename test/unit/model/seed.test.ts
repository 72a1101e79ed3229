import { expect, test } from 'vitest'
import { streamSeed } from '../../../src/model/seed.js'

test('the first stream has the seed itself, the others have numbers of SplitMix64', () => {
  expect(streamSeed('7', 0)).toBe(7n)
  // The first numbers of java.util.SplittableRandom(0) and of the reference implementation.
  expect(streamSeed('0', 1)).toBe(0xe220_a839_7b1d_cdafn)
  expect(streamSeed('0', 2)).toBe(0x6e78_9e6a_a1b9_65f4n)
})

test('is the same each time, and stays within 64 bits', () => {
  const largest = '18446744073709551615'
  expect(streamSeed(largest, 0)).toBe(0xffff_ffff_ffff_ffffn)
  expect(streamSeed(largest, 9)).toBe(streamSeed(largest, 9))
  expect(streamSeed(largest, 9)).toBeLessThan(1n << 64n)
})
