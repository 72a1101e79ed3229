// A small file cannot become a large one: texts, kinds, paths and routes that multiply are refused with a place.
import { expect, test } from 'vitest'
import { shown } from '../support.js'

const A = 'nodes: {a: {}}'
const FILE = (text: string) => `nodes: {a: {files: {/x: "${text}"}}}`
const x = (count: number) => 'x'.repeat(count)

test('variables that double each other are refused', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `  a${at + 1}: "\${a${at}}\${a${at}}"`)
  expect(shown(`vars:\n  a0: ${x(16)}\n${lines.join('\n')}\n${A}`)).toEqual([
    '23:8 vars.a21: the variables up to here become over 33554432 characters',
  ])
})

test.each([
  ['a variable in one text', `vars: {v: ${x(1_000_000)}}\n${FILE('${v}'.repeat(400))}`],
  ['a variable in a key', `vars: {v: ${x(1_000_000)}}\nnodes: {a: {labels: {"${'${v}'.repeat(400)}": x}}}`],
  ['a variable in many texts', `vars: {v: ${x(1_000_000)}}\nnodes: {a: {labels: {${many(40, '"${v}y"')}}}}`],
])('%s cannot make a long text', (_, text) => {
  expect(shown(text).at(-1)).toMatch(/: the variables up to here become over 33554432 characters$/)
})

test.each([
  ['a repeated text', `nodes: {"a{i}": {repeat: 9000, files: {/x: "{i}${x(10_000)}"}}}`],
  ['a value of `repeat`', `nodes: {"a{i}": {repeat: {j: [${x(1_000_000)}], i: 100}, files: {/x: "{j}."}}}`],
])('%s cannot make many long texts', (_, text) => {
  expect(shown(text)).toEqual([expect.stringMatching(/the repetitions up to here make over 33554432 characters/)])
})

test('a value of `repeat` cannot make one long text', () => {
  const text = `nodes: {"a{i}": {repeat: {j: [${x(1_000_000)}], i: 1}, files: {/x: "${'{j}'.repeat(1000)}"}}}`
  expect(shown(text)).toEqual([expect.stringMatching(/: this becomes a text of over 33554432 characters/)])
})

test('a long text of a kind cannot be that of thousands of nodes', () => {
  const text = `kinds: {k: {files: {/x: ${x(1_000_000)}}}}\nnodes: {"a{i}": {repeat: 100, kind: k}}`
  expect(shown(text)).toEqual([
    '2:1 nodes: with kinds, aliases and repetitions filled in, there are over 33554432 characters here',
  ])
})

test('kinds build on each other up to a depth, in whatever order they are written', () => {
  const kinds = Array.from({ length: 40 }, (_, at) => ` k${at + 1}: {extends: k${at}}`)
  expect(shown(`kinds:\n k0: {}\n${kinds.join('\n')}\n${A}`)).toEqual([
    '35:17 kinds.k33.extends: kinds extend each other over 32 deep',
  ])
})

test('a message lists some of very many kinds', () => {
  const kinds = Array.from({ length: 1000 }, (_, at) => `k${at}: {}`)
  const [fault] = shown(`kinds: {${kinds.join(', ')}}\nnodes: {a: {kind: unheard-of}}`)
  expect(fault).toMatch(/there are host, router, switch, k0, .* and 983 more$/)
})

test('a path and a duration have a greatest length', () => {
  expect(shown(`nodes: {a: {files: {${'/x'.repeat(1000)}: y}}}`)).toEqual([
    expect.stringMatching(/a path has at most 100 directories$/),
  ])
  expect(shown(`nodes: {a: {time: {boottime: ${'1s'.repeat(1000)}}}}`)).toEqual([
    '1:30 nodes.a.time.boottime: a duration has at most 100 characters',
  ])
})

test('a lab of millions of routes is refused before they are all made', () => {
  const text = `
nodes: {"a{i}": {repeat: 80, kind: router}, "b{i}": {repeat: 80, kind: router}}
links: [{repeat: {i: 80, j: 80}, endpoints: ["a{i}", "b{j}"]}]`
  expect(shown(text)).toEqual([
    '3:8 links: the nodes of this lab would have over 1000000 routes; `routing: none` makes none',
  ])
})

function many(count: number, value: string): string {
  return Array.from({ length: count }, (_, at) => `l${at}: ${value}`).join(', ')
}
