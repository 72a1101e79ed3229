// What the wire does to frames, measured. test/vm/measured-links.mjs measures the same of netem.
import { expect } from 'vitest'
import {
  assertAsConfigured,
  assertPairs,
  IMPAIRMENTS,
  lanOfPairs,
  pairsOfNodes,
  RATES,
} from '../../../support/impairments.mjs'
import { test, uniqueName } from '../../../support/lab.js'

const MINUTES = 180_000

// a0 ── b0, a1 ── b1, …
test('delay, jitter, loss, duplication, corruption and reordering are as configured', { timeout: MINUTES }, ({
  nslab,
}) => {
  const name = uniqueName()
  expect(nslab(['up', '-'], { input: pairsOfNodes(name, IMPAIRMENTS, 'wire') })).toMatchObject({ status: 0 })
  const verified = nslab(['link', 'verify', '--all', '--lab', name, '--duration', '20', '--tolerance', '0.5', '--json'])
  assertAsConfigured(verified.json(), IMPAIRMENTS)
})

test('rates are as configured, with every kind of queue', { timeout: MINUTES }, ({ nslab }) => {
  const name = uniqueName()
  expect(nslab(['up', '-'], { input: pairsOfNodes(name, RATES, 'wire') })).toMatchObject({ status: 0 })
  const verified = nslab(['link', 'verify', '--all', '--lab', name, '--duration', '4', '--tolerance', '0.5', '--json'])
  assertAsConfigured(verified.json(), RATES)
})

// h1 ── h2
test('the same seed loses the same frames, another seed others', ({ nslab }) => {
  const lostWith = (seed: number) => {
    const name = uniqueName()
    const topology = pairsOfNodes(name, { loss: [`loss: 5%, seed: ${seed}`, ['loss']] }, 'wire')
    expect(nslab(['up', '-'], { input: topology })).toMatchObject({ status: 0 })
    const checks = nslab(['link', 'verify', 'a0:eth0', '--lab', name, '--duration', '1', '--json']).json()
    nslab(['down', name])
    return checks.directions.map(({ lost }: { lost: number[] }) => lost) as number[][]
  }
  const [first, second, other] = [lostWith(7), lostWith(7), lostWith(8)]
  expect(first?.[0]?.length).toBeGreaterThan(100)
  expect(second).toEqual(first)
  expect(other?.[0]).not.toEqual(first?.[0])
  expect(first?.[1]).not.toEqual(first?.[0])
})

//  a ─┐
//  b ─┼─ lan
//  c ─┘
test('on a LAN, each pair has its own delay and loss', ({ nslab }) => {
  const name = uniqueName()
  expect(nslab(['up', '-'], { input: lanOfPairs(name, 'wire') })).toMatchObject({ status: 0 })
  assertPairs(
    nslab(['link', 'verify', '--all', '--lab', name, '--duration', '3', '--tolerance', '0.5', '--json']).json(),
  )
})
