// Limits that are too low for a lab are told before anything of it is made.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT, test, uniqueName } from '../../../support/lab.js'

// 60 nodes, as many open files as are said to be needed, and one fewer.
test('a lab that needs more open files than there are is refused at once, and comes up with as many as it is told', ({
  nslab,
}) => {
  const name = uniqueName('room')
  const input = 'nodes: {"h{i}": {repeat: 60}}'
  const up = (files: number) =>
    spawnSync('prlimit', [`--nofile=${files}`, process.execPath, join(ROOT, 'bin/run.js'), 'up', '-', '--name', name], {
      encoding: 'utf8',
      input,
    })
  const refused = up(143)
  expect(refused.stderr).toMatch(
    /needs 144 open files, and a process may have 143 \(RLIMIT_NOFILE\)\nhint: raise it: `ulimit -Hn 512`/,
  )
  expect([refused.status, nslab(['ls', '--json']).json()]).toEqual([4, { labs: [] }])
  expect(up(144)).toMatchObject({ status: 0 })
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
})
