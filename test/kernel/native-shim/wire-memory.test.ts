// One direction holds at most a quarter of the pool, in simulated time: others still get their frames through.
import { beforeAll, expect, test } from 'vitest'
import { buildSimulation, simulate } from '../../support/wire/simulation.js'

beforeAll(buildSimulation)

const HOUR = 3_600_000_000_000
const MB = 1 << 20
const POOL = 8
/** Frames of 1,514 bytes, which take slots of 1,792 (native-shim/wire/packet.c). */
const MOST = Math.floor((POOL * MB) / 4 / 1792)
const COUNT = 10_000

const link = (a: string, b = ''): string => `link 0 1 2 direction a class default ${a} direction b class default ${b}`

test('a direction that is flooded leaves the rest of the memory to others', () => {
  const { frames, statistics, flooded } = simulate(
    `pool ${POOL}`,
    link('delay 1000000', `delay ${HOUR}`),
    `flood ${COUNT} 1514`,
    'send 2000 0 1000 1514 1 plain',
    'run 10000000',
  )
  expect(flooded).toMatchObject({ queued: MOST, memory: COUNT - MOST })
  expect(statistics).toMatchObject({ packets: 2000, memory: 0 })
  expect(frames).toHaveLength(2000)
})

test.each([
  [100, 256],
  [1514, 1792],
  [9000, 9472],
  [60_000, 68_864],
])('frames of %i bytes take slots of %i, up to a quarter of the memory', (length, slot) => {
  const { flooded } = simulate('pool 16', link('', `delay ${HOUR}`), `flood 20000 ${length}`)
  const most = Math.floor((4 * MB) / slot)
  expect(flooded).toMatchObject({ queued: most, memory: 20_000 - most })
})

test('a full pool drops frames, which are counted', () => {
  // Frames of three sizes need three blocks.
  const sends = [100, 1514, 9000].map((length) => `send 1 0 0 ${length} 1 plain`)
  const { statistics } = simulate('pool 2', link(`delay ${HOUR}`), ...sends, 'run 0')
  expect(statistics).toMatchObject({ queued: 2, memory: 1 })
})

const QUEUE = 'packets 100000'
const FLOW_QUEUE = 'fq_codel 100000 8 300 1000000000000 1000000000000 0'

test.each([
  ['on their way', `delay ${HOUR}`],
  ['in the order of their jitter', `delay ${HOUR} jitter 1000000 0 reorder uniform`],
  ['in a queue', `rate 1000 0 0 queue ${QUEUE}`],
  ['in the queues of flows', `rate 1000 0 0 queue ${FLOW_QUEUE}`],
  ['as duplicates', `delay ${HOUR} duplicate 1 0`],
  ['of several classes', `delay ${HOUR} class 02:00:00:00:00:02 rate 1000 0 0 queue ${QUEUE}`],
])('frames %s count, and no longer when they have left or are dropped', (_, words) => {
  const configure = link(words)
  const flood = (at: number) => [1, 2].map((flow) => `send ${COUNT / 2} ${at} 0 1514 ${flow} plain`)
  const held = (...lines: string[]) => simulate(`pool ${POOL}`, configure, ...flood(0), 'run 0', ...lines).statistics
  const all = held()
  expect(all.queued).toBe(MOST)
  // The clock moves on, the queue is replaced by one for a single frame, and what is left leaves.
  const changed = [`shift ${HOUR}`, link('rate 1000000000 0 0 queue packets 1'), link(''), `run ${4 * HOUR}`]
  expect(held(...changed).queued).toBe(0)
  const again = held(...changed, configure, ...flood(5 * HOUR), `run ${5 * HOUR}`)
  expect(again).toMatchObject({ queued: MOST, memory: 2 * all.memory })
})

test('frames that find the queue full take no memory', () => {
  const { statistics } = simulate(
    `pool ${POOL}`,
    link('rate 1000 0 0 queue packets 10'),
    `send ${COUNT} 0 1 1514 1 plain`,
    `run ${COUNT}`,
  )
  expect(statistics).toMatchObject({ queued: 11, queue: COUNT - 11, memory: 0 })
})
