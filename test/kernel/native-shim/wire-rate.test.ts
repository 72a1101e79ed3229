// Rates, traces and the queues in front of them by the wire, in simulated time.
import { beforeAll, expect, test } from 'vitest'
import {
  buildSimulation,
  delays,
  type Frame,
  link,
  mean,
  numbers,
  quantile,
  type Simulation,
  simulate,
} from '../../support/wire/simulation.js'

beforeAll(buildSimulation)

const MS = 1_000_000
const RUN = 'run 100000000000000'
const send = (words: string, ...loads: string[]): Simulation => simulate(link(words), ...loads, RUN)
const dues = ({ frames }: Simulation): number[] => frames.map((frame) => frame.due)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
/** Bits per second from the first to the last of these frames. */
const rateOf = (frames: readonly Frame[], length: number): number =>
  ((frames.length - 1) * length * 8e9) / ((frames.at(-1)?.due ?? 0) - (frames[0]?.due ?? 0))

test('frames leave at the rate, to the ns, however it divides', () => {
  for (const rate of [1_000, 3_000_000, 1_000_000_000, 40_000_000_007, 999_999_999_989]) {
    const seen = dues(send(`rate ${rate} 0 0 queue packets 1000`, 'send 1000 0 0 1001 1 plain'))
    const expected = upTo(1000).map((index) => Number((BigInt(index + 1) * 1001n * 8n * 1_000_000_000n) / BigInt(rate)))
    expect(seen).toEqual(expected)
  }
})

test('a pause is not made up for, but for the burst', () => {
  const loads = ['send 10 0 0 1250 1 plain', `send 10 ${1000 * MS} 0 1250 1 plain`]
  const ms = (words: string) => dues(send(`${words} queue packets 100`, ...loads)).map((due) => due / MS)
  const ten = (first: number) => upTo(10).map((index) => first + index * 10)
  expect(ms('rate 1000000 0 0')).toEqual([...ten(10), ...ten(1010)])
  // 3,750 bytes are three frames.
  const burst = (at: number) => [at, at, at, ...upTo(7).map((index) => at + 10 + index * 10)]
  expect(ms('rate 1000000 3750 0')).toEqual([...burst(0), ...burst(1000)])
  // Half a burst is back after half the time.
  const half = send(
    'rate 1000000 3750 0 queue packets 100',
    'send 3 0 0 1250 1 plain',
    `send 3 ${15 * MS} 0 1250 1 plain`,
  )
  expect(dues(half).map((due) => due / MS)).toEqual([0, 0, 0, 15, 20, 30])
})

test('the overhead is added to the length of each frame', () => {
  const at = (overhead: number) => dues(send(`rate 8000000 0 ${overhead} queue packets 9`, 'send 2 0 0 1000 1 plain'))
  expect([at(24), at(-14)]).toEqual([
    [1_024_000, 2_048_000],
    [986_000, 1_972_000],
  ])
  expect(at(-5000)).toEqual([1000, 2000])
})

test('a queue of packets or bytes drops the frame that finds it full', () => {
  // One frame is sent and three wait. At 10 ms the second one is sent, and makes room for one of two.
  const loads = ['send 6 0 0 1250 1 plain', `send 2 ${10 * MS} 0 1250 1 plain`]
  for (const queue of ['packets 3', 'bytes 3750', 'bytes 4999']) {
    const { frames, statistics } = send(`rate 1000000 0 0 queue ${queue}`, ...loads)
    expect(numbers(frames)).toEqual([0, 1, 2, 3, 6])
    expect(statistics).toMatchObject({ queue: 3, aqm: 0, packets: 5, bytes: 6250, queued: 0 })
  }
})

// UDP with 5,500 bytes of payload, which the kernel will cut into six frames: 5 × 1,042 and 542 bytes.
test('a packet of several frames takes as long as these, and as much of the queue', () => {
  const bytes = 5_542 + 5 * 42
  const packet = (words: string) => send(words, 'send 5 0 0 5542 1 super')
  const rate = packet('rate 8000000 0 24 queue packets 100')
  expect(dues(rate)).toEqual([1, 2, 3, 4, 5].map((count) => count * (bytes + 6 * 24) * 1000))
  expect(rate.statistics).toMatchObject({ packets: 30, bytes: 5 * bytes, queued: 0 })
  // One is sent and two wait.
  for (const queue of ['packets 12', 'packets 17', `bytes ${2 * bytes}`, `bytes ${3 * bytes - 1}`])
    expect(packet(`rate 8000000 0 0 queue ${queue}`).statistics).toMatchObject({ packets: 18, queue: 12 })
})

test('a queue is as full as at the time of a frame, also where the engine is called late', () => {
  const words = link('delay 3000000 rate 10000000 0 0 queue packets 10')
  const load = 'send 2000 0 700000 1250 1 plain'
  const late = simulate(words, 'wake 50000000', load, RUN)
  expect(numbers(late.frames)).toEqual(numbers(simulate(words, load, RUN).frames))
})

