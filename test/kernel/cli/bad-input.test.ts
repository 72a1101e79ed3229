// Bad input ends with a clear error and the right exit code, and nothing is left.
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { processesOf, ROOT, runCli, test, uniqueName } from '../../support/lab.js'

const INVALID: [string, string, RegExp][] = [
  ['an unknown key', 'nodes: {h1: {kidn: host}}', /1:14: .*kidn.*did you mean.*kind/i],
  ['a wrong type', 'nodes: {h1: {}, h2: {}}\nlinks: 3', /2:8: /],
  ['a duplicate node', 'nodes:\n  h1: {}\n  h1: {}', /3:3: .*h1/],
  ['a link to a node that is not there', 'nodes: {h1: {}}\nlinks: [[h1, h2]]', /2:14: .*h2/],
  ['the same interface twice', 'nodes: {a: {}, b: {}}\nlinks: [["a:e0", b], ["a:e0", b]]', /a:e0/],
  ['an interface name over 15 bytes', 'nodes: {a: {}, b: {}}\nlinks: [["a:abcdefghijklmnop", b]]', /15/],
  ['an interface name with a slash', 'nodes: {a: {}, b: {}}\nlinks: [["a:e/0", b]]', /e\/0/],
  [
    'overlapping subnets',
    'nodes: {a: {}, b: {}, c: {}}\nlinks: [{endpoints: [a, b], subnets: [192.0.2.0/24]}, {endpoints: [b, c], subnets: [192.0.2.128/25]}]',
    /overlap/,
  ],
  [
    'an address outside its subnet',
    'nodes: {a: {addresses: {eth0: [198.51.100.1/24]}}, b: {}}\nlinks: [{endpoints: [a, b], subnets: [192.0.2.0/24]}]',
    /198\.51\.100\.1/,
  ],
  [
    'host bits where a network is asked for',
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], subnets: [192.0.2.1/24]}]',
    /192\.0\.2\.0\/24/,
  ],
  ['an empty file', '', /empty/],
  [
    'a YAML alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
      .join('\n')}\nnodes: *i`,
    /alias/i,
  ],
  ['a lab name that is a path', 'name: ../../etc\nnodes: {h1: {}}', /1:7: /],
  ['text that is not YAML', 'nodes: {h1: [', /1:/],
]

describe.each(INVALID)('%s', (_, text, message) => {
  test('is exit 3 with line and column', ({ nslab }) => {
    const up = nslab(['up', '-', '--name', uniqueName('bad')], { input: text })
    expect(up).toMatchObject({ status: 3, stdout: '' })
    expect(up.stderr).toMatch(message)
    expect(up.stderr).not.toMatch(/\n\s+at /)
    const json = nslab(['validate', '-', '--json'], { input: text })
    expect(json).toMatchObject({ status: 3, stderr: '' })
    expect(json.json().error.code).toBe('TOPOLOGY_INVALID')
    expect(nslab(['ls', '--json']).json()).toEqual({ labs: [] })
  })
})

test('a 100 MB file is refused before it is read', ({ nslab }) => {
  const up = nslab(['validate', '-'], { input: `# ${'x'.repeat(100_000_000)}` })
  expect(up).toMatchObject({ status: 3 })
  expect(up.stderr).toMatch(/at most/)
})

test('a lab name that is a path is wrong usage', ({ nslab }) => {
  for (const command of [
    ['up', 'topologies/two-hosts.yaml'],
    ['export', 'topologies/two-hosts.yaml'],
    ['generate', 'chain', '2'],
  ]) {
    const { status, stderr } = nslab([...command, '--name', '../x'])
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('--name "../x": a name consists of letters, digits and inner hyphens'),
    })
  }
  expect(nslab(['down', '../x'])).toMatchObject({ status: 7 })
})

test("a state directory that is someone else's, or a symbolic link, is refused with exit 4", ({ nslab }) => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-other-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const [theirs, link] = [join(directory, 'theirs'), join(directory, 'link')]
  mkdirSync(theirs)
  chownSync(theirs, 65534, 65534)
  symlinkSync('/tmp', link)
  for (const NSLAB_STATE_DIR of [theirs, link]) {
    const up = nslab(['up', 'topologies/two-hosts.yaml'], { env: { NSLAB_STATE_DIR } })
    expect(up).toMatchObject({ status: 4 })
    expect(up.stderr).toContain(NSLAB_STATE_DIR)
  }
})

test('where no user namespace may be made, up without root exits 4 and says what to do', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-none-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const { status, stderr } = spawnSync(
    'unshare',
    // In this user namespace no other one can be made. NSLAB_ROOTLESS makes its root go the way of an unprivileged user.
    [
      '--user',
      '--map-root-user',
      'sh',
      '-c',
      'echo 0 > /proc/sys/user/max_user_namespaces && NSLAB_ROOTLESS=1 exec "$@"',
      'sh',
      ...[process.execPath, join(ROOT, 'bin/run.js'), 'up', 'topologies/two-hosts.yaml'],
    ],
    { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH, NSLAB_STATE_DIR: directory } },
  )
  expect(stderr).toMatch(/may not make a user namespace: No space left on device[\s\S]*user\.max_\*_namespaces/)
  expect(status).toBe(4)
})

test('a full disk while state is written rolls back', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-full-'))
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k,mode=0711', 'nslab-test', directory]).status).toBe(0)
  try {
    const name = uniqueName('full')
    const nodes = Array.from({ length: 20 }, (_, i) => `n${i}: {}`).join(', ')
    const up = runCli(['up', '-', '--name', name], { input: `nodes: {${nodes}}`, env: { NSLAB_STATE_DIR: directory } })
    expect(up).toMatchObject({ status: 5 })
    expect(up.stderr).toMatch(/ENOSPC/)
    expect(processesOf(name)).toEqual([])
    expect(runCli(['ls', '--json'], { env: { NSLAB_STATE_DIR: directory } }).json()).toEqual({ labs: [] })
  } finally {
    spawnSync('umount', [directory])
    rmSync(directory, { recursive: true, force: true })
  }
})

test('Ctrl-C at any moment of up rolls back or leaves a whole lab', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('int')
  const file = join(stateDirectory, '..', `${name}.yaml`)
  onTestFinished(() => rmSync(file, { force: true }))
  const nodes = Array.from({ length: 40 }, (_, i) => `n${i}: {}`)
  writeFileSync(
    file,
    `nodes: {${nodes.join(', ')}}\nlinks: [${nodes
      .slice(1)
      .map((_, i) => `[n${i}, n${i + 1}]`)
      .join(', ')}]`,
  )
  for (let delay = 0; delay <= 450; delay += 50) {
    const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'up', file, '--name', name], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    })
    let told = ''
    child.stdout.on('data', (text) => {
      told += text
    })
    const ended = new Promise<number | string>((resolve) =>
      child.once('close', (status, signal) => resolve(status ?? signal ?? '')),
    )
    await setTimeout(delay)
    child.kill('SIGINT')
    const outcome = await ended
    expect([0, 130, 'SIGINT'], `after ${delay} ms`).toContain(outcome)
    // A signal that comes after all work is done, while the process ends, kills it.
    if (outcome !== 130 && told.includes(`lab ${name} is up`))
      expect(nslab(['down', name])).toMatchObject({ status: 0 })
    else expect(outcome, `after ${delay} ms`).not.toBe(0)
    expect(processesOf(name), `after ${delay} ms`).toEqual([])
    expect(nslab(['ls', '--json']).json()).toEqual({ labs: [] })
  }
})
