// Configurations of the wire that change at random while frames are on their way: none is lost unseen, none comes twice.
import { beforeAll, expect, test } from 'vitest'
import { buildSimulation, normalTable, numbers, simulate } from '../../support/wire/simulation.js'

beforeAll(buildSimulation)

/** Numbers from 0 to below `below`, always the same ones (Park and Miller, 1988). */
function generator(seed: number): (below: number) => number {
  let state = seed * 7919 + 1
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

function impairment(random: (below: number) => number, table: string, isShared: boolean): string {
  const some = (words: string) => (random(2) ? words : '')
  const chance = () => `${random(4) / 10} ${random(3) / 3}`
  const limit = 1 + random(50)
  const queues = [
    `packets ${limit}`,
    `bytes ${limit * 500}`,
    `codel ${limit} 1000000 5000000 ${random(2)}`,
    `fq_codel ${limit} ${1 + random(8)} 300 1000000 5000000 ${random(2)}`,
    `red ${limit * 500} ${limit * 50} ${limit * 250} 0.1 ${random(2)}`,
  ]
  const bottlenecks = [
    '',
    `rate ${1_000_000 * (1 + random(100))} ${random(5000)} ${random(60) - 20} queue ${queues[random(5)]}`,
    `trace ${random(3)},${3 + random(3)},${7 + random(9)} queue ${queues[random(5)]}`,
  ]
  return [
    some(`delay ${random(5_000_000)}`),
    some(
      `jitter ${random(3_000_000)} ${random(3) / 3} ${random(2) ? 'keep' : 'reorder'} ${random(2) ? 'uniform' : table}`,
    ),
    some(
      ['random 0.1 0.5', 'gilbert-elliott 0.1 0.3 0.8 0.1', 'state 0.1 0.2 0.3 0.4 0.1'].map((each) => `loss ${each}`)[
        random(3)
      ] ?? '',
    ),
    some(`duplicate ${chance()}`),
    some(`reorder ${chance()} ${1 + random(4)}`),
    isShared ? '' : bottlenecks[random(3)],
    some(`seed ${random(3)}`),
  ].join(' ')
}

test('each frame leaves, is dropped and counted, or is still there', () => {
  const table = normalTable()
  for (let seed = 1; seed <= 60; seed++) {
    const random = generator(seed)
    const configuration = () => {
      const shared = random(2) === 1
      const sources = [1, 2].filter(() => random(2) === 1)
      const classes = sources.map(
        (source) => `class 02:00:00:00:00:0${source} ${shared ? 'shared' : ''} ${impairment(random, table, shared)}`,
      )
      return `link 0 1 2 direction a class default ${impairment(random, table, false)} ${classes.join(' ')}`
    }
    const steps = ['pool 64', `wake ${1 + random(2) * 300_000}`, configuration()]
    for (let step = 0, now = 0; step < 8; step++) {
      const kinds = ['plain', 'ect', 'partial', 'six']
      for (const flow of [1, 2, 3]) {
        const load = `${1 + random(60_000)} ${100 + random(1400)} ${flow} ${kinds[random(4)]}`
        steps.push(`send ${random(300)} ${now + random(1_000_000)} ${load}`)
      }
      now += 1_000_000 + random(20_000_000)
      steps.push(`run ${now}`)
      if (random(3) === 0) {
        const pause = random(50_000_000)
        steps.push(`shift ${pause}`)
        now += pause
      }
      steps.push(configuration())
    }
    const { frames, sent, statistics } = simulate(...steps, 'run 1000000000000')
    const { packets, duplicated, loss, queue, aqm, memory, queued } = statistics
    expect(packets).toBe(frames.length)
    expect(queued).toBe(0)
    expect([seed, memory, packets - duplicated + loss + queue + aqm]).toEqual([seed, 0, sent])
    expect(packets - new Set(numbers(frames)).size).toBeLessThanOrEqual(duplicated)
    expect(frames.every((frame) => frame.wrongBits === 0 && frame.due >= frame.sentAt)).toBe(true)
    expect(frames.every((frame, index) => frame.due >= (frames[index - 1]?.due ?? 0))).toBe(true)
  }
})

test('a configuration that is set again changes nothing', () => {
  const queues = [
    'packets 20',
    'codel 1000 1000000 5000000 1',
    'fq_codel 100 16 300 1000000 5000000 0',
    'red 100000 10000 50000 0.1 0',
  ]
  const losses = ['random 0.05 0.5', 'gilbert-elliott 0.05 0.3 0.8 0.1', 'state 0.1 0.2 0.3 0.4 0.1']
  const delay = 'delay 3000000 jitter 2000000 0.5 keep uniform'
  for (const queue of queues) {
    for (const rate of ['rate 10000000 3000 4', 'trace 1,2,4,9']) {
      for (const [index, loss] of losses.entries()) {
        const chances = `duplicate 0.05 0.5 reorder 0.05 0.5 ${index + 1} corrupt 0.01 0.5`
        const words = `link 0 1 2 direction a class default ${delay} loss ${loss} ${chances} ${rate} queue ${queue} seed 3`
        const load = ['send 2000 0 500000 700 1 ect', 'send 1000 33 1100000 300 2 plain']
        const again = Array.from({ length: 50 }, (_, step) => [`run ${step * 20_100_007}`, words]).flat()
        const unchanged = simulate(words, ...load, 'run 10000000000')
        const changed = simulate(words, ...load, ...again, 'run 10000000000')
        expect(changed.frames).toEqual(unchanged.frames)
        expect(changed.statistics).toEqual(unchanged.statistics)
      }
    }
  }
})

test('a pause changes no delay, whatever waits where', () => {
  const queues = ['packets 50', 'codel 1000 1000000 5000000 1', 'fq_codel 100 16 300 1000000 5000000 0']
  for (const queue of [...queues, 'red 100000 10000 50000 0.1 0']) {
    for (const rate of ['rate 10000000 3000 4', 'trace 1,2,4,9']) {
      const jitter = 'delay 3000000 jitter 2000000 0.5 keep uniform'
      const words = `link 0 1 2 direction a class default ${jitter} ${rate} queue ${queue} seed 3`
      const load = (at: number) => [`send 400 ${at} 500000 700 1 ect`, `send 200 ${at + 33} 1100000 300 2 plain`]
      const pausedFor = (ns: number) => {
        const pause = ns > 0 ? [`shift ${ns}`] : []
        const second = load(250_000_000 + ns)
        return simulate(words, ...load(0), 'run 249000000', ...pause, ...second, 'run 10000000000').frames
      }
      // Those that come after the pause come, and leave, later by it; those that it stopped leave later.
      const relative = (ns: number) =>
        pausedFor(ns).map(({ number, due }) => [number, due > 249_000_000 + ns ? due - ns : due])
      expect(relative(123_456_789)).toEqual(relative(0))
    }
  }
})
