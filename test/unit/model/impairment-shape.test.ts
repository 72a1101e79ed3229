import { expect, test } from 'vitest'
import type { EmulatedLink, Impairment } from '../../../src/model/impairment.js'
import { isEmulatedLink } from '../../../src/model/impairment-shape.js'

const WHOLE: Impairment = {
  delayNs: 10_000_000,
  jitter: { amountNs: 1_000_000, distribution: { table: [-8192, 0, 8192] }, correlation: 0.25, reorder: false },
  loss: { model: 'state', p13: 0.1, p31: 0.2, p32: 0, p23: 1, p14: 0.01 },
  duplicate: { probability: 0.01, correlation: 0 },
  reorder: { probability: 0.01, correlation: 0.5, gap: 5 },
  corrupt: { probability: 0.001, correlation: 0 },
  rate: { bitsPerSecond: 1e8, burstBytes: 3028, overheadBytes: -4 },
  queue: { kind: 'fifo', packets: 100 },
  seed: '18446744073709551615',
}

const linkWith = (impairment: unknown): EmulatedLink =>
  ({
    backend: 'wire',
    emulation: {
      backend: 'auto',
      directions: [
        { impairment },
        {
          impairment: null,
          sources: [{ station: 'a:eth0', mac: '02:00:00:00:00:01', impairment: null, sharesRate: true }],
        },
      ],
    },
  }) as EmulatedLink

test('the emulation of a link is one, with all keys and with none', () => {
  expect(isEmulatedLink(linkWith(WHOLE))).toBe(true)
  expect(isEmulatedLink(linkWith({}))).toBe(true)
  expect(isEmulatedLink(linkWith(null))).toBe(true)
})

test('any damaged value is none', () => {
  const broken: unknown[] = [
    ...Object.keys(WHOLE).flatMap((key) => [
      { ...WHOLE, [key]: null },
      { ...WHOLE, [key]: [] },
      { ...WHOLE, [key]: 'x' },
    ]),
    { ...WHOLE, loss: { model: 'random', probability: 2, correlation: 0 } },
    { ...WHOLE, queue: { kind: 'fq_codel', packets: 1 } },
    'text',
  ]
  for (const impairment of broken) expect(isEmulatedLink(linkWith(impairment)), JSON.stringify(impairment)).toBe(false)
  for (const value of [null, 1, [], {}, { ...linkWith(WHOLE), backend: 'tc' }, { backend: 'wire', emulation: null }]) {
    expect(isEmulatedLink(value)).toBe(false)
  }
})
