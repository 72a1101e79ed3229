import fc from 'fast-check'
import { expect, test } from 'vitest'
import { execWords } from '../../../src/cli/exec-words.js'

test('whatever is behind NODE -- is the command, as it was written', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('--', '--json', '-c', 'a'))), (command) => {
      expect(execWords(['h1', '--', ...command])).toEqual({ own: ['h1'], command })
      expect(execWords(['--json', 'h1', '--', ...command])).toEqual({ own: ['--json', 'h1'], command })
    }),
  )
})

test.each([
  ['h1 ls -l', 'h1', 'ls -l'],
  ['h1 --json -- ls --json', 'h1 --json', 'ls --json'],
  ['h1 --json ls --json', 'h1 --json', 'ls --json'],
  ['h1 grep -e x -- file', 'h1', 'grep -e x -- file'],
  ['h1 ip --help', 'h1', 'ip --help'],
  ['h1 --help', 'h1 --help', ''],
  ['h1 --', 'h1', ''],
  ['h1', 'h1', ''],
  ['-- h1 id -u', 'h1', 'id -u'],
  ['-- h1 -- id -u', 'h1', 'id -u'],
  ['', '', ''],
])('%s', (line, own, command) => {
  const words = (text: string) => text.split(' ').filter((word) => word !== '')
  expect(execWords(words(line))).toEqual({ own: words(own), command: words(command) })
})