test('a trace sends 1,504 bytes at each of its times, again and again', () => {
  const ms = (length: number, ...times: [number, number][]) => {
    const loads = times.map(([count, at]) => `send ${count} ${at * MS} 0 ${length} 1 plain`)
    return dues(send('trace 10,10,20 queue packets 100', ...loads)).map((due) => due / MS)
  }
  expect(ms(1504, [7, 0])).toEqual([10, 10, 20, 30, 30, 40, 50])
  expect(ms(752, [7, 0])).toEqual([10, 10, 10, 10, 20, 20, 30])
  expect(ms(3008, [4, 0])).toEqual([10, 30, 40, 50])
  // The first frame begins the trace. What is left of an opportunity is of no use to later frames.
  expect(ms(100, [1, 5], [1, 16])).toEqual([15, 25])
  expect(ms(1504, [1, 0], [1, 10], [1, 11], [1, 400], [1, 405])).toEqual([10, 10, 20, 400, 410])
})

test('a trace that is always used lets all its bytes pass', () => {
  const times: number[] = []
  for (let at = 0, state = 1; at < 60_000; state = (state * 48_271) % 2_147_483_647) {
    at += state % 7
    times.push(at)
  }
  const words = link(`trace ${times.join(',')} queue packets 200000`)
  // All frames fit into a quarter of the memory.
  const { frames } = simulate('pool 1024', words, 'send 100000 0 0 1000 1 plain', RUN)
  for (const round of [1, 2, 3]) {
    const until = frames.filter((frame) => frame.due <= (times.at(-1) ?? 0) * MS * round).length
    expect(until).toBe(Math.floor((times.length * round * 1504) / 1000))
  }
})

test('classes share a bottleneck where they say so', () => {
  const loads = ['send 1000 0 500000 1250 1 plain', 'send 1000 100 500000 1250 2 plain']
  const of = (frames: readonly Frame[], flow: number) => frames.filter((frame) => frame.flow === flow)
  const one = 'rate 10000000 0 0 queue packets 2000'
  const shared = simulate(link(one, 'class 02:00:00:00:00:01 shared delay 5000000'), ...loads, RUN)
  expect(rateOf(shared.frames, 1250)).toBeCloseTo(10e6, 0)
  const own = simulate(link(one, `class 02:00:00:00:00:01 ${one.replace('10000000', '5000000')}`), ...loads, RUN)
  expect(rateOf(of(own.frames, 1), 1250)).toBeCloseTo(5e6, 0)
  expect(rateOf(of(own.frames, 2), 1250)).toBeCloseTo(10e6, 0)
})

test('a new rate holds for frames that wait, and the one that is sent keeps its time', () => {
  const change = (words: string) =>
    simulate(
      link('rate 1000000 0 0 queue packets 100'),
      ...['send 5 0 0 1250 1 plain', `run ${15 * MS}`, link(words), RUN],
    )
  const ms = (words: string) => dues(change(words)).map((due) => due / MS)
  expect(ms('rate 2000000 0 0 queue fq_codel 100 16 1514 5000000 100000000 1')).toEqual([10, 20, 25, 30, 35])
  expect(ms('rate 2000000 0 0 queue bytes 1500')).toEqual([10, 20, 25])
  // Of the second frame, 625 bytes are left at 15 ms, where the trace begins.
  expect(ms('trace 10 queue packets 100')).toEqual([10, 25, 35, 45, 45])
  expect(ms('')).toEqual([10, 20, 20, 20, 20])
})

test('frames that wait for a trace wait for another one when it changes', () => {
  const words = (trace: string) => link(`trace ${trace} queue packets 100`)
  const times = (to: string) =>
    dues(simulate(words('10'), `send 2 ${MS} 0 1504 1 plain`, `run ${5 * MS}`, words(to), RUN)).map((due) => due / MS)
  expect(times('20')).toEqual([25, 45])
  // The same trace goes on.
  expect(times('10')).toEqual([11, 21])
})

test('CoDel keeps the time in the queue near its target, where a fifo fills up', () => {
  // 5 % more than the rate, for a minute.
  const load = 'send 63000 0 952381 1250 1 ect'
  const late = ({ frames }: Simulation) => delays(frames.filter((frame) => frame.sentAt > 30_000 * MS))
  const fifo = late(send('rate 10000000 0 0 queue packets 1000', load))
  expect(quantile(fifo, 0.5) / MS).toBeGreaterThan(900)
  const codel = send('rate 10000000 0 0 queue codel 1000 5000000 100000000 0', load)
  expect(quantile(late(codel), 0.5) / MS).toBeLessThan(10)
  expect(rateOf(codel.frames, 1250) / 10e6).toBeGreaterThan(0.98)
  expect(codel.statistics).toMatchObject({ queue: 0, marked: 0, queued: 0 })
  expect(codel.statistics.aqm).toBe(63_000 - codel.frames.length)
})

