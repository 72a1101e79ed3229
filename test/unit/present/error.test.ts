import { expect, test } from 'vitest'
import { LabError } from '../../../src/errors.js'
import { errorText } from '../../../src/present/error.js'

test('says what, and what to do next', () => {
  const error = new LabError('LAB_AMBIGUOUS', 'two labs run', { hint: 'name one' })
  expect(errorText(error)).toBe('error: two labs run\nhint: name one')
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
