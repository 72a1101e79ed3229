import { expect, test } from 'vitest'
import { judgeWay } from '../../../../src/lab/check/ports.js'
import type { Trace } from '../../../../src/model/reach/trace.js'

/** A trace over nodes; `*` for a distance at which nothing answered. */
function trace(reached: boolean, ...nodes: string[]): Trace {
  const answer = (node: string) => ({ address: node, node, interface: 'eth0', flows: [0], rttMs: 1, error: null })
  const hops = nodes.map((node, index) => ({ distance: index + 1, answers: node === '*' ? [] : [answer(node)] }))
  return { from: 'h1', to: 'h2', address: reached ? 'h2' : '10.0.0.9', family: 4, reached, error: null, hops }
}

test.each<[string, Trace, string[], string | null]>([
  ['the way that is asked for', trace(true, 'r1', 'h2'), ['r1'], null],
  ['another way', trace(true, 'r1', 'r2', 'h2'), ['r1'], 'the way is over r1, r2, not over r1'],
  ['a router instead of none', trace(true, 'r1', 'h2'), [], 'the way is over r1, not directly to the destination'],
  ['none instead of a router', trace(true, 'h2'), ['r1'], 'the way is directly to the destination, not over r1'],
  ['a silent router', trace(true, '*', 'h2'), ['r1'], 'r1 did not answer, so the way over * may or may not be over r1'],
  [
    'a silent router beside another',
    trace(true, '*', 'r3', 'h2'),
    ['r1', 'r2'],
    'the way is over *, r3, not over r1, r2',
  ],
  [
    'an answer of some',
    trace(false, 'r1', '*', '*'),
    ['r1'],
    'the destination did not answer; the last that did is r1 on the way over r1',
  ],
  ['no answer', trace(false, '*', '*'), ['r1'], 'neither a router on the way nor the destination answered'],
])('%s', (_, found, via, expected) => {
  expect(judgeWay(found, via).reason).toBe(expected)
})

test.each<[string, Trace, string[], boolean]>([
  ['a silent router', trace(true, '*', 'h2'), ['r1'], true],
  ['a silent router beside the right one', trace(true, 'r1', '*', 'h2'), ['r1', 'r2'], true],
  ['a silent router beside another', trace(true, '*', 'r3', 'h2'), ['r1', 'r2'], false],
  ['silence at a distance too many', trace(true, 'r1', '*', 'h2'), ['r1'], true],
  ['a router too many', trace(true, 'r1', 'r2', 'h2'), ['r1'], false],
  ['a silent destination', trace(false, 'r1', '*', '*'), ['r1'], true],
  ['the way that is asked for', trace(true, 'r1', 'h2'), ['r1'], false],
  ['no answer at all', trace(false, '*', '*'), ['r1'], false],
])('whether %s is uncertain', (_, found, via, expected) => {
  expect(judgeWay(found, via).isUncertain).toBe(expected)
})
