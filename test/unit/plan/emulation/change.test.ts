import { expect, test } from 'vitest'
import type { Direction, Distribution, Impairment } from '../../../../src/model/impairment.js'
import { canChange } from '../../../../src/plan/emulation/change.js'
import { directionOps } from '../../../../src/plan/emulation/direction.js'

const MS = 1_000_000
const ops = (impairment: Impairment | null, sources: Direction['sources'] = []) =>
  directionOps({ node: 'a', interface: 'eth0', index: 20, mtu: 1500 }, { impairment, sources })
const delayed = (delayNs: number, distribution?: Distribution): Impairment => ({
  delayNs,
  ...(distribution === undefined ? {} : { jitter: { amountNs: 1, correlation: 0, reorder: false, distribution } }),
})
const limited = (bitsPerSecond: number, queue: Impairment['queue']): Impairment => ({
  rate: { bitsPerSecond, burstBytes: 3028, overheadBytes: 0 },
  ...(queue ? { queue } : {}),
})
const fqCodel = (flows: number): Impairment['queue'] => ({
  ...{ kind: 'fq_codel', packets: 9, flows, quantumBytes: 1514, targetNs: MS, intervalNs: 9 * MS, ecn: true },
})

test.each<[string, Impairment | null, Impairment | null, boolean]>([
  ['another delay', delayed(1), delayed(2), true],
  ['jitter where there was none', delayed(1), delayed(1, 'normal'), true],
  ['another distribution', delayed(1, 'normal'), delayed(1, 'pareto'), true],
  ['no distribution any more', delayed(1, 'normal'), delayed(1, 'uniform'), false],
  ['no jitter any more', delayed(1, 'normal'), delayed(1), false],
  ['another rate', limited(1e6, { kind: 'fifo', packets: 9 }), limited(2e6, { kind: 'fifo', packets: 8 }), true],
  ['another kind of queue', limited(1e6, { kind: 'fifo', packets: 9 }), limited(1e6, fqCodel(9)), false],
  ['more flows', limited(1e6, fqCodel(9)), limited(1e6, fqCodel(10)), false],
  ['a rate beside the delay', delayed(1), { ...delayed(1), ...limited(1e6, { kind: 'fifo', bytes: 9000 }) }, false],
  ['nothing any more', delayed(1), null, false],
  ['something at last', null, delayed(1), false],
])('%s: changed in place %s', (_, before, after, expected) => {
  expect(canChange(ops(before), ops(after))).toBe(expected)
})

test('classes are made anew', () => {
  const source = { station: 'b:eth0', mac: '02:00:00:00:00:01', impairment: delayed(1), sharesRate: false }
  expect(canChange(ops(null, [source]), ops(null, [source]))).toBe(false)
})
