// Which file `up` takes where none is named.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findTopology } from '../../../src/cli/input/find-topology.js'

function directoryOf(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-find-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

const CONTAINERLAB = 'topology:\n  nodes:\n    a: {kind: linux}\n'

test('the only topology is taken, beside files of other tools', () => {
  expect(findTopology(directoryOf({ 'a.clab.yml': CONTAINERLAB, 'net.yaml': 'nodes: {a: {}}' }))).toBe('net.yaml')
})

test('where the only file is one of another tool, the hint says whose', () => {
  const directory = directoryOf({ 'lab.clab.yml': CONTAINERLAB })
  expect(() => findTopology(directory)).toThrow(
    expect.objectContaining({
      hint: 'there is no nslab.yaml here, and no other topology; lab.clab.yml is a containerlab topology',
    }),
  )
})
