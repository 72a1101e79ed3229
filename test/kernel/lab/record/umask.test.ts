// A caller's umask changes neither a lab nor who can use it.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const TOPOLOGY = [
  'nodes:',
  '  a: {namespaces: {ipc: shared}, files: {/run/x: text}}',
  '  b: {namespaces: {ipc: shared}}',
  'links: [[a, b]]',
].join('\n')

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

test.for(['0111', '0777'])(
  'with umask %s, root’s lab comes up, is listed and goes down',
  (umask, { stateDirectory }) => {
    const name = uniqueName('umask')
    const place = join(stateDirectory, 'made', 'labs')
    const nslab = (...args: string[]) => {
      const program = [
        '-c',
        'umask "$1" && shift && exec "$@"',
        'sh',
        umask,
        process.execPath,
        join(ROOT, 'bin/run.js'),
      ]
      const env = { ...process.env, NSLAB_STATE_DIR: place }
      return spawnSync('sh', [...program, ...args], { input: TOPOLOGY, encoding: 'utf8', env, cwd: '/' })
    }
    expect(nslab('up', '-', '--name', name)).toMatchObject({ status: 0, stderr: '' })
    for (const [path, mode] of [
      ['..', '711'],
      ['.', '711'],
      [name, '711'],
      [`${name}/lock`, '600'],
      [`${name}/private`, '700'],
      [`${name}/shm`, '711'],
    ] as const)
      expect(modeOf(join(place, path)), path).toBe(mode)
    expect(JSON.parse(nslab('ls', '--json').stdout).labs).toMatchObject([{ name, status: 'running' }])
    expect(nslab('exec', `${name}/a`, '--', 'cat', '/run/x')).toMatchObject({ status: 0, stdout: 'text' })
    expect(nslab('down', name)).toMatchObject({ status: 0, stdout: `lab ${name} is down\n` })
    expect(processesOf(name)).toEqual([])
    expect(readdirSync(place)).toEqual([])
  },
)

test.for(['0111', '0777'])('with umask %s, a user’s lab comes up, is listed and goes down', (umask) => {
  const alice = new TestUser(61_018)
  onTestFinished(() => alice[Symbol.dispose]())
  const name = uniqueName('umask')
  const nslab = (...args: string[]) => {
    const program = [process.execPath, join(alice.checkoutPath, 'bin/run.js'), ...args]
    const words = ['sh', '-c', 'umask "$1" && shift && exec "$@"', 'sh', umask, ...program]
    return alice.run(words, { input: TOPOLOGY, env: { NSLAB_STATE_DIR: join(alice.directory, 'labs') } })
  }
  expect(nslab('up', '-', '--name', name)).toMatchObject({ status: 0 })
  expect(nslab('ls', '--json').json().labs).toMatchObject([{ name, status: 'running' }])
  expect(nslab('exec', `${name}/a`, '--', 'cat', '/run/x')).toMatchObject({ status: 0, stdout: 'text' })
  expect(nslab('down', name)).toMatchObject({ status: 0, stdout: `lab ${name} is down\n` })
  expect(processesOf(name)).toEqual([])
})
