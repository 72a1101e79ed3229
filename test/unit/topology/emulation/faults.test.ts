// Wrong impairments are told with their place and what was expected.
import { expect, test } from 'vitest'
import { LabError, type TopologyIssue } from '../../../../src/errors.js'
import { checkTopology } from '../../../../src/topology/check.js'
import { issuesOf, resolve, shown } from '../support.js'

const NODES = 'nodes: {a: {}, b: {}, c: {}}\n'
const FILES: Record<string, string> = {
  'ok.trace': '1\n',
  'back.trace': '0\n3\n2\n',
  'word.trace': '0\nsecret\n',
  'zero.trace': '0\n0\n',
  'blank.trace': '1\n\n2\n',
  empty: '',
  'word.txt': `${'1 '.repeat(30)}\nsecret 2`,
  'few.txt': '1 2 3',
  'same.txt': '5\n'.repeat(30),
}
const readSource = (path: string) => {
  const text = FILES[path]
  if (text === undefined) throw new Error(`there is no ${path}`)
  return { file: path, text }
}
const faults = (links: string) => shown(NODES + links, { readSource })
/** With the faults of meaning beside those of shape. */
function checked(text: string): readonly TopologyIssue[] {
  try {
    checkTopology(text, {}, {})
  } catch (error) {
    if (error instanceof LabError) return error.issues ?? []
    throw error
  }
  return []
}

/** Messages about one link. */
const faultsOf = (keys: string, ends = '[a, b]') =>
  issuesOf(`${NODES}links:\n- {endpoints: ${ends}, ${keys}}`, { readSource }).map(({ message }) => message)

test.each([
  // Numbers
  ['delay: 10', '10 has no unit: a time is written like 10ms, 100us or 1.5s'],
  ['delay: -1ms', '-1ms is out of range: a time is 0s to 3600s'],
  ['delay: 10mbit', 'mbit is no unit of a time, which is written like 10ms, 100us or 1.5s'],
  ['jitter: 3s', '3s is out of range: a jitter is 0s to 2.147483647s'],
  ['jitter: {amount: 3s}', '3s is out of range: a jitter is 0s to 2.147483647s'],
  ['loss: 0.005', '0.005 has no unit: write a percentage such as 0.5%'],
  ['loss: 100.1%', '100.1% is out of range: a percentage is 0% to 100%'],
  ['duplicate: -1%', '-1% is out of range: a percentage is 0% to 100%'],
  ['rate: 0kbit', 'a rate of zero carries nothing: `loss: 100%` does that, and `none` is no limit'],
  ['rate: 100', '100 has no unit: a rate is written like 64kbit, 100mbit or 1.5gbit'],
  ['rate: 1mbit, queue: 0', 'a queue holds 1 to 1000000 packets'],
  ['rate: 1mbit, queue: 64kbyte', 'kbyte is no unit of a size, which is written like 1600b, 32kb or 1mb'],
  ['seed: -7', 'a seed is a whole number from 0 to 18446744073709551615'],
  ['seed: 18446744073709551616', 'a seed is a whole number from 0 to 18446744073709551615'],
  ['delay: [1ms]', 'expected a text, got a list'],
  // Words
  ['preset: wifi', 'there is no preset wifi; there are firefox-wifi, patchbay-wifi, patchbay-wifi-bad'],
  ['preset: webpagetest-cabel', 'there is no preset webpagetest-cabel; did you mean webpagetest-cable?'],
  ['emulation: wires', 'expected auto, netem or wire, got "wires"; did you mean wire?'],
  ['loss: {model: bernoulli}', 'expected gemodel, gilbert-elliott, random or state, got "bernoulli"'],
  [
    'loss: {model: state, p: 1%}',
    'the key `p13` is missing',
    'unknown key p; there are model, p13, p31, p32, p23, p14',
  ],
  ['queue: {kind: sfq}', 'expected codel, fifo, fq_codel or red, got "sfq"'],
  ['rate: 1mbit, queue: {kind: codel, target: 0s}', '0s is out of range: a time of CoDel is 1us to 3600s'],
  ['rate: 1mbit, queue: {kind: fq_codel, interval: 999ns}', '999ns is out of range: a time of CoDel is 1us to 3600s'],
  ['delya: 1ms', 'unknown key delya; did you mean delay?'],
  ['bb: {delay: 1ms}', 'unknown key bb; did you mean b?'],
  ['b: {delya: 1ms}', 'unknown key delya; did you mean delay?'],
  ['b: 10ms', 'expected a map of what b sends, such as { rate: 10mbit }, got "10ms"'],
  ['b: {mtu: 1400}', 'mtu of an end is written under `endpoints`: { node: b, mtu: … }'],
  ['"b:eth0": {loss: 1%}', 'b has no written interface at this link: write `b`, or b:eth0 under `endpoints`'],
  // Combinations
  [
    'rate: {rate: 1mbit, burst: 1000b}',
    'a burst of 1000b is below a frame of 1514b (MTU and 14 of Ethernet), which would never be sent',
  ],
  [
    'rate: 1mbit, queue: 1513b',
    'a queue of 1513b is below a frame of 1514b (MTU and 14 of Ethernet), which would never be sent',
  ],
  ['queue: 100', 'a queue stands in front of a rate: write a `rate` or a `trace` too'],
  [
    'rate: 1mbit, queue: {kind: red, limit: 30kb, max: 60kb}',
    '`max` is above the limit of 30kb, so it is never reached',
  ],
  ['rate: 1mbit, queue: {kind: red, limit: 60kb, min: 30kb, max: 30kb}', '`min` is not below the `max` of 30kb'],
  ['rate: 1mbit, trace: ok.trace', 'a trace is in place of a rate: write one of them'],
  [
    'a: {delay: 1ms}, b: {reorder: 1%}',
    'a reordered frame is sent without its delay, so there must be one: write a `delay`',
  ],
  [
    'loss: {model: gemodel, p: 1%, r: 0%}',
    'with an `r` of 0% the bad state never ends; `r` is the chance for each frame that it does',
  ],
  ['loss: {model: state, p13: 60%, p14: 50%}', '`p13` and `p14` are the ways out of state 1: together at most 100%'],
  [
    'loss: {model: state, p13: 1%, p31: 60%, p32: 50%}',
    '`p31` and `p32` are the ways out of state 3: together at most 100%',
  ],
  [
    'loss: {model: state, p13: 1%, p31: 0%}',
    'with a `p31` of 0% a burst never ends; `p31` is the chance for each frame that it does',
  ],
  [
    'pairs: {"a -> b": {}}',
    '`pairs` is for LANs, links of more than two endpoints; write `NODE: {…}` for what one end sends',
  ],
  // netem
  [
    'emulation: netem, loss: {probability: 1%, correlation: 25%}',
    'netem loses far less with a correlation (of 1% at 25%, 0.0002%); write { model: gilbert-elliott, p: 0.75%, r: 74.25% }; `emulation: wire` or `auto` does it',
  ],
  [
    'emulation: netem, corrupt: {probability: 1%, correlation: 25%}',
    'netem makes rare events far rarer where they have a correlation (of 1% at 25%, 0.0002%); `emulation: wire` or `auto` does it',
  ],
  [
    'emulation: netem, rate: {rate: 1mbit, overhead: -4b}',
    'netem goes with tbf for a rate, which has no negative overhead; `emulation: wire` or `auto` does it',
  ],
  ['emulation: netem, trace: ok.trace', 'netem has no rate that follows a trace; `emulation: wire` or `auto` does it'],
])('%s', (keys, ...expected) => {
  expect(faultsOf(keys)).toEqual(expected)
})

