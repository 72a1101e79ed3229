// The text of faults: the caret is below the faulty part, whatever characters come before it in the line.
import { expect, test } from 'vitest'
import { LabError, type TopologyIssue } from '../../../src/errors.js'
import { COLOURED, faultsText, PLAIN } from '../../../src/present/fault.js'

const issue = (text: string, column: number, length: number, rest: Partial<TopologyIssue> = {}): TopologyIssue => ({
  file: 'lab.yaml',
  line: 4,
  column,
  path: 'nodes.h1.kind',
  message: 'not a kind',
  quote: { text, length },
  ...rest,
})

const textOf = (...issues: TopologyIssue[]): string =>
  faultsText(new LabError('TOPOLOGY_INVALID', 'lab.yaml has faults', { issues }), PLAIN)

const linesOf = (text: string, column: number, length: number): string[] =>
  textOf(issue(text, column, length))
    .split('\n')
    .slice(2)

test('says where, what, and shows the line with what is wrong in it', () => {
  expect(textOf(issue('  h1: { kind: hst }', 15, 3), issue('', 1, 1, { line: 12 }))).toBe(
    [
      'error: lab.yaml has faults',
      'lab.yaml:4:15: not a kind',
      ' 4 │   h1: { kind: hst }',
      '   │               ^^^',
      'lab.yaml:12:1: not a kind',
      ' 12 │ ',
      '    │ ^',
    ].join('\n'),
  )
})

test.each([
  ['a tab', '\tab: x', 6, 1, ' 4 │         ab: x', '   │             ^'],
  ['a tab after text', 'ab\tx', 4, 1, ' 4 │ ab      x', '   │         ^'],
  ['wide characters', '日本: x', 5, 1, ' 4 │ 日本: x', '   │       ^'],
  ['wide characters that are wrong', '日本: x', 1, 2, ' 4 │ 日本: x', '   │ ^^^^'],
  ['an accent of its own', 'e\u0301: x', 5, 1, ' 4 │ e\u0301: x', '   │    ^'],
  ['an emoji of many parts', '👨‍👩‍👧: x', 11, 1, ' 4 │ 👨‍👩‍👧: x', '   │     ^'],
  ['control characters', '\x1b[2J: x', 7, 1, ' 4 │ \\x1b[2J: x', '   │          ^'],
  ['text that would be reordered', '\u202eab: x', 6, 1, ' 4 │ \\u202eab: x', '   │           ^'],
  ['nothing, at the end of the line', 'ab', 3, 1, ' 4 │ ab', '   │   ^'],
])('the caret is right after %s', (_, text, column, length, line, caret) => {
  expect(linesOf(text, column, length)).toEqual([line, caret])
})

test('of a long line, the part around the fault is shown', () => {
  const [line = '', caret = ''] = linesOf(`${'a'.repeat(300)}WRONG${'b'.repeat(300)}`, 301, 5)
  expect(line).toMatch(/^ 4 │ …a+WRONGb+…$/)
  expect(line.length).toBeLessThan(130)
  expect(line.indexOf('WRONG')).toBe(caret.indexOf('^'))
  expect(caret.trimEnd().endsWith(' ^^^^^')).toBe(true)
})

test('without a line or a file, there is the place alone', () => {
  const { file, quote, ...bare } = issue('', 1, 1)
  expect(textOf(bare)).toBe('error: lab.yaml has faults\n4:15: not a kind'.replace('15', '1'))
})

test('the hundred first are shown and the others counted', () => {
  const text = textOf(...Array.from({ length: 250 }, (_, at) => issue('x', 1, 1, { line: at + 1 })))
  expect(text.match(/not a kind/g)).toHaveLength(100)
  expect(text).toMatch(/\n… and 150 more$/)
})

test('colours are for terminals; without them there is no escape sequence', () => {
  const error = new LabError('TOPOLOGY_INVALID', 'x', { issues: [issue('ab', 1, 2)], hint: 'mend it' })
  expect(faultsText(error, COLOURED)).toContain('\x1b[31m^^\x1b[39m')
  expect(faultsText(error, PLAIN)).not.toContain('\x1b')
  expect(faultsText(error, PLAIN)).toMatch(/\nhint: mend it$/)
})

test.each([40, 80])('a quoted line and its caret stay within %i columns', (columns) => {
  const line = `  h1: { ${'a: 1, '.repeat(40)}kind: hst }`
  const error = new LabError('TOPOLOGY_INVALID', 'faults', { issues: [issue(line, line.indexOf('hst') + 1, 3)] })
  const [quoted = '', carets = ''] = faultsText(error, PLAIN, columns).split('\n').slice(2)
  expect(quoted.length).toBeLessThanOrEqual(columns)
  expect(quoted.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('hst')
})

test.each([40, 80])('messages and hints wrap at %i columns, between words', (columns) => {
  const message = `unknown key kinds; there are ${Array.from({ length: 30 }, (_, at) => `key${at}`).join(', ')}`
  const error = new LabError('TOPOLOGY_INVALID', 'faults', { issues: [issue('ab', 1, 2, { message })], hint: message })
  const lines = faultsText(error, PLAIN, columns).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
  expect(lines.join('\n').replaceAll('\n  ', ' ')).toContain(`lab.yaml:4:1: ${message}\n 4 │ ab`)
  expect(lines.join('\n').replaceAll('\n  ', ' ')).toContain(`hint: ${message}`)
})
