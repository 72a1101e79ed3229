// `up --untrusted`: a stranger's topology gets no part of the machine but files of its own directory.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test, uniqueName } from '../../support/lab.js'

/** Writes files below a directory. @returns the path of the first */
function write(directory: string, files: Record<string, string>): string {
  mkdirSync(directory)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return join(directory, Object.keys(files)[0] as string)
}

const refused: [what: string, node: string, place: string, message: string][] = [
  ['a file of the machine', '{files: {/run/x: {source: /etc/shadow}}}', '2:32', '/etc/shadow is not in the directory'],
  ['a file above', '{files: {/run/x: {source: ../secret}}}', '2:32', '/secret is not in the directory'],
  ['a link that leads out', '{files: {/run/x: {source: link}}}', '2:32', '/link is not in the directory'],
  ['a mount of the machine', '{mounts: [{target: /run/x, source: /etc}]}', '2:41', '/etc is not in the directory'],
  ['all ids of the machine', '{users: {map: host}}', '2:7', 'ids of the machine are chosen'],
  ['real root', '{users: {map: [{inside: 0, outside: 0, count: 1}]}}', '2:7', 'ids of the machine are chosen'],
  ['a user namespace', '{namespaces: {user: host}}', '2:26', 'a has a namespace of the machine'],
  ['an IPC namespace', '{namespaces: {ipc: host}}', '2:25', 'a has a namespace of the machine'],
  ['a device', '{interfaces: {eth0: {device: lo}}}', '2:20', 'a takes a device of the machine'],
]

test.for(refused)('%s is refused, with its place', ([, node, place, message], { nslab, stateDirectory }) => {
  const directory = join(stateDirectory, 'theirs')
  const file = write(directory, { 'lab.yaml': `nodes:\n  a: ${node}\n` })
  writeFileSync(join(stateDirectory, 'secret'), 'secret')
  symlinkSync('/etc/passwd', join(directory, 'link'))
  const { status, stderr } = nslab(['up', file, '--untrusted', '--name', uniqueName('theirs')])
  expect(stderr).toContain(`lab.yaml:${place}`)
  expect(stderr).toContain(message)
  expect(stderr).toContain('which --untrusted refuses')
  expect(status).toBe(3)
})

test('an included file of the machine is refused, and nothing of it is printed', ({ nslab, stateDirectory }) => {
  const file = write(join(stateDirectory, 'theirs'), { 'lab.yaml': 'include: [/etc/passwd]\nnodes: {a: {}}\n' })
  const { status, stderr } = nslab(['up', file, '--untrusted'])
  expect(stderr).toContain('/etc/passwd is not in the directory of the topology')
  expect(stderr).not.toContain('root:')
  expect(status).toBe(3)
})

test('traces and samples of links are files of its own directory, and nothing of them is printed', ({
  nslab,
  stateDirectory,
}) => {
  const text = (path: string) => `nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], trace: ${path}}]\n`
  const file = write(join(stateDirectory, 'theirs'), { 'lab.yaml': text('/etc/passwd'), 'up.trace': '1\n2\n' })
  const { status, stderr } = nslab(['up', file, '--untrusted'])
  expect(stderr).toContain('lab.yaml:2:36: /etc/passwd is not in the directory of the topology')
  expect(status).toBe(3)
  expect(nslab(['validate', file]).stderr).toMatch(/\/etc\/passwd:1:1: expected a whole number of milliseconds/)
  expect(nslab(['validate', file]).stderr).not.toContain('root:')
  writeFileSync(file, text('up.trace'))
  expect(nslab(['validate', file])).toMatchObject({ status: 0, stderr: '' })
})

test('standard input has no directory', ({ nslab }) => {
  const input = 'nodes: {a: {files: {/run/x: {source: package.json}}}}'
  const { status, stderr } = nslab(['up', '-', '--untrusted'], { input })
  expect(stderr).toContain('package.json is not in the directory of the topology')
  expect(status).toBe(3)
})

test('files of its own directory are in the lab, and variables of the caller are not', ({ nslab, stateDirectory }) => {
  const name = uniqueName('theirs')
  const file = write(join(stateDirectory, 'theirs'), {
    'lab.yaml': [
      'include: [more.yaml]',
      'nodes:',
      '  a:',
      '    files: {/run/x: {source: data}}',
      '    exec: ["env > /run/environment"]',
    ].join('\n'),
    'more.yaml': 'nodes: {b: {}}',
    data: 'theirs',
  })
  const env = { MY_SECRET: 'mine', TZ: 'UTC' }
  expect(nslab(['up', file, '--untrusted', '--name', name], { env })).toMatchObject({ status: 0, stderr: '' })
  const read = (...command: string[]) => nslab(['exec', `${name}/a`, '--', ...command], { env, cwd: '/' }).stdout
  expect(read('cat', '/run/x')).toBe('theirs')
  expect(read('cat', '/run/environment')).not.toContain('MY_SECRET')
  expect(read('env')).not.toMatch(/MY_SECRET|TZ/)
  expect(nslab(['down', name]).status).toBe(0)

  expect(nslab(['up', file, '--name', name], { env })).toMatchObject({ status: 0, stderr: '' })
  expect(read('cat', '/run/environment')).not.toMatch(/MY_SECRET|TZ/)
  expect(read('env')).toContain('TZ=UTC')
  expect(read('env')).not.toContain('MY_SECRET')
  const named = ['--env', 'MY_SECRET', '--env', 'OTHER=a=b', '--env', 'PATH=/bin']
  const { stdout } = nslab(['exec', ...named, 'a', '--lab', name, '--', 'env'], { env, cwd: '/' })
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(['MY_SECRET=mine', 'OTHER=a=b', 'PATH=/bin']))
})
