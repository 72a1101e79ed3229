// What links do to frames: layers from a preset to one end, with what is not written filled in.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Impairment, LinkEmulation } from '../../../../src/model/impairment.js'
import { directionText } from '../../../../src/topology/emulation/impairment-text.js'
import { linksOf, nodeOf, resolve } from '../support.js'

const NODES = 'nodes: {a: {}, b: {}, c: {}}\n'

const emulations = (links: string, options = {}): (LinkEmulation | undefined)[] =>
  resolve(NODES + links, options).links.map(({ emulation }) => emulation)

/** Of the first link, what each end sends. */
const sent = (links: string, options = {}): (Impairment | null | undefined)[] =>
  emulations(links, options)[0]?.directions.map(({ impairment }) => impairment) ?? []

const texts = (links: string): (string | null)[][] =>
  emulations(links).map((emulation) => emulation?.directions.map(directionText) ?? [])

test('a link without any of it, or with nothing but zeros, is a veth pair alone', () => {
  expect(emulations('links: [[a, b], {endpoints: [a, b], delay: 0ms, loss: 0%, jitter: none, seed: 7}]')).toEqual([
    undefined,
    undefined,
  ])
})

test('short forms', () => {
  const link =
    'links: [{endpoints: [a, b], delay: 10ms, jitter: 2ms, loss: 0.5%, duplicate: 0.1%, reorder: 1%, corrupt: 0.01%, rate: 100mbit, queue: 100}]'
  const impairment = {
    delayNs: 10_000_000,
    jitter: { amountNs: 2_000_000, distribution: 'uniform', correlation: 0, reorder: false },
    loss: { model: 'random', probability: 0.005, correlation: 0 },
    duplicate: { probability: 0.001, correlation: 0 },
    reorder: { probability: 0.01, correlation: 0, gap: 1 },
    corrupt: { probability: 0.0001, correlation: 0 },
    rate: { bitsPerSecond: 100_000_000, burstBytes: 3028, overheadBytes: 0 },
    queue: { kind: 'fifo', packets: 100 },
  }
  expect(emulations(link)).toEqual([{ backend: 'auto', directions: [{ impairment }, { impairment }] }])
})

test('long forms', () => {
  const [impairment] = sent(`links:
- endpoints: [a, b]
  delay: 10ms
  jitter: {amount: 2ms, distribution: pareto, correlation: 25%, reorder: true}
  loss: {model: state, p13: 1%, p31: 30%, p32: 10%, p23: 50%, p14: 0.5%}
  duplicate: {probability: 1%, correlation: 5%}
  reorder: {probability: 1%, correlation: 50%, gap: 5}
  rate: {rate: 1gbit, burst: 32kb, overhead: 18b}
  queue: {kind: red, limit: 300kb, min: 30kb, max: 90kb, probability: 10%, ecn: true}
  emulation: wire
`)
  expect(impairment).toEqual({
    delayNs: 10_000_000,
    jitter: { amountNs: 2_000_000, distribution: 'pareto', correlation: 0.25, reorder: true },
    loss: { model: 'state', p13: 0.01, p31: 0.3, p32: 0.1, p23: 0.5, p14: 0.005 },
    duplicate: { probability: 0.01, correlation: 0.05 },
    reorder: { probability: 0.01, correlation: 0.5, gap: 5 },
    rate: { bitsPerSecond: 1_000_000_000, burstBytes: 32_768, overheadBytes: 18 },
    queue: { kind: 'red', bytes: 307_200, minBytes: 30_720, maxBytes: 92_160, probability: 0.1, ecn: true },
  })
})

