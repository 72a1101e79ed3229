// What `nslab exec` gives a command, and what it makes of its output.
import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT, test, uniqueName } from '../../support/lab.js'

test('exec --json gives the output and status of a command, shell --json says why it does not', ({ nslab }) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const script = 'cat; echo error >&2; exit 3'
  const result = nslab(['exec', 'a', '--json', '--', 'sh', '-c', script], { input: 'input\n' })
  expect(result.json()).toEqual({ exitCode: 3, stdout: 'input\n', stderr: 'error\n' })
  expect(result).toMatchObject({ status: 3, stderr: '' })
  const shell = nslab(['shell', 'a', '--json'])
  expect(shell).toMatchObject({ status: 125, stderr: '' })
  expect(shell.json().error).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('exec NODE --json') })
})

test.for([
  ['lines', 'seq 1 1200000', 8_488_896],
  ['NULs', 'head -c 4000000 /dev/zero', 4_000_000],
] as const)('exec --json keeps megabytes of %s', ([, script, length], { nslab }) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const result = nslab(['exec', 'a', '--json', '--', 'sh', '-c', `${script}; exit 3`])
  expect(result.status).toBe(3)
  const { exitCode, stdout } = result.json()
  expect({ exitCode, length: stdout.length }).toEqual({ exitCode: 3, length })
})

test('--lab says which lab the node is in', ({ nslab }) => {
  const [first, second] = [uniqueName(), uniqueName()]
  for (const name of [first, second])
    expect(nslab(['up', '-'], { input: `name: ${name}\nnodes: {a: {hostname: ${name}}}\n` })).toMatchObject({
      status: 0,
    })
  expect(nslab(['exec', '--lab', second, 'a', '--', 'hostname'])).toMatchObject({ status: 0, stdout: `${second}\n` })
  expect(nslab(['exec', 'a', `--lab=${first}`, 'hostname'])).toMatchObject({ status: 0, stdout: `${first}\n` })
  expect(nslab(['exec', `${first}/a`, '--lab', first, '--', 'hostname'])).toMatchObject({ status: 125 })
})

test('bytes that are not UTF-8 reach a command as they are', ({ nslab, stateDirectory }) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  // printf(1) makes them: Node.js cannot give a program such bytes either.
  const script = `V=$(printf 'v\\376') exec "$0" "$1" exec a --env V -- sh -c 'printf "%s,%s" "$V" "$0"' "$(printf 'w\\377\\303\\274')"`
  const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, join(ROOT, 'bin/run.js')], {
    encoding: 'latin1',
    cwd: '/',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  expect({ stdout, stderr }).toEqual({ stdout: 'v\xfe,w\xff\xc3\xbc', stderr: '' })
})

test.for([
  ['-e', 'Q=$(printf "\\377")'],
  ['-eQ=$(printf "\\377")'],
  ['--env=Q=$(printf "\\377")'],
  ['-e', 'Q=$(printf "\\376")', '-e', 'Q=$(printf "\\377")'],
] as const)('%j gives a variable bytes that are not UTF-8', (options, { nslab, stateDirectory }) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const words = options.map((word) => `"${word}"`).join(' ')
  const script = `exec "$0" "$1" exec a ${words} -- sh -c 'printf %s "$Q"' "Q=$(printf '\\375')"`
  const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, join(ROOT, 'bin/run.js')], {
    encoding: 'latin1',
    cwd: '/',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory, Q: 'own' },
  })
  expect({ stdout, stderr }).toEqual({ stdout: '\xff', stderr: '' })
})

test.for([[[]], [['--json']]])('an empty word is no command, with %j', ([flags = []], { nslab }) => {
  const { status, stdout, stderr } = nslab(['exec', 'a', ...flags, '--', ''])
  expect(status).toBe(125)
  expect(stdout + stderr).toContain('exec needs a command')
})

test('standard output and error can be opened where they are pipes, and standard input, too', ({
  nslab,
  stateDirectory,
}) => {
  const command = 'echo output > /dev/stdout; echo error > /dev/stderr'
  const up = nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {exec: ["${command}"]}}\n` })
  expect(up).toMatchObject({ status: 0 })
  expect(nslab(['exec', 'a', '--json', '--', 'sh', '-c', command]).json()).toEqual({
    exitCode: 0,
    stdout: 'output\n',
    stderr: 'error\n',
  })
  const script = `echo input | "$0" "$1" exec a -- sh -c 'cat /dev/stdin; ${command}' 2>&1 | cat`
  const { stdout } = spawnSync('sh', ['-c', script, process.execPath, join(ROOT, 'bin/run.js')], {
    encoding: 'utf8',
    cwd: '/',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  expect(stdout).toBe('input\noutput\nerror\n')
})

test('commands of a topology have an environment of the node, and scripts without #! among them', ({
  nslab,
  stateDirectory,
}) => {
  const file = join(stateDirectory, 'script')
  writeFileSync(file, 'env > /run/environment\n')
  chmodSync(file, 0o755)
  const input = [
    `name: ${uniqueName()}`,
    'nodes:',
    '  a:',
    '    env: {OWN: mine}',
    `    files: {/run/script: {source: ${JSON.stringify(file)}, mode: "0755"}}`,
    '    exec: [[/run/script]]',
  ].join('\n')
  const env = { http_proxy: 'http://192.0.2.1', PATH: `/root/bin:${process.env.PATH}`, TZ: 'UTC' }
  expect(nslab(['up', '-'], { input, env })).toMatchObject({ status: 0, stderr: '' })
  const read = nslab(['exec', 'a', '--', 'cat', '/run/environment'], { env, cwd: '/' }).stdout
  const names = read.split('\n').map((line) => line.split('=')[0])
  expect(names.filter((name) => name !== '' && name !== '_').toSorted()).toEqual(
    ['HOME', 'LOGNAME', 'OWN', 'PATH', 'PWD', 'USER', 'container'].toSorted(),
  )
  expect(read).toMatch(/^PATH=\/usr\/local\/sbin:/m)
})
