// `validate`, and the report of every command about an invalid topology.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { ROOT, runCli, test } from '../../support/lab.js'

/** Makes a directory with the given files. */
function directoryWith(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-validate-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

const VALID = 'nodes: {a: {}, b: {}}\nlinks: [[a, b]]\n'
const INVALID = 'nodes:\n  a: { kidn: host }\n'

test('many files, the faults of all of them at once, each with its line and a caret', () => {
  const cwd = directoryWith({ 'a.yaml': VALID, 'b.yaml': INVALID, 'c.yaml': `${INVALID}links: 3\n` })
  expect(runCli(['validate', 'a.yaml'], { cwd })).toMatchObject({
    status: 0,
    stdout: 'a.yaml is valid: lab a, 2 nodes, 1 link\n',
    stderr: '',
  })
  expect(runCli(['validate', 'a.yaml', 'b.yaml', 'c.yaml'], { cwd })).toMatchObject({
    status: 3,
    stdout: 'a.yaml is valid: lab a, 2 nodes, 1 link\n',
    stderr: [
      'error: 2 of 3 files are invalid',
      'b.yaml:2:8: unknown key kidn; did you mean kind?',
      ' 2 │   a: { kidn: host }',
      '   │        ^^^^',
      'c.yaml:2:8: unknown key kidn; did you mean kind?',
      ' 2 │   a: { kidn: host }',
      '   │        ^^^^',
      'c.yaml:3:8: expected a list, got 3',
      ' 3 │ links: 3',
      '   │        ^',
      '',
    ].join('\n'),
  })
})

test('a file that cannot be read does not hide the faults of others', () => {
  const cwd = directoryWith({ 'a.yaml': VALID, 'b.yaml': INVALID })
  writeFileSync(join(cwd, 'c.yaml'), Buffer.from('nodes: {caf\xe9: {}}', 'latin1'))
  expect(runCli(['validate', 'a.yaml', 'none.yaml', 'c.yaml', 'b.yaml'], { cwd })).toMatchObject({
    status: 3,
    stderr: [
      'error: 3 of 4 files are invalid',
      'none.yaml:1:1: there is no file none.yaml',
      'c.yaml:1:1: c.yaml is not UTF-8 text',
      'b.yaml:2:8: unknown key kidn; did you mean kind?',
      ' 2 │   a: { kidn: host }',
      '   │        ^^^^',
      '',
    ].join('\n'),
  })
  expect(runCli(['validate', 'none.yaml', '.', 'a.yaml'], { cwd })).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(
      /^error: 2 of 3 files are unreadable\nnone\.yaml:1:1: there is no file .*\n\.:1:1: \. is a directory/,
    ),
  })
})

test('--json is one document, with the faults of all files in it', () => {
  const cwd = directoryWith({ 'a.yaml': VALID, 'b.yaml': INVALID, 'c.yaml': '' })
  const valid = runCli(['validate', 'a.yaml', '--json'], { cwd })
  expect(valid.json()).toMatchObject({ valid: true, lab: 'a', nodes: 2, links: 1, warnings: [] })
  expect(runCli(['validate', 'a.yaml', 'a.yaml', '--json'], { cwd }).json().files).toHaveLength(2)
  const invalid = runCli(['validate', 'b.yaml', 'c.yaml', '--json'], { cwd })
  expect(invalid).toMatchObject({ status: 3, stderr: '' })
  expect(invalid.json()).toEqual({
    error: {
      code: 'TOPOLOGY_INVALID',
      message: '2 of 2 files are invalid',
      issues: [
        { file: 'b.yaml', line: 2, column: 8, path: 'nodes.a.kidn', message: 'unknown key kidn; did you mean kind?' },
        { file: 'c.yaml', line: 1, column: 1, path: '', message: expect.stringContaining('empty') },
      ],
    },
  })
})

describe.each(['up', 'plan', 'export', 'validate'])('%s', (command) => {
  test('tells faults alike, and takes variables', () => {
    const cwd = directoryWith({
      'bad.yaml': INVALID,
      'good.yaml': 'vars: {mtu: 1400}\nnodes: {a: {}, b: {}}\nlinks:\n  - {endpoints: [a, b], mtu: "${mtu}"}\n',
    })
    expect(runCli([command, 'bad.yaml'], { cwd })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        'bad.yaml:2:8: unknown key kidn; did you mean kind?\n 2 │   a: { kidn: host }\n   │        ^^^^\n',
      ),
    })
    const dry = command === 'up' ? ['--dry-run'] : []
    expect(runCli([command, '--set', 'mtu=1300', 'good.yaml', ...dry], { cwd })).toMatchObject({ status: 0 })
    expect(runCli([command, 'good.yaml', '--set', 'mtu=13'], { cwd }).stderr).toMatch(/at least 68 bytes \(mtu = 13\)/)
    expect(runCli([command, 'good.yaml', '--set', 'mut=1300'], { cwd })).toMatchObject({
      status: 2,
      stderr: 'error: good.yaml has no variable mut; did you mean mtu?\n',
    })
    expect(runCli([command, 'good.yaml', '--set', 'mtu'], { cwd })).toMatchObject({ status: 2 })
  })
})

