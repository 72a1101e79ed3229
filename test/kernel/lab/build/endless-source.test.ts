// Sources of files that are no plain files: `up` ends at once.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'

test('a file of the machine without an end is refused', ({ nslab, stateDirectory }) => {
  const file = join(stateDirectory, 'endless.yaml')
  writeFileSync(file, 'nodes: {a: {files: {/run/log: {source: /proc/kmsg}}}}')
  const { status, stderr } = nslab(['up', file, '--name', uniqueName('endless')])
  expect(stderr).toBe(
    'error: a: cannot read /proc/kmsg, which is to be /run/log: it has no end: a reader waits for more of it\n',
  )
  expect(status).toBe(2)
  expect(nslab(['ls', '--json']).json().labs).toEqual([])
})

test('a file of the machine that says nothing of its size is copied whole', ({ nslab, stateDirectory }) => {
  const file = join(stateDirectory, 'sizeless.yaml')
  const name = uniqueName('endless')
  writeFileSync(file, 'nodes: {a: {files: {/run/version: {source: /proc/version}}}}')
  expect(nslab(['up', file, '--name', name]).status).toBe(0)
  expect(nslab(['exec', `${name}/a`, '--', 'cmp', '/run/version', '/proc/version'])).toMatchObject({ status: 0 })
})
