import { expect, test } from 'vitest'
import type { LinkChecks, LinkTest } from '../../../src/model/link-check.js'
import { checksText } from '../../../src/present/link-checks.js'

const sample = (test: Pick<LinkTest, 'quantity' | 'expected'> & Partial<LinkTest>): LinkTest => ({
  configured: test.expected,
  observed: test.expected,
  low: test.expected * 0.9,
  high: test.expected * 1.1,
  samples: 1000,
  verdict: 'ok',
  reason: null,
  ...test,
})

test('one line for each test, in the units of what was configured', () => {
  const checks: LinkChecks = {
    lab: 'wan',
    alpha: 0.001,
    tolerance: { delayNs: 150_000, jitterShare: 0.1, rateShare: 0.02, reorderShare: 0.005 },
    elapsedMs: 4321,
    directions: [
      {
        link: 0,
        from: 's1:eth0',
        to: 'h2:eth0',
        source: 'h1:eth0',
        backend: 'netem',
        delayNs: null,
        reordered: 0,
        lost: [],
        tests: [
          sample({ quantity: 'delay', expected: 40e6 }),
          sample({ quantity: 'loss', expected: 0.00025, verdict: 'not enough probes' }),
          sample({ quantity: 'rate', expected: 1e9, observed: 123_456_789, verdict: 'differs' }),
          sample({ quantity: 'corrupt', expected: 0, configured: null, observed: null }),
        ],
      },
    ],
  }
  expect(`${checksText(checks, 200)}\n`).toMatchInlineSnapshot(`
    "frames                                what     configured  expected  observed      interval                  samples  verdict
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    s1:eth0 → h2:eth0 of h1:eth0 (netem)  delay    40 ms       40 ms     40 ms         36 ms to 44 ms            1000     ok
    s1:eth0 → h2:eth0 of h1:eth0 (netem)  loss     0.025 %     0.025 %   0.025 %       0.0225 % to 0.0275 %      1000     not enough probes
    s1:eth0 → h2:eth0 of h1:eth0 (netem)  rate     1 Gbit/s    1 Gbit/s  123.5 Mbit/s  900 Mbit/s to 1.1 Gbit/s  1000     differs
    s1:eth0 → h2:eth0 of h1:eth0 (netem)  corrupt  -           0 %       -             -                         1000     ok

    4 tests in 4.3 s: 2 ok, 1 differs, 1 not enough probes
    Intervals hold with 99.9 % for all tests together. Beyond them are allowed, for this machine: 0.15 ms of delay, 10 % of jitter, 2 % of rate, 0.5 % of frames reordered.
    "
  `)
})