test('only a terminal gets colours', () => {
  const cwd = directoryWith({ 'bad.yaml': INVALID })
  const command = `${process.execPath} ${join(ROOT, 'bin/run.js')} validate bad.yaml`
  const onTerminal = (env: NodeJS.ProcessEnv) =>
    spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    })
  expect(onTerminal({ TERM: 'xterm' }).stdout).toContain('\x1b[31m^^^^\x1b[39m')
  expect(onTerminal({ TERM: 'xterm', NO_COLOR: '1' }).stdout).not.toContain('\x1b[31m')
  expect(runCli(['validate', 'bad.yaml'], { cwd, env: { NO_COLOR: '' } }).stderr).not.toContain('\x1b')
})

test('files are included relative to the one that names them, from standard input to the working directory', () => {
  const cwd = directoryWith({
    'lab.yaml': 'include: parts/core.yaml\nnodes: {h: {}}\nlinks: [[h, r1]]\n',
    'parts/core.yaml': 'include: kinds.yaml\nnodes: {r1: {kind: leaf}}\n',
    'parts/kinds.yaml': 'kinds: {leaf: {extends: router}}\n',
    'parts/loop.yaml': 'include: ../loop.yaml\n',
    'loop.yaml': 'include: parts/loop.yaml\n',
    'bad.yaml': 'include: parts/bad.yaml\nnodes: {h: {}}\n',
    'parts/bad.yaml': INVALID,
  })
  const above = { cwd: join(cwd, '..') }
  expect(runCli(['validate', join(cwd, 'lab.yaml')], above).stdout).toMatch(/2 nodes, 1 link/)
  expect(runCli(['validate', '-'], { cwd, input: 'include: lab.yaml' }).stdout).toMatch(
    /^<stdin> is valid: .* 2 nodes, 1 link/,
  )
  expect(runCli(['validate', 'bad.yaml'], { cwd }).stderr).toContain('parts/bad.yaml:2:8: unknown key kidn')
  expect(runCli(['validate', 'loop.yaml'], { cwd }).stderr).toContain(
    'loop.yaml:1:10: files include each other in a loop: parts/loop.yaml → loop.yaml → parts/loop.yaml',
  )
})

test('what cannot be read as a topology is refused at once, whatever it is', () => {
  const cwd = directoryWith({
    'fifo.yaml': 'include: fifo\n',
    'zero.yaml': 'include: /dev/zero\n',
    'none.yaml': 'include: none\n',
  })
  execFileSync('mkfifo', [join(cwd, 'fifo')])
  writeFileSync(join(cwd, 'latin1.yaml'), Buffer.from('nodes: {a: {hostname: caf\xe9}}', 'latin1'))
  for (const [file, status, message] of [
    ['/dev/zero', 3, 'too large'],
    ['latin1.yaml', 3, 'latin1.yaml is not UTF-8 text'],
    ['.', 2, '. is a directory'],
    ['fifo.yaml', 3, 'fifo.yaml:1:10: cannot read fifo: not a regular file'],
    ['zero.yaml', 3, 'zero.yaml:1:10: cannot read /dev/zero: not a regular file'],
    ['none.yaml', 3, 'none.yaml:1:10: there is no file none'],
  ] as const) {
    const { status: exit, stderr } = runCli(['validate', file], { cwd })
    expect({ exit, stderr }).toEqual({ exit: status, stderr: expect.stringContaining(message) })
  }
})

test('the environment gives what the file asks for by name, and nothing else', () => {
  const text = 'vars: {host: {env: NSLAB_TEST_HOST}}\nnodes: {"${host}": {}}\n'
  const plan = (env: NodeJS.ProcessEnv) => runCli(['validate', '-'], { input: text, env })
  expect(plan({ NSLAB_TEST_HOST: 'web' })).toMatchObject({ status: 0 })
  expect(plan({})).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('the environment has no NSLAB_TEST_HOST'),
  })
})

test('an unreadable file does not hide that another one is valid', ({ nslab }) => {
  const result = nslab(['validate', 'topologies/lan.yaml', 'topologies/none.yaml'])
  expect(result.status).toBe(2)
  expect(result.stdout).toContain('topologies/lan.yaml is valid')
  expect(result.stderr).toContain('topologies/none.yaml')
})
