// Files and locks that the kernel refuses because memory, descriptors or a disk fail: the command says which, and with which
// error. It is never a bug of nslab, nor taken for "there is none".
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { hasCgroups } from '../../support/cgroups.js'
import { processesOf, ROOT, test, uniqueName } from '../../support/lab.js'
import { refusing } from '../../support/refuse.js'

const INPUT = 'nodes: {a: {}, b: {namespaces: {cgroup: host}}}\nlinks: [[a, b]]'

function refused(call: Parameters<typeof refusing>, args: readonly string[], env: NodeJS.ProcessEnv) {
  const [program = '', ...rest] = [...refusing(...call), process.execPath, join(ROOT, 'bin/run.js'), ...args]
  const { status, stdout, stderr } = spawnSync(program, rest, {
    encoding: 'utf8',
    input: INPUT,
    env: { ...process.env, ...env },
  })
  return { status, stdout, stderr }
}

type Row = [args: string, call: Parameters<typeof refusing>, message: string]
const rows: Row[] = [
  ['ps LAB', ['open', 'EMFILE', '/proc'], 'cannot list (/proc): EMFILE: too many open files'],
  ['pause LAB/b', ['open', 'EIO', '/proc'], 'cannot list (/proc): EIO: i/o error'],
  ['ps LAB', ['open', 'ENOMEM', '/etc/passwd'], 'cannot read (/etc/passwd): ENOMEM: not enough memory'],
  ['up - --name OTHER', ['open', 'EACCES', '/etc/passwd'], 'cannot read (/etc/passwd): EACCES: permission denied'],
  ['inspect LAB', ['open', 'EMFILE', '/ns/uts'], 'cannot open namespace (/proc/thread-self/ns/uts): EMFILE'],
  ['inspect LAB', ['open', 'EACCES', '/stat'], '/stat): EACCES: permission denied'],
  ['down LAB', ['open', 'ENFILE', '/status'], '/status): ENFILE: file table overflow'],
  ['ls', ['open', 'EIO', '/labs'], 'cannot list (DIRECTORY/labs): EIO: i/o error'],
  ['ls', ['flock', 'ENOLCK'], 'ENOLCK: no locks available'],
  ['up - --name OTHER', ['flock', 'ENOLCK'], 'ENOLCK: no locks available'],
  ['up - --name OTHER', ['open', 'ENOSPC', '/state.json.new'], 'ENOSPC: no space left on device'],
  ['up - --name OTHER', ['access', 'EIO', '/nslab-shim'], '/nslab-shim): EIO: i/o error'],
]

test.for(rows)('%s, when %j', ([line, call, message], { nslab, stateDirectory }) => {
  const env = { NSLAB_STATE_DIR: join(stateDirectory, 'labs') }
  const [name, other] = [uniqueName('refused'), uniqueName('refused')]
  expect(nslab(['up', '-', '--name', name], { input: INPUT, env })).toMatchObject({ status: 0 })
  const args = line.replace('LAB', name).replace('OTHER', other).split(' ')
  try {
    const { status, stderr } = refused(call, args, env)
    expect(stderr).toContain(message.replace('DIRECTORY', stateDirectory))
    expect(stderr).toMatch(/^error: cannot /)
    expect(status).toBe(call[1] === 'EMFILE' ? 4 : 5)
    expect(processesOf(other)).toEqual([])
    expect(existsSync(join(env.NSLAB_STATE_DIR, other))).toBe(false)
    expect(nslab(['ls', '--json'], { env }).json().labs).toMatchObject([{ name, status: 'running' }])
  } finally {
    expect(nslab(['down', '--all'], { env }).status).toBe(0)
  }
})

test('what fails before the program runs again in a user namespace is said as by the command', ({ stateDirectory }) => {
  const env = { NSLAB_STATE_DIR: stateDirectory, NSLAB_ROOTLESS: '1' }
  const message = 'cannot read (/proc/self/uid_map): EMFILE: too many open files'
  const call: Parameters<typeof refusing> = ['open', 'EMFILE', '/proc/self/uid_map']
  expect(refused(call, ['up', '-'], env)).toEqual({
    status: 4,
    stdout: '',
    stderr: expect.stringContaining(`error: ${message}\n`),
  })
  const { status, stdout } = refused(call, ['up', '-', '--json'], env)
  expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 4, error: { code: 'LIMIT_TOO_LOW', message } })
})

test('resume thaws a node whose freezer access(2) does not allow to use', ({ nslab, stateDirectory }) => {
  if (!hasCgroups()) return
  const name = uniqueName('refused')
  expect(nslab(['up', '-', '--name', name], { input: INPUT }).status).toBe(0)
  expect(nslab(['pause', `${name}/a`]).status).toBe(0)
  const env = { NSLAB_STATE_DIR: stateDirectory }
  expect(refused(['access', 'EACCES', '/cgroup.freeze'], ['resume', `${name}/a`], env)).toMatchObject({ status: 0 })
  expect(nslab(['exec', `${name}/a`, '--', 'echo', 'runs'])).toMatchObject({ status: 0, stdout: 'runs\n' })
})
