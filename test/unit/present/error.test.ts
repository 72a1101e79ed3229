import { expect, test } from 'vitest'
import { LabError } from '../../../src/errors.js'
import { errorText } from '../../../src/present/error.js'

test('says what, where and what to do next, one thing a line', () => {
  const error = new LabError('TOPOLOGY_INVALID', 'lab.yaml has 2 faults', {
    hint: 'fix them and run it again',
    file: 'lab.yaml',
    issues: [
      { line: 4, column: 7, path: 'nodes.h1.kind', message: 'not a kind' },
      { line: 1, column: 1, path: '', message: 'the file is empty' },
    ],
  })
  expect(errorText(error)).toBe(
    [
      'error: lab.yaml has 2 faults',
      'lab.yaml:4:7: nodes.h1.kind: not a kind',
      'lab.yaml:1:1: the file is empty',
      'hint: fix them and run it again',
    ].join('\n'),
  )
})

test('is one line where there is nothing more to say', () => {
  expect(errorText(new LabError('LAB_NOT_FOUND', 'no lab x'))).toBe('error: no lab x')
})

test('text of others cannot command the terminal', () => {
  expect(errorText(new LabError('USAGE', 'no node \x1b[2J'))).toBe('error: no node \\x1b[2J')
})

test('an unexpected error shows where it came from and asks for a report', () => {
  const text = errorText(new TypeError('boom'))
  expect(text).toMatch(/^error: boom\n\s+at .*error\.test\.ts/)
  expect(text).toMatch(/\nhint: this is a bug in nslab/)
})