test('CoDel leaves alone a queue below its target, and a burst shorter than its interval', () => {
  const queue = 'rate 10000000 0 0 queue codel 1000 5000000 100000000 0'
  expect(send(queue, 'send 10000 0 1000000 1250 1 ect').statistics.aqm).toBe(0)
  expect(send(queue, 'send 50 0 0 1250 1 ect').statistics.aqm).toBe(0)
})

test('CoDel drops at the times of its control law', () => {
  // The queue never empties: above the target from the start, so the first drop is an interval after that.
  const { frames } = send('rate 10000000 0 0 queue codel 100000 5000000 100000000 0', 'send 3000 0 0 1250 1 plain')
  const there = new Set(numbers(frames))
  const dropped = upTo(3000).filter((number) => !there.has(number))
  // Frame n leaves the queue at n ms, less the frames dropped before it. The first that waited 5 ms leaves at 5 ms.
  const at = dropped.map((number, index) => number - index)
  const expected = [105]
  for (let count = 1; count < 10; count++) expected.push((expected.at(-1) ?? 0) + 100 / Math.sqrt(count))
  expect(at.slice(0, 10)).toEqual(expected.map((time) => Math.ceil(time)))
})

test('fq_codel shares the rate between flows, and does not let a small one wait', () => {
  const loads = [
    'send 20000 0 500000 1250 1 plain', // 20 Mbit/s
    'send 40000 0 250000 625 2 plain', // 20 Mbit/s
    'send 1000 0 10000000 100 3 plain',
  ]
  // With this seed, the three flows have places of their own, which chance may give to two of them.
  const queue = 'queue fq_codel 1000 1024 1514 5000000 100000000 0 seed 5'
  const { frames, statistics } = send(`rate 10000000 0 0 ${queue}`, ...loads)
  const of = (flow: number) => frames.filter((frame) => frame.flow === flow && frame.due < 10_000 * MS)
  expect(of(1).length / 8000 - of(2).length / 16_000).toBeLessThan(0.05)
  expect((of(1).length * 1250 + of(2).length * 625) / (of(1).length * 2500)).toBeCloseTo(1, 1)
  expect(of(3)).toHaveLength(1000)
  expect(quantile(delays(of(3)), 0.99) / MS).toBeLessThan(3)
  expect(statistics.queue).toBeGreaterThan(0)
  for (const flow of [1, 2, 3]) {
    const seen = numbers(of(flow))
    expect(seen).toEqual([...seen].sort((one, other) => one - other))
  }
})

test('codel and fq_codel mark ECN-capable packets of IPv4 and IPv6 instead of dropping them', () => {
  const queues = ['codel 100000', 'fq_codel 100000 1024 1514', 'fq_codel 100000 1 300']
  for (const kind of ['ect', 'six', 'plain']) {
    for (const queue of queues) {
      const words = `rate 10000000 0 0 queue ${queue} 5000000 100000000 1`
      const { frames, statistics } = send(words, `send 10000 0 500000 1250 1 ${kind}`)
      const marked = frames.filter((frame) => frame.marked).length
      expect(statistics.marked).toBe(marked)
      expect(marked > 0).toBe(kind !== 'plain')
      expect(statistics.aqm > 0).toBe(kind === 'plain')
      expect(new Set(frames.map((frame) => frame.wrongBits))).toEqual(new Set([0]))
    }
  }
})

test('red drops none below its minimum, all above its maximum, and a share between', () => {
  const red = (ecn: number) => `rate 10000000 0 0 queue red 1000000 30000 90000 0.02 ${ecn} seed 6`
  expect(send(red(0), 'send 10000 0 1000000 1250 1 ect').statistics).toMatchObject({ aqm: 0, queue: 0 })
  // 1 % more than the rate: the average settles where 1 % is dropped, in the middle.
  const { frames, statistics } = send(red(0), 'send 100000 0 990099 1250 1 ect')
  expect(Math.abs(statistics.aqm / 1000 - 1)).toBeLessThan(0.15)
  // One of a few hundred frames, at distances that are alike: hardly ever two in a row.
  const there = new Set(numbers(frames))
  const inARow = upTo(100_000).filter((number) => !there.has(number) && !there.has(number + 1) && number < 99_999)
  expect(inARow.length).toBeLessThan(0.05 * statistics.aqm)
  const queued = mean(delays(frames.filter((frame) => frame.sentAt > 20_000 * MS))) / MS
  expect(queued).toBeGreaterThan(24)
  expect(queued).toBeLessThan(72)
  const marking = send(red(1), 'send 10000 0 990099 1250 1 ect')
  expect(marking.statistics).toMatchObject({ aqm: 0, queue: 0 })
  expect(marking.statistics.marked).toBeGreaterThan(10)
  expect(marking.frames.filter((frame) => frame.marked)).toHaveLength(marking.statistics.marked)
  const flooded = send(red(0), 'send 10000 0 100000 1250 1 ect')
  expect(Math.max(...delays(flooded.frames)) / MS).toBeLessThan(120)
})
