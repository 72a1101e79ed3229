import { expect, test } from 'vitest'
import { printable, printableText } from '../../../src/present/printable.js'

test('a control character is an escape; in a whole text, line ends and tabs stay', () => {
  const text = 'a\tb\x1b[31m\r\nc\rd\u202e\n'
  expect(printable(text)).toBe('a\\tb\\x1b[31m\\r\\nc\\rd\\u202e\\n')
  expect(printableText(text)).toBe('a\tb\\x1b[31m\r\nc\\rd\\u202e\n')
})
