import { expect, test } from 'vitest'
import { wireWords } from '../../../../src/lab/wire/words.js'

test('a link without impairments has a class for each direction', () => {
  const plain = { impairment: null }
  const emulation = { backend: 'wire' as const, directions: [plain, plain] as [typeof plain, typeof plain] }
  expect(wireWords({ link: 3, indexes: [1_000_006, 1_000_007], emulation }).join(' ')).toBe(
    'link 3 1000006 1000007 direction a class default direction b class default',
  )
})

test('each impairment has its words, and stations of a LAN share the rate or have one of their own', () => {
  const rate = { bitsPerSecond: 1e7, burstBytes: 3028, overheadBytes: 0 }
  const words = wireWords({
    link: 0,
    indexes: [1, 2],
    emulation: {
      backend: 'auto',
      directions: [
        {
          impairment: {
            delayNs: 1.5e6,
            jitter: { amountNs: 2e5, distribution: { table: [-8192, 0, 258] }, correlation: 0.25, reorder: false },
            loss: { model: 'gilbert-elliott', p: 0.01, r: 0.1, lossInBad: 1, lossInGood: 0 },
            duplicate: { probability: 1e-7, correlation: 0 },
            corrupt: { probability: 0.5, correlation: 0.1 },
            reorder: { probability: 0.01, correlation: 0, gap: 5 },
            rate,
            queue: {
              kind: 'fq_codel',
              packets: 10_240,
              flows: 1024,
              quantumBytes: 1514,
              targetNs: 5e6,
              intervalNs: 1e8,
              ecn: true,
            },
            seed: '18446744073709551615',
          },
          sources: [
            { station: 'a:eth0', mac: '02:00:00:00:00:01', impairment: { delayNs: 1, rate }, sharesRate: true },
            {
              station: 'b:eth0',
              mac: '02:00:00:00:00:02',
              impairment: { rate, queue: { kind: 'fifo', bytes: 9000 } },
              sharesRate: false,
            },
            { station: 'c:eth0', mac: '02:00:00:00:00:03', impairment: null, sharesRate: false },
          ],
        },
        { impairment: { trace: { file: 'lte', opportunitiesMs: [1, 3, 3] }, queue: { kind: 'fifo', packets: 50 } } },
      ],
    },
  })
  expect(words.join(' ')).toBe(
    [
      'link 0 1 2 direction a class default delay 1500000 jitter 200000 0.25 keep 00e000000201',
      'loss gilbert-elliott 0.01 0.1 1 0 duplicate 1e-7 0 corrupt 0.5 0.1 reorder 0.01 0 5 seed 18446744073709551615',
      'rate 10000000 3028 0 queue fq_codel 10240 1024 1514 5000000 100000000 1',
      'class 02:00:00:00:00:01 shared delay 1 class 02:00:00:00:00:02 rate 10000000 3028 0 queue bytes 9000',
      'class 02:00:00:00:00:03 direction b class default trace 1,3,3 queue packets 50',
    ].join(' '),
  )
})
