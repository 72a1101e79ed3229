// The words that configure a link of the wire: what is refused, and with which text.
import { beforeAll, expect, test } from 'vitest'
import { buildSimulation, link, refusal, simulate } from '../../support/wire/simulation.js'

beforeAll(buildSimulation)

test('a link without words carries frames as they are', () => {
  for (const words of ['link 0 1 2', 'link 0 1 2 direction b', 'link 0 1 2 direction a class default']) {
    expect(simulate(words, 'send 3 5 5 100 1 plain', 'run 100').frames.map((frame) => frame.due)).toEqual([5, 10, 15])
  }
})

test.each([
  ['delay -1', 'delay needs an integer from 0 to 86400000000000, not "-1"'],
  ['delay 86400000000001', 'delay needs an integer from 0 to 86400000000000, not "86400000000001"'],
  ['delay 99999999999999999999', 'delay needs an integer from 0 to 86400000000000, not "99999999999999999999"'],
  ['delay 1.5', 'delay needs an integer from 0 to 86400000000000, not "1.5"'],
  ['delay', 'delay needs an integer from 0 to 86400000000000, not the end'],
  ['delay 1 delay 2', 'delay comes twice'],
  ['jitter 1 2 keep uniform', 'jitter needs a number from 0 to 1, not "2"'],
  ['jitter 1 0 sometimes uniform', 'jitter needs `keep` or `reorder` after its correlation'],
  ['jitter 1 0 keep', 'jitter needs `uniform` or a table at its end'],
  ...['normal', '0000', '000000', '0000000g'].map((table) => [
    `jitter 1 0 keep ${table}`,
    'jitter needs `uniform` or a table of 2 to 16384 values of 4 hexadecimal digits',
  ]),
  ['loss 0.1', 'loss needs `random`, `gilbert-elliott` or `state`'],
  ...['nan', 'inf', '-0.1', '1.01', '0x1', '1e400', '0.1%'].map((number) => [
    `loss random ${number} 0`,
    `loss random needs a number from 0 to 1, not "${number}"`,
  ]),
  ['loss gilbert-elliott 0.1 0.1 1', 'loss gilbert-elliott needs a number from 0 to 1, not the end'],
  ['loss state 0.6 0.1 0.1 0.1 0.6', 'loss state: p13 and p14 are more than 1 together'],
  ['loss state 0.1 0.6 0.6 0.1 0.1', 'loss state: p31 and p32 are more than 1 together'],
  ['reorder 0.1 0 0', 'reorder needs an integer from 1 to 1073741824, not "0"'],
  ['rate 0 0 0 queue packets 1', 'rate needs an integer from 1 to 10000000000000, not "0"'],
  ['rate 1000 0 0', 'rate needs a queue'],
  ['trace 1', 'trace needs a queue'],
  ['queue packets 1', 'queue needs a rate or a trace'],
  ['rate 1 0 0 trace 1 queue packets 1', 'rate and trace exclude each other'],
  ['rate 1 0 0 queue packets 0', 'queue packets needs an integer from 1 to 1073741824, not "0"'],
  ['rate 1 0 0 queue sfq 1', 'queue needs `packets`, `bytes`, `codel`, `fq_codel` or `red`'],
  ['rate 1 0 0 queue codel 1 0 1 1', 'queue codel needs an integer from 1 to 86400000000000, not "0"'],
  [
    'rate 1 0 0 queue fq_codel 1 65537 1 1 1 1',
    'the flows of queue fq_codel needs an integer from 1 to 65536, not "65537"',
  ],
  ['rate 1 0 0 queue red 10 5 5 0.1 1', 'the maximum of queue red needs an integer from 6 to 1099511627776, not "5"'],
  ['trace 1,2,x queue packets 1', 'trace: number 3, "x", is not from 2 to 2147483647, or not followed by a comma'],
  ['trace 2,1 queue packets 1', 'trace: number 2, "1", is not from 2 to 2147483647, or not followed by a comma'],
  ['trace 1,,2 queue packets 1', 'trace: number 2, ",2", is not from 1 to 2147483647, or not followed by a comma'],
  ['trace 1, queue packets 1', 'trace: number 2, "", is not from 1 to 2147483647, or not followed by a comma'],
  ['trace 0,0 queue packets 1', 'trace: its last number, which is its period, is 0'],
  ['seed 18446744073709551616', 'seed needs an integer from 0 to 18446744073709551615'],
  ['seed -1', 'seed needs an integer from 0 to 18446744073709551615'],
])('%s is refused', (words, text) => {
  expect(refusal(link(words as string))).toBe(`link 0: direction a: class default: ${text}`)
})

test.each([
  ['link', 'link needs an integer from 0 to 4294967295, not the end'],
  ['link 0 0 1', 'the first end of link needs an integer from 1 to 2147483647, not "0"'],
  ['link 7 1 2 direction c', 'link 7: direction needs `a` or `b`'],
  ['link 7 1 2 direction a direction a', 'link 7: direction a: comes twice'],
  [link('', 'class default'), 'link 0: direction a: class default comes twice'],
  [link('', 'class 02:00:00:00:00:01 class 02:00:00:00:00:01'), 'link 0: direction a: a class comes twice'],
  [
    link('', 'class 02:00:00:00:00 delay 1'),
    'link 0: direction a: class needs `default` or a MAC address such as 02:00:00:00:00:01, not "02:00:00:00:00"',
  ],
  [
    link('', 'class 02:00:00:00:00:01 shared rate 1 0 0 queue packets 1'),
    'link 0: direction a: class 02:00:00:00:00:01: a class that is shared has no rate, trace or queue',
  ],
  ['link 0 1 2 direction a class default shared', 'link 0: direction a: class default cannot be shared with itself'],
])('%s is refused', (words, text) => {
  expect(refusal(words)).toBe(text)
})