test('two descriptions of one direction, and a name that means both ends', () => {
  expect(faultsOf('b: {delay: 1ms}', '[a, {node: b, loss: 1%}]')).toEqual([
    'what b sends is described at another place already: write it in one',
  ])
  expect(faultsOf('b: {delay: 1ms}, "b:x": {loss: 1%}', '[a, "b:x"]')).toEqual([
    'what b:x sends is described at another place already: write it in one',
  ])
  expect(faultsOf('a: {delay: 1ms}', '["a:x", "a:y"]')).toEqual([
    '2 ends of this link are in a: write NODE:INTERFACE of the one that is meant',
  ])
})

test('faults are told at their place, those of an end at the key where it is written', () => {
  expect(
    faults(`links:
- endpoints: [a, b]
  delay: 10
  b: { rate: 3 }
- { endpoints: [a, { node: b, loss: 1 }] }
`),
  ).toEqual([
    '4:10 links.0.delay: 10 has no unit: a time is written like 10ms, 100us or 1.5s',
    '5:14 links.0.b.rate: 3 has no unit: a rate is written like 64kbit, 100mbit or 1.5gbit',
    '6:37 links.1.endpoints.1.loss: 1 has no unit: write a percentage such as 0.5%',
  ])
})

test('what may follow from another fault is left out', () => {
  const found = (links: string) =>
    checked(`nodes: {a: {}, b: {}, e: {}, f: {}}\n${links}`).map(
      ({ line, column, message }) => `${line}:${column} ${message}`,
    )
  expect(
    found(`links:
- {endpoints: [a, b], delay: 10, reorder: 1%}
- {endpoints: [e, f], rate: {rate: 1mbit, burst: 100b}}
`),
  ).toEqual([
    '3:30 10 has no unit: a time is written like 10ms, 100us or 1.5s',
    '4:50 a burst of 100b is below a frame of 1514b (MTU and 14 of Ethernet), which would never be sent',
  ])
  expect(found('links: [{endpoints: [a, b, d], pairs: {"d -> a": {}}}]')).toEqual(['2:28 there is no node d'])
})

