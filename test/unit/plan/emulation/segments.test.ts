// How many segments a packet may have that is sent into a link.
import { describe, expect, test } from 'vitest'
import type { Direction, EmulatedLink, Impairment, LinkBackend } from '../../../../src/model/impairment.js'
import { type Segments, segmentsOf, segmentsOfEnds } from '../../../../src/plan/emulation/segments.js'

const MS = 1_000_000
const FRAME = 1518
const DELAYED: Impairment = { delayNs: 10 * MS }
const LOSSY: Impairment = { loss: { model: 'random', probability: 0.01, correlation: 0 } }
const chance = { probability: 0.01, correlation: 0 }
const jitter = { amountNs: MS, distribution: 'uniform', correlation: 0, reorder: false } as const
const codel = { packets: 900, targetNs: MS, intervalNs: 9 * MS, ecn: false }

const limited = (burstBytes: number, queue: Impairment['queue'] = { kind: 'fifo', packets: 1000 }): Impairment => ({
  rate: { bitsPerSecond: 1e9, burstBytes, overheadBytes: 0 },
  ...(queue ? { queue } : {}),
})
const BURST_OF_12 = limited(12 * FRAME)

describe('a packet in one direction', () => {
  const of = (impairment: Impairment) => segmentsOf({ impairment }, 1500)

  test.each<[string, Impairment]>([
    ['loss', LOSSY],
    ['duplication', { duplicate: chance }],
    ['corruption', { corrupt: chance }],
    ['reordering', { ...DELAYED, reorder: { ...chance, gap: 1 } }],
    ['jitter', { ...DELAYED, jitter }],
    ['a trace', { trace: { file: 'x', opportunitiesMs: [1] }, queue: { kind: 'fifo', packets: 900 } }],
    ['codel', limited(200_000, { kind: 'codel', ...codel })],
    ['fq_codel', limited(200_000, { kind: 'fq_codel', ...codel, flows: 64, quantumBytes: FRAME })],
    [
      'red',
      limited(200_000, {
        kind: 'red',
        bytes: 900_000,
        minBytes: 9000,
        maxBytes: 90_000,
        probability: 0.02,
        ecn: false,
      }),
    ],
    ['a burst of two frames', limited(2 * FRAME)],
    ['a queue of few packets', limited(200_000, { kind: 'fifo', packets: 15 })],
    ['a queue of few bytes', limited(200_000, { kind: 'fifo', bytes: 16 * FRAME - 1 })],
  ])('is one frame where there is %s', (_, impairment) => {
    expect(of(impairment)).toBe(1)
  })

  test('has as many segments as the kernel likes, where it is carried as it is or only delayed', () => {
    expect(of(DELAYED)).toBeNull()
    expect(segmentsOf({ impairment: null }, 1500)).toBeNull()
  })

  test('is at most half of the burst, and a quarter of the queue', () => {
    expect(of(BURST_OF_12)).toBe(6)
    expect(of({ ...DELAYED, ...BURST_OF_12 })).toBe(6)
    expect(segmentsOf({ impairment: limited(12 * 9018) }, 9000)).toBe(6)
    expect(of(limited(200_000, { kind: 'fifo', packets: 40 }))).toBe(10)
    expect(of(limited(200_000, { kind: 'fifo', bytes: 40 * FRAME }))).toBe(10)
    expect(of(limited(1e9, { kind: 'fifo', bytes: 1e9 }))).toBe(65_535)
  })

  test('is what the frames of each station of a LAN need', () => {
    const source = { station: 'a:eth0', mac: '02:00:00:00:00:01', sharesRate: false }
    expect(segmentsOf({ impairment: DELAYED, sources: [{ ...source, impairment: LOSSY }] }, 1500)).toBe(1)
    expect(segmentsOf({ impairment: BURST_OF_12, sources: [{ ...source, impairment: null }] }, 1500)).toBe(6)
  })
})

// plain ─ link ─ plain
describe('in a lab, the other links', () => {
  const lab = (backend: LinkBackend, impairment: Impairment, hasTunnels = false): [Segments, Segments][] => {
    const directions: [Direction, Direction] = [{ impairment }, { impairment: DELAYED }]
    const link: EmulatedLink = { backend, emulation: { backend: 'auto', directions } }
    return segmentsOfEnds([null, link, null], hasTunnels, () => 1500)
  }
  const own = (segments: Segments): [Segments, Segments][] => [
    [null, null],
    [segments, null],
    [null, null],
  ]
  const all = (segments: Segments): [Segments, Segments][] => Array(3).fill([segments, segments])

  test('are not touched by the wire, which gets packets after the kernel has cut them', () => {
    expect(lab('wire', LOSSY)).toEqual(own(1))
    expect(lab('wire', BURST_OF_12)).toEqual(own(6))
  })

  test('are not touched by tbf, which cuts what is longer than its burst', () => {
    expect(lab('tbf', BURST_OF_12)).toEqual(own(6))
    expect(lab('tbf', limited(2 * FRAME))).toEqual(own(1))
  })

  test('have the same limit where netem, or a queue that drops early, would get their packets whole', () => {
    expect(lab('netem', LOSSY)).toEqual(all(1))
    expect(lab('netem', { ...DELAYED, ...BURST_OF_12 })).toEqual(all(6))
    expect(lab('tbf', limited(200_000, { kind: 'codel', ...codel }))).toEqual(all(1))
  })

  test('do not matter where packets of tunnels come to the wire', () => {
    expect(lab('wire', DELAYED, true)).toEqual([
      [null, null],
      [1, 1],
      [null, null],
    ])
    expect(lab('netem', DELAYED, true)).toEqual(own(null))
  })

  test('have none where netem only delays', () => {
    expect(lab('netem', DELAYED)).toEqual(own(null))
  })
})