test('the defaults of models and queues are those of tc(8)', () => {
  const one = (written: string) => sent(`links: [{endpoints: [a, b], rate: 1mbit, ${written}}]`)[0]
  expect(one('loss: {model: gemodel, p: 1%}')?.loss).toEqual({
    model: 'gilbert-elliott',
    p: 0.01,
    r: 0.99,
    lossInBad: 1,
    lossInGood: 0,
  })
  expect(one('loss: {model: gilbert-elliott, p: 1%, r: 10%, 1-h: 70%, 1-k: 0.1%}')?.loss).toMatchObject({
    lossInBad: 0.7,
    lossInGood: 0.001,
  })
  expect(one('loss: {model: state, p13: 1%}')?.loss).toEqual({
    model: 'state',
    p13: 0.01,
    p31: 0.99,
    p32: 0,
    p23: 1,
    p14: 0,
  })
  expect(one('queue: {kind: codel}')?.queue).toEqual({
    kind: 'codel',
    packets: 200,
    targetNs: 5_000_000,
    intervalNs: 100_000_000,
    ecn: false,
  })
  expect(one('queue: {kind: fq_codel, limit: 500}')?.queue).toEqual({
    kind: 'fq_codel',
    packets: 500,
    flows: 1024,
    quantumBytes: 1514,
    targetNs: 5_000_000,
    intervalNs: 100_000_000,
    ecn: true,
  })
  expect(one('queue: 64kb')?.queue).toEqual({ kind: 'fifo', bytes: 65_536 })
})

test.each([
  // 20 ms at the rate, and at least 20.
  ['rate: 100mbit', 3028, 166],
  ['rate: 1mbit', 3028, 20],
  ['rate: 1gbit', 18_750, 1652],
  // Twice the delay and the jitter.
  ['rate: 100mbit, delay: 50ms', 3028, 826],
  ['rate: 100mbit, delay: 50ms, jitter: 10ms', 3028, 991],
  ['rate: 100gbit, delay: 1s', 1_875_000, 100_000],
  ['rate: 100mbit, mtu: 9000', 18_028, 28],
])('of %s, the burst is %i bytes and the queue has %i packets', (written, burstBytes, packets) => {
  const [impairment] = sent(`links: [{endpoints: [a, b], ${written}}]`)
  expect(impairment).toMatchObject({ rate: { burstBytes }, queue: { kind: 'fifo', packets } })
})

test('what is written of one end wins, under its name or as a map, key by key', () => {
  expect(
    texts(`links:
- {endpoints: [a, b], delay: 10ms, rate: 100mbit, b: {rate: 10mbit}}
- {endpoints: ["a:x", "b:y"], "a:x": {loss: 1%}}
- {endpoints: [a, {node: b, loss: 2%}], loss: 1%}
- {endpoints: ["a:p", "a:q"], "a:q": {delay: 1ms}, delay: 2ms}
- {endpoints: [a, b], delay: 1ms, b: {delay: none}}
`),
  ).toEqual([
    ['delay 10ms rate 100mbit limit 166p', 'delay 10ms rate 10mbit limit 20p'],
    ['loss 1%', null],
    ['loss 1%', 'loss 2%'],
    ['delay 2ms', 'delay 1ms'],
    ['delay 1ms', null],
  ])
})

test('defaults, repetition and variables', () => {
  expect(
    texts(`vars: {d: 3ms}
defaults: {link: {delay: "\${d}", loss: {model: gemodel, p: 1%}}}
links:
- [a, b]
- {endpoints: [a, b], delay: 1ms, loss: 2%}
- {endpoints: [a, b], preset: geostationary}
- {repeat: {i: 1..2, n: [a, b]}, endpoints: ["{n}", c], "{n}": {delay: "{i}0ms"}, loss: none}
`),
  ).toEqual([
    ['delay 3ms loss gemodel 1% 99% 100% 0%', 'delay 3ms loss gemodel 1% 99% 100% 0%'],
    ['delay 1ms loss 2%', 'delay 1ms loss 2%'],
    ['delay 239ms', 'delay 239ms'],
    ['delay 10ms', 'delay 3ms'],
    ['delay 10ms', 'delay 3ms'],
    ['delay 20ms', 'delay 3ms'],
    ['delay 20ms', 'delay 3ms'],
  ])
})

test('of a preset, the first end is the user’s, and keys beside it replace single values', () => {
  expect(
    texts(`links:
- {endpoints: [a, b], preset: webpagetest-cable}
- {endpoints: [a, b], preset: patchbay-wifi-bad, loss: none, delay: 1ms, jitter: none}
- {endpoints: [a, b], preset: webpagetest-dsl, a: {preset: webpagetest-fios}, b: {preset: none}}
`),
  ).toEqual([
    ['delay 14ms rate 1mbit limit 20p', 'delay 14ms rate 5mbit limit 20p'],
    ['delay 1ms rate 20mbit limit 34p', 'delay 1ms rate 20mbit limit 34p'],
    ['delay 2ms rate 5mbit limit 20p', null],
  ])
})

