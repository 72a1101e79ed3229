// What the wire does to frames, measured. test/vm/measured-links.mjs measures the same of netem.
import { expect } from 'vitest'
import { assertAsConfigured, IMPAIRMENTS, pairsOfNodes, RATES } from '../../../support/impairments.mjs'
import { test, uniqueName } from '../../../support/lab.js'

const MINUTES = 180_000

// a0 ── b0, a1 ── b1, …
test('delay, jitter, loss, duplication, corruption and reordering are as configured', { timeout: MINUTES }, ({
  nslab,
}) => {
  const name = uniqueName()
  expect(nslab(['up', '-'], { input: pairsOfNodes(name, IMPAIRMENTS, 'wire') })).toMatchObject({ status: 0 })
  const verified = nslab(['link', 'verify', '--all', '--lab', name, '--duration', '12', '--tolerance', '0.5', '--json'])
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
  const topology = `
name: ${name}
emulation: wire
nodes: { a: {}, b: {}, c: {}, lan: { kind: switch } }
links:
  - endpoints: [a, b, c, lan]
    delay: 5ms
    pairs: { "a -> b": { delay: 40ms }, "c <-> *": { loss: 5% } }
`
  expect(nslab(['up', '-'], { input: topology })).toMatchObject({ status: 0 })
  const checks = nslab([
    'link',
    'verify',
    '--all',
    '--lab',
    name,
    '--duration',
    '3',
    '--tolerance',
    '0.5',
    '--json',
  ]).json()
  const tests = checks.directions.flatMap(({ from, to, source, tests: own }: any) =>
    own.map((each: any) => ({ of: `${source ?? from} → ${to}`, ...each })),
  )
  expect(tests.filter(({ verdict }: any) => verdict === 'differs')).toEqual([])
  const slow = tests.find(({ of, quantity }: any) => of === 'a:eth0 → b:eth0' && quantity === 'delay')
  expect(slow).toMatchObject({ expected: 40e6, verdict: 'ok' })
})
