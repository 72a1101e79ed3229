// The share of losses and how much losses resemble each other, against formulas and simulations of tc-netem(8)'s models.
import { expect, test } from 'vitest'
import type { Loss } from '../../../src/model/impairment.js'
import { longRunOf } from '../../../src/verify/loss.js'

test('Gilbert and Elliott', () => {
  const { probability, inflation } = longRunOf({
    model: 'gilbert-elliott',
    p: 0.01,
    r: 0.1,
    lossInBad: 0.5,
    lossInGood: 0.02,
  })
  expect(probability).toBeCloseTo((0.1 * 0.02 + 0.01 * 0.5) / 0.11, 9)
  const shared = (0.48 ** 2 * 0.1 * 0.01) / 0.11 ** 2
  expect(inflation).toBeCloseTo(1 + (2 * shared * 0.89) / 0.11 / (probability * (1 - probability)), 6)
})

test('four states', () => {
  const loss: Loss = { model: 'state', p13: 0.01, p31: 0.3, p32: 0.2, p23: 0.25, p14: 0.02 }
  // Salsano and others, "Definition of a general and intuitive loss model for packet networks" (2012), as sch_netem.c walks it.
  let state = 1
  let seed = 12345
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return ((seed >>> 8) + 0.5) / 2 ** 24
  }
  const next = {
    1: [
      [4, 0.02],
      [3, 0.03],
    ],
    2: [[3, 0.25]],
    3: [
      [2, 0.2],
      [1, 0.5],
    ],
    4: [[1, 1]],
  } as Record<number, number[][]>
  let lost = 0
  const frames = 400_000
  for (let frame = 0; frame < frames; frame++) {
    const drawn = random()
    state = next[state]?.find(([, limit = 0]) => drawn < limit)?.[0] ?? state
    if (state > 2) lost++
  }
  expect(longRunOf(loss).probability / (lost / frames)).toBeCloseTo(1, 1)
})

test('independent and correlated losses', () => {
  expect(longRunOf(undefined)).toEqual({ probability: 0, inflation: 1 })
  expect(longRunOf({ model: 'random', probability: 0.1, correlation: 0 })).toEqual({ probability: 0.1, inflation: 1 })
  expect(longRunOf({ model: 'random', probability: 0.1, correlation: 0.5 }).inflation).toBe(3)
})