test('a trace is in place of a rate, and a rate in place of a trace', () => {
  const options = { readSource: (path: string) => ({ file: path, text: '0\n0\n5\n10\n' }) }
  const [a, b] = sent('links: [{endpoints: [a, b], rate: 1mbit, a: {trace: up.trace}}]', options)
  expect(a).toEqual({
    trace: { file: 'up.trace', opportunitiesMs: [0, 0, 5, 10] },
    // 4 × 1504 bytes in 10 ms are 4.8 Mbit/s.
    queue: { kind: 'fifo', packets: 20 },
  })
  expect(b).toMatchObject({ rate: { bitsPerSecond: 1_000_000 } })
  expect(sent('links: [{endpoints: [a, b], trace: t, b: {rate: 1mbit}}]', options)[1]).not.toHaveProperty('trace')
})

test('samples become a table with mean 0 and standard deviation 8,192', () => {
  const text = Array.from({ length: 1000 }, (_, at) => 20 + at / 1000).join('\n')
  const [impairment] = sent(
    'links: [{endpoints: [a, b], delay: 10ms, jitter: {amount: 2ms, distribution: {samples: rtt.txt}}}]',
    { readSource: (path: string) => ({ file: path, text }) },
  )
  const distribution = impairment?.jitter?.distribution
  const table = typeof distribution === 'object' ? distribution.table : []
  expect(table).toHaveLength(4096)
  const mean = table.reduce((sum, value) => sum + value, 0) / table.length
  const deviation = Math.sqrt(table.reduce((sum, value) => sum + (value - mean) ** 2, 0) / table.length)
  expect(Math.abs(mean)).toBeLessThan(1)
  expect(Math.abs(deviation / 8192 - 1)).toBeLessThan(0.001)
  expect(table).toEqual(table.toSorted((a, b) => a - b))
})

test('a file is read once, from where it is written', () => {
  const read: [string, string | undefined][] = []
  const readSource = (path: string, from: string | undefined) => {
    read.push([path, from])
    return { file: path, text: '1\n' }
  }
  sent('links: [{endpoints: [a, b], trace: t}, {endpoints: [a, c], trace: t}]', { readSource })
  expect(read).toEqual([['t', 'lab.yaml']])
})

test('each direction of each link has a seed of its own, which other links do not change', () => {
  const seedsOf = (links: string) =>
    emulations(links).flatMap((each) => each?.directions.map(({ impairment }) => impairment?.seed) ?? [])
  const lan = seedsOf('links: [{endpoints: [a, b, c], loss: 1%, seed: 7}]')
  expect(new Set(lan).size).toBe(6)
  for (const seed of lan) expect(seed).toMatch(/^[0-9]{1,20}$/)
  const one = '{endpoints: ["a:x", "b:x"], loss: 1%, seed: 7}'
  const other = '{endpoints: [a, b], loss: 1%}'
  expect(seedsOf(`links: [${other}, ${one}]`).slice(2)).toEqual(seedsOf(`links: [${one}]`))
  expect(seedsOf(`links: [${other}]`)).toEqual([undefined, undefined])
  expect(seedsOf(`links: [${one.replace('7', '8')}]`)).not.toEqual(seedsOf(`links: [${one}]`))
})

test('the backend is that of the link, else that of the lab; `wire` carries links without impairments too', () => {
  const backends = (text: string) => emulations(text).map((each) => each?.backend)
  expect(
    backends(
      'emulation: netem\nlinks: [[a, b], {endpoints: [a, b], delay: 1ms}, {endpoints: [a, b], emulation: wire}]',
    ),
  ).toEqual([undefined, 'netem', 'wire'])
  expect(backends('emulation: wire\nlinks: [[a, b]]')).toEqual(['wire'])
  expect(emulations('links: [{endpoints: [a, b], emulation: wire}]')).toEqual([
    { backend: 'wire', directions: [{ impairment: null }, { impairment: null }] },
  ])
})

