// What netem does to frames, measured, on links as nslab makes them. test/kernel/lab/verify/wire.test.ts measures the same of the
// wire.
import assert from 'node:assert/strict'
import { release } from 'node:os'
import { Lab } from '../../dist/index.js'
import {
  assertAsConfigured,
  assertPairs,
  IMPAIRMENTS,
  lanOfPairs,
  pairsOfNodes,
  RATES,
} from '../support/impairments.mjs'

/** Software emulation delays each frame, some by milliseconds, and sends few. */
const SLOW = { toleranceMs: 3, framesPerSecond: 2000 }

const measure = (name, impairments, options) => measureLab(pairsOfNodes(name, impairments, 'netem'), options)

async function measureLab(topology, options) {
  const lab = await Lab.up(topology)
  try {
    return await lab.verifyLinks(undefined, { ...SLOW, ...options })
  } finally {
    await lab.down()
  }
}

const partsOf = (impairments, size) => {
  const entries = Object.entries(impairments)
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, at) =>
    Object.fromEntries(entries.slice(at * size, (at + 1) * size)),
  )
}

export const tests = {
  'delay, jitter, loss, duplication, corruption and reordering': async () => {
    for (const part of partsOf(IMPAIRMENTS, 8)) {
      assertAsConfigured(await measure('impairments', part, { durationMs: 20_000 }), part)
    }
  },

  'rates and queues': async () => {
    const { '100 Mbit/s': _, ...slow } = RATES
    const { directions } = await measure('rates', slow, { durationMs: 4000 })
    const tests = directions.flatMap(({ link, tests: own }) =>
      own.map((each) => ({ name: Object.keys(slow)[link], ...each })),
    )
    // The guest stands still at times, so that fewer frames come than the rate lets through, but never more.
    const wrong = tests.filter(({ quantity, verdict, low, observed, expected }) =>
      quantity === 'rate' ? low > expected * 1.02 || observed < expected / 2 : verdict === 'differs',
    )
    assert.deepEqual(wrong, [])
  },

  'delays and losses of pairs on a LAN': async () => {
    assertPairs(await measureLab(lanOfPairs('pairs', 'netem'), { durationMs: 5000 }))
  },

  'the same seed loses the same frames, from Linux 6.6 on': async () => {
    const [major, minor] = release().split('.').map(Number)
    if (major * 100 + minor < 606) return console.log(`# NOT RUN: netem of Linux ${release()} takes no seed`)
    const row = (seed) => ({ loss: [`loss: 5%, seed: ${seed}`, ['loss']] })
    const lost = []
    for (const seed of [7, 7, 8]) {
      const { directions } = await measure('seed', row(seed), { durationMs: 1000 })
      lost.push(directions[0].lost)
    }
    assert.ok(lost[0].length > 100)
    assert.deepEqual(lost[1], lost[0])
    assert.notDeepEqual(lost[2], lost[0])
  },
}