test('what is of links is no key of nodes and tunnels', () => {
  expect(
    shown('nodes: {a: {delay: 1ms, interfaces: {t: {kind: gre, remote: b, rate: 1mbit}}}, b: {}}\nlinks: [[a, b]]'),
  ).toEqual([
    '1:13 nodes.a.delay: unknown key delay; it is a key of links',
    '1:64 nodes.a.interfaces.t.rate: unknown key rate; it is a key of links',
  ])
})

test('stubs', () => {
  expect(faults('links: [[a, b], {endpoints: [a], delay: 1ms}, {endpoints: [{node: a, loss: 1%}]}]')).toEqual([
    '2:34 links.1.delay: delay does nothing on a stub, whose frames go nowhere',
    '2:70 links.2.endpoints.0.loss: loss does nothing on a stub, whose frames go nowhere',
  ])
})

test('pairs', () => {
  const pairs = (text: string) => faultsOf(`pairs: {${text}}`, '[a, b, c]')
  expect(pairs('"a -> bb": {}')).toEqual(['bb is no station of this LAN; did you mean b?'])
  expect(pairs('"server -> b": {}')).toEqual(['server is no station of this LAN; there are a, b, c'])
  expect(pairs('"a:eth7 -> b": {}')).toEqual(['a:eth7 is no station of this LAN; did you mean a:eth0?'])
  expect(pairs('"a, b": {}')[0]).toContain('a pair is written like "a -> b"')
  expect(pairs('"a -> b": {dealy: 1ms}')).toEqual(['unknown key dealy; did you mean delay?'])
  expect(faultsOf('rate: 1mbit, pairs: {"a -> b": {queue: 3}}', '[a, b, c]')).toEqual([
    'this pair shares the rate and the queue of its link: write a `rate` too, or no queue',
  ])
  expect(faultsOf('emulation: netem, pairs: {"a -> b": {trace: ok.trace}}', '[a, b, c]')).toEqual([
    'netem has no rate that follows a trace; `emulation: wire` or `auto` does it',
  ])
})

test.each([
  ['trace: none.trace', '3:30 links.0.trace: there is no none.trace'],
  ['trace: back.trace', 'back.trace:3:1 links.0.trace: expected a time that is not before that of the line above'],
  [
    'trace: word.trace',
    'word.trace:2:1 links.0.trace: expected a whole number of milliseconds, and nothing else, on each line of a trace',
  ],
  [
    'trace: blank.trace',
    'blank.trace:2:1 links.0.trace: expected a whole number of milliseconds, and nothing else, on each line of a trace',
  ],
  [
    'trace: zero.trace',
    'zero.trace:1:1 links.0.trace: the trace ends at 0 ms: expected a last time above 0, which is the period of its repetition',
  ],
  ['trace: empty', 'empty:1:1 links.0.trace: the trace is empty: expected milliseconds, one number a line'],
  [
    'delay: 9ms, jitter: {amount: 1ms, distribution: {samples: word.txt}}',
    'word.txt:2:1 links.0.jitter.distribution.samples: expected a number: samples are numbers with blanks between them',
  ],
  [
    'delay: 9ms, jitter: {amount: 1ms, distribution: {samples: few.txt}}',
    'few.txt:1:1 links.0.jitter.distribution.samples: expected at least 20 samples, and there are 3',
  ],
  [
    'delay: 9ms, jitter: {amount: 1ms, distribution: {samples: same.txt}}',
    'same.txt:1:1 links.0.jitter.distribution.samples: expected samples that differ: all of them are the same number',
  ],
])('%s is told at its own line, without what is in it', (keys, expected) => {
  expect(faults(`links:\n- {endpoints: [a, b], ${keys}}`)).toEqual([expected])
  expect(expected).not.toContain('secret')
})

test('without a reader, no file can be named', () => {
  expect(shown(`${NODES}links: [{endpoints: [a, b], trace: x}]`)).toEqual([
    '2:36 links.0.trace: a link can name a file only where `resolveTopology` is given `readSource`',
  ])
})

test('traces have a limit in a whole lab', () => {
  const text = Array.from({ length: 300_000 }, (_, at) => at + 1).join('\n')
  const found = shown(`${NODES}links: [{repeat: 10, endpoints: [a, b], trace: x}]`, {
    readSource: () => ({ file: 'x', text }),
  })
  expect(found).toEqual(['2:48 links.0.trace: the links up to here have over 4000000 values of traces and samples'])
})

test('pairs have a limit in a whole lab', () => {
  const lan = (count: number) =>
    `nodes: {"h{i}": {repeat: ${count}}}\nlinks: [{endpoints: [${Array.from({ length: count }, (_, at) => `h${at + 1}`)}], pairs: {"* -> *": {delay: 1ms}}}]`
  expect(resolve(lan(50)).links[0]?.emulation?.directions[1].sources).toHaveLength(49)
  expect(shown(lan(300))).toHaveLength(1)
  expect(shown(lan(300))[0]).toContain('the pairs up to here are of over 50000 senders and receivers')
})