// a ─┬─ b
//    c
test('pairs are at the receiver’s link, with the MAC address of the sender; the last one that fits counts', () => {
  const lab = resolve(`${NODES}links:
- endpoints: [a, b, c]
  delay: 1ms
  rate: 100mbit
  pairs: {"* -> b": {loss: 9%}, "a -> b": {delay: 40ms}, "c:eth0 <-> *": {loss: 2%, rate: 10mbit}}
`)
  expect(linksOf(lab)).toEqual(['a:eth0–lan1:eth0', 'b:eth0–lan1:eth1', 'c:eth0–lan1:eth2'])
  const macOf = (node: string) => nodeOf(lab, node).interfaces.find(({ name }) => name === 'eth0')?.mac
  const shown = lab.links.map(({ emulation }) =>
    emulation?.directions[1].sources?.map(({ station, mac, impairment, sharesRate }) => [
      station,
      mac,
      directionText({ impairment }),
      sharesRate,
    ]),
  )
  const ofC = (node: string) => [`${node}:eth0`, macOf(node), 'delay 1ms loss 2% rate 10mbit limit 20p', false]
  expect(shown).toEqual([
    [ofC('c')],
    [['a:eth0', macOf('a'), 'delay 40ms rate 100mbit limit 661p', true], ofC('c')],
    [ofC('a'), ofC('b')],
  ])
  expect(lab.links.map(({ emulation }) => emulation?.directions[0].sources)).toEqual([undefined, undefined, undefined])
})

test('a station whose interface is in a bridge sends from the bridge’s address too', () => {
  const lab = resolve(`nodes: {a: {interfaces: {br: {kind: bridge, members: [lan0]}}}, b: {}, c: {}}
links: [{endpoints: ["a:lan0", b, c], pairs: {"a -> b": {delay: 1ms}}}]`)
  const { interfaces } = nodeOf(lab, 'a')
  const macs = ['lan0', 'br'].map((name) => interfaces.find((each) => each.name === name)?.mac)
  expect(lab.links[1]?.emulation?.directions[1].sources?.map(({ mac }) => mac)).toEqual([...new Set(macs)])
})

test('a stub has none of the defaults', () => {
  const lab = resolve('nodes: {a: {}, b: {}}\ndefaults: {link: {delay: 1ms}}\nlinks: [[a, b], [a]]')
  expect(lab.links.map(({ emulation }) => emulation !== undefined)).toEqual([true, false])
})

test('warnings', () => {
  const warnings = (links: string) => resolve(NODES + links).warnings
  expect(warnings('links: [{endpoints: [a, b], delay: 1ms, a: {jitter: 2ms}}]')).toEqual([
    'a:eth0 → b:eth0: a jitter of 2ms is above the delay of 1ms: delays below 0 are 0, so the mean delay is longer than written',
  ])
  expect(warnings('links: [{endpoints: [a, b], a: {jitter: {amount: 2ms, reorder: true}}}]')).toEqual([
    'a:eth0 → b:eth0: a jitter of 2ms is above the delay of 0ns: delays below 0 are 0, so many frames overtake others',
  ])
  expect(warnings('links: [{count: 3, endpoints: [a, b], rate: {rate: 1gbit, burst: 1600b}}]')).toEqual([
    'a:eth0 → b:eth0, b:eth0 → a:eth0, a:eth1 → b:eth1 and 3 more: a burst of 1600b is below 18750b, two frames or 150us at the rate, so the rate may not be reached',
  ])
  const jitter = 'endpoints: [a, b], delay: 5ms, a: {jitter: {amount: 1ms, correlation: 25%}}'
  expect(warnings(`links: [{${jitter}, emulation: netem}]`)).toEqual([
    'a:eth0 → b:eth0: netem makes a jitter with a correlation of 25% smaller: about 77% of what is written; the wire keeps it',
  ])
  expect(warnings(`links: [{${jitter}}]`)).toEqual([])
})

const page = readFileSync(new URL('../../../../docs/links.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text as string)

test.each(examples)('an example of docs/links.md: %s', (text) => {
  const lab = resolve(text, { readSource: (path: string) => ({ file: path, text: '1\n' }) })
  expect(lab.links.some(({ emulation }) => emulation !== undefined)).toBe(true)
  expect(lab.warnings).toEqual([])
})
