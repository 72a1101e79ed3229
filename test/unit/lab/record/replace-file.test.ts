// Files that are replaced as a whole.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { replaceFile } from '../../../../src/lab/record/state.js'

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-replace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('a file is replaced', () => {
  const directory = place()
  const path = join(directory, 'state.json')
  for (const text of ['old', 'new']) replaceFile(path, text, 'write')
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(readdirSync(directory)).toEqual(['state.json'])
})

test('a file that cannot be replaced leaves no other', () => {
  const directory = place()
  const path = join(directory, 'state.json')
  // rename(2) replaces no directory by a file.
  mkdirSync(path)
  expect(() => replaceFile(path, 'new', 'write lab state')).toThrow('cannot write lab state')
  expect(readdirSync(directory)).toEqual(['state.json'])
})
