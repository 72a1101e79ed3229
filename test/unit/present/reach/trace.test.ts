import { expect, test } from 'vitest'
import type { TraceAnswer } from '../../../../src/model/reach/trace.js'
import { portText } from '../../../../src/present/reach/port.js'
import { traceText } from '../../../../src/present/reach/trace.js'

const answer = (node: string | null, address: string, flows: number[], error: string | null = null): TraceAnswer => ({
  ...{ address, node, interface: node === null ? null : 'eth0', flows, rttMs: 0.08, error },
})
const TRACE = { from: 'h1', to: 'h2', address: '10.0.0.9', family: 4, reached: true, error: null } as const

test('a line has all answers at a distance, with flows where they differ', () => {
  const hops = [
    { distance: 1, answers: [answer('r1', '10.0.0.1', [0, 1])] },
    { distance: 2, answers: [answer('a', '10.0.0.3', [0]), answer(null, '192.0.2.1', [1])] },
    { distance: 3, answers: [] },
    { distance: 4, answers: [answer('h2', '10.0.0.9', [0, 1])] },
  ]
  expect(traceText({ ...TRACE, hops })).toBe(
    [
      '--- h1 → h2 (10.0.0.9) ---',
      '1  r1:eth0 (10.0.0.1)  0.080 ms',
      '2  a:eth0 (10.0.0.3)  0.080 ms  flow 0  192.0.2.1  0.080 ms  flow 1',
      '3  *',
      '4  h2:eth0 (10.0.0.9)  0.080 ms',
    ].join('\n'),
  )
})

test('silent distances at the end share a line, and errors are told', () => {
  const hops = [1, 2, 3].map((distance) => ({
    distance,
    answers: distance === 1 ? [answer('r1', '10.0.0.1', [0], 'Packet filtered')] : [],
  }))
  expect(traceText({ ...TRACE, reached: false, error: 'Operation not permitted', hops })).toBe(
    [
      '--- h1 → h2 (10.0.0.9) ---',
      '  1  r1:eth0 (10.0.0.1)  0.080 ms  Packet filtered',
      '2-3  *',
      'not sent: Operation not permitted',
    ].join('\n'),
  )
})

test.each([
  [{ state: 'open', rttMs: 0.5 }, 'is open: 0.500 ms'],
  [{ state: 'silent' }, 'is silent: nothing came back'],
  [{ state: 'refused', rttMs: 0.5, error: 'Connection refused' }, 'is refused: Connection refused (0.500 ms)'],
  [{ state: 'unreachable', error: 'Packet filtered', reportedBy: 'r2' }, 'is unreachable: from r2: Packet filtered'],
] as const)('a port: %j', (found, text) => {
  const report = { from: 'h1', to: 'h2', address: '10.0.0.9', protocol: 'tcp', port: 80 } as const
  expect(portText({ ...report, rttMs: null, error: null, reportedBy: null, ...found })).toBe(
    `tcp port 80 of h2 (10.0.0.9) ${text}`,
  )
})
