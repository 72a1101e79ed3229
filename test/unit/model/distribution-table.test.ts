import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { distributionTable, momentsOf, tableOfSamples } from '../../../src/model/distribution-table.js'

const NAMED = ['normal', 'pareto', 'paretonormal'] as const
const entries = (name: (typeof NAMED)[number]): number[] => distributionTable(name) ?? []

describe.each(NAMED)('%s', (name) => {
  test('has 4,096 ascending numbers of 16 bits', () => {
    const table = entries(name)
    expect(table).toHaveLength(4096)
    expect(table).toEqual([...table].sort((a, b) => a - b))
    expect(table).toEqual([...Int16Array.from(table)])
  })

  const folder = ['/usr/lib/tc', '/usr/lib/x86_64-linux-gnu/tc', '/usr/lib/aarch64-linux-gnu/tc'].find((path) =>
    existsSync(`${path}/${name}.dist`),
  )
  // iproute2 has the normal distribution in steps of 0.00005, and two of three numbers of paretonormal rounded before the sum.
  test.skipIf(!folder)('is what iproute2 ships, but for the last bit', () => {
    const text = readFileSync(`${folder}/${name}.dist`, 'utf8').replaceAll(/^#.*$/gm, '')
    const shipped = text.trim().split(/\s+/).map(Number)
    const table = entries(name)
    expect(shipped).toHaveLength(table.length)
    expect(Math.max(...table.map((entry, index) => Math.abs(entry - (shipped[index] ?? 0))))).toBeLessThanOrEqual(1)
  })
})

test('the normal distribution has mean 0, deviation 1, and its quantiles', () => {
  const { mean, deviation } = momentsOf('normal')
  expect(mean).toBeCloseTo(0, 2)
  expect(deviation).toBeCloseTo(1, 3)
  // Φ(1) = 0.841345, Φ(-1.959964) = 0.025, Φ(3) = 0.99865
  const at = (probability: number): number => (entries('normal')[Math.floor(probability * 4096)] ?? 0) / 8192
  expect(at(0.841345)).toBeCloseTo(1, 2)
  expect(at(0.025)).toBeCloseTo(-1.96, 2)
  expect(at(0.99865)).toBeCloseTo(3, 1)
})

test('the Pareto distribution is that of shape 3, cut off at four jitters', () => {
  const table = entries('pareto')
  const at = (index: number): number => (table[index] ?? 0) / 8192
  // 4/3 (u^(-1/3) - 3/2): -2/3 at the lower end, and the median
  expect(at(0)).toBeCloseTo(-2 / 3, 3)
  expect(at(2048)).toBeCloseTo((4 / 3) * (2 ** (1 / 3) - 1.5), 3)
  expect(table.at(-1)).toBe(32_767)
  // The integrals of the same function, up to the cut at u = (4 · 3/4 + 3/2)^-3.
  const cut = 4.5 ** -3
  const mean = (4 / 3) * (1.5 * (1 - cut ** (2 / 3)) - 1.5 * (1 - cut)) + 4 * cut
  expect(momentsOf('pareto').mean).toBeCloseTo(mean, 2)
})

test('a uniform distribution has no table, and a written one is taken as it is', () => {
  expect(distributionTable('uniform')).toBeNull()
  expect(momentsOf('uniform').deviation).toBeCloseTo(0.577, 3)
  expect(distributionTable({ table: [1, 2, 3] })).toEqual([1, 2, 3])
})

describe('samples', () => {
  test('of two values: half of the numbers are one deviation below, half above', () => {
    const { table, mean, deviation } = tableOfSamples([30, 10, 10, 30])
    expect({ mean, deviation }).toEqual({ mean: 20, deviation: 10 })
    expect(table[0]).toBe(-8192)
    expect(table.at(-1)).toBe(8192)
    expect(table).toHaveLength(4096)
  })

  test('of an exponential distribution: its quantiles', () => {
    const count = 20_000
    const samples = Array.from({ length: count }, (_, index) => -50 * Math.log(1 - (index + 0.5) / count))
    const { table, mean, deviation } = tableOfSamples(samples)
    expect(mean).toBeCloseTo(50, 0)
    expect(deviation).toBeCloseTo(50, 0)
    const moments = momentsOf({ table })
    expect(moments.mean).toBeCloseTo(0, 1)
    // Beyond four deviations, a table has no numbers.
    expect(moments.deviation).toBeCloseTo(0.96, 1)
    expect((table[2048] ?? 0) / 8192).toBeCloseTo(Math.log(2) - 1, 2)
  })

  test('that do not differ are refused', () => {
    expect(() => tableOfSamples([5, 5, 5])).toThrow('need')
    expect(() => tableOfSamples([])).toThrow('need')
  })
})
