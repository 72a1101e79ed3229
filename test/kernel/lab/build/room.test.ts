// Limits that are too low for a lab are told before anything of it is made.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT, test, uniqueName } from '../../../support/lab.js'

// 40 nodes, as many open files as are said to be needed, and one fewer.
test('a lab that needs more open files than there are is refused at once, and comes up with as many as it is told', ({
  nslab,
}) => {
  const name = uniqueName('room')
  const input = 'nodes: {"h{i}": {repeat: 40}}'
  const up = (files: number) =>
    spawnSync('prlimit', [`--nofile=${files}`, process.execPath, join(ROOT, 'bin/run.js'), 'up', '-', '--name', name], {
      encoding: 'utf8',
      input,
    })
  const refused = up(103)
  expect(refused.stderr).toMatch(
    /needs 104 open files, and a process may have 103 \(RLIMIT_NOFILE\)\nhint: raise it: `ulimit -Hn 256`/,
  )
  expect([refused.status, nslab(['ls', '--json']).json()]).toEqual([4, { labs: [] }])
  expect(up(104)).toMatchObject({ status: 0 })
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
})
