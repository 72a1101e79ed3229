// Calls of the native helper: any failure around it ends as one error, and no process is left.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { runShim } from '../../../src/kernel/shim.js'
import { ROOT, test, uniqueName } from '../../support/lab.js'

const childrenNow = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')

test('a word that would be two in the spec is refused', async () => {
  const spec = ['namespace', 'net\0mount']
  await expect(runShim({ verb: 'probe', args: [], spec, onReport: () => {} })).rejects.toMatchObject({
    code: 'USAGE',
    message: '"net\\u0000mount" has a NUL character, which no name, path or setting can have',
  })
})

test('too few descriptors are told as such, with what to do, whatever runs out of them', ({ stateDirectory }) => {
  const name = uniqueName('few')
  const script = 'ulimit -n "$1"; exec "$2" bin/run.js up topologies/two-hosts.yaml --name "$3"'
  for (const most of [20, 22, 24, 26]) {
    const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', String(most), process.execPath, name], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    })
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(/^error: cannot .*: EMFILE: .*\nhint: .*ulimit -n/)
  }
})

test('a report that is not understood ends the shim, and the call when that is gone', async () => {
  const before = childrenNow()
  const onReport = () => {
    throw new Error('no')
  }
  const spec = Array.from({ length: 200 }, () => ['namespace', 'net']).flat()
  await expect(runShim({ verb: 'probe', args: [], spec, onReport })).rejects.toThrow('no')
  expect(childrenNow()).toEqual(before)
})

test.for([
  [
    'SIGKILL',
    { code: 'KERNEL_REFUSED', message: 'nslab-shim probe was killed', hint: expect.stringContaining('memory ran out') },
  ],
  // Ctrl-C may reach a shim that has not left the process group yet.
  ['SIGINT', { code: 'INTERRUPTED', message: 'nslab-shim probe was ended by SIGINT' }],
] as const)('a shim that %s ends is told as such', async ([signal, error]) => {
  const before = childrenNow().split(' ')
  let isKilled = false
  const onReport = () => {
    const child = childrenNow()
      .split(' ')
      .find((pid) => pid !== '' && !before.includes(pid))
    if (!isKilled && child) process.kill(Number(child), signal)
    isKilled = true
  }
  const spec = Array.from({ length: 2000 }, () => ['namespace', 'net']).flat()
  await expect(runShim({ verb: 'probe', args: [], spec, onReport })).rejects.toMatchObject(error)
})
