// `nslab run`: scenarios on running labs, read back with iproute2.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { Lab } from '../../../../src/index.js'
import type { ScenarioEvent } from '../../../../src/model/scenario-event.js'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'
import { TestUser } from '../../../support/user.js'

// h1 ── r1 ── h2
const topology = (name: string) => `
name: ${name}
nodes: { h1: {}, r1: { kind: router }, h2: {} }
links: [[h1, r1], [r1, h2]]
`

const asUser = (): Cli => {
  const user = new TestUser(61_332)
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

/** A file that every user can read. */
function fileWith(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-scenario-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'scenario.yaml')
  writeFileSync(file, text)
  spawn('chmod', ['755', directory])
  return file
}

function up(nslab: Cli, name: string): void {
  const { status, stderr } = nslab(['up', '-'], { input: topology(name), cwd: '/' })
  expect(status, stderr).toBe(0)
}

const linesOf = (stdout: string): any[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe.for<[string, boolean]>([
  ['root', false],
  ['an unprivileged user', true],
])('for %s', ([, unprivileged]) => {
  test('the shipped scenario runs, and its expectations hold', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    expect(nslab(['up', 'topologies/wan-sites.yaml'])).toMatchObject({ status: 0 })
    const { status, stdout, stderr } = nslab(['run', 'topologies/scenarios/wan-sites.yaml'])
    expect(status, stdout + stderr).toBe(0)
    expect(stdout).toMatch(/ end: 8 of 8 expectations held/)
    expect(stdout).toMatch(/exec gw-rio: ip -brief link show wan.*\n +wan@\S+ +DOWN/)
    expect(ip(nslab, 'gw-rio', 'link', 'show', 'wan')[0].flags).toContain('LOWER_UP')
  })

  test('an expectation that fails gives 8, and what was there is told', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    const name = uniqueName('s18')
    up(nslab, name)
    const file = fileWith(`
lab: ${name}
steps:
  - { at: 0s, down: h2 }
  - { at: 0s, expect: { from: h1, to: h2, timeout: 100ms, within: 300ms } }
  - { at: 100ms, expect: { node: h2, command: "echo here; exit 3", status: 3, output: there } }
  - { at: 100ms, expect: { node: h2, command: [ip, link, show, eth0], output: DOWN } }`)
    const { status, stdout } = nslab(['run', file], { cwd: '/' })
    expect(status).toBe(8)
    expect(stdout).toMatch(/expect h1 → h2: answered: FAILS: 0 of 1 answered, after [2-9] attempts/)
    expect(stdout).toContain(
      'echo here; exit 3: exit status 3, output with "there": FAILS: exit status 3, output "here"',
    )
    expect(stdout).toMatch(/ end: 1 of 3 expectations held/)
    expect(ip(nslab, 'h2', 'link', 'show', 'eth0')[0].flags).not.toContain('UP')
  })
})

test('impairments are set, what is not named stays, and clear takes them away', ({ nslab }) => {
  const name = uniqueName('s18')
  up(nslab, name)
  const file = fileWith(`
steps:
  - { at: 0s, set: { h1: { delay: 30ms } } }
  - { at: 2s, set: { "r1:eth0": { delay: 10ms, loss: 100% } } }
  - { at: 2s, expect: { from: h1, to: h2, result: lost, timeout: 300ms } }
  - { at: 3s, set: { "r1:eth0": { loss: none } } }
  - { at: 3s, expect: { from: h1, to: h2, rtt: { least: 40ms, most: 70ms }, within: 2s } }
  - { at: 5s, clear: [h1, "r1:eth0"] }
  - { at: 5s, expect: { from: h1, to: h2, rtt: { most: 30ms }, within: 2s } }`)
  const { status, stdout } = nslab(['run', file])
  expect(status, stdout).toBe(0)
})

test('Ctrl-C ends what still runs, and leaves what has changed', async ({ nslab }) => {
  const name = uniqueName('s18')
  up(nslab, name)
  const file = fileWith(`
steps:
  - { at: 0s, down: h2 }
  - { at: 0s, exec: { node: r1, command: "echo $$ > /tmp/pid; exec sleep 1000" } }
  - { at: 0s, expect: { from: h1, to: h2, within: 1h } }
  - { at: 1h, up: h2 }`)
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'run', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  await once(child.stdout, 'data')
  const sleeps = () => nslab(['exec', 'r1', '--', 'sh', '-c', 'kill -0 $(cat /tmp/pid)']).status === 0
  while (!sleeps()) await setTimeout(20)
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  expect([code, stderr]).toEqual([130, 'error: interrupted by SIGINT; what the steps have changed stays\n'])
  expect(sleeps()).toBe(false)
  expect(ip(nslab, 'h2', 'link', 'show', 'eth0')[0].flags).not.toContain('UP')
})

test('a node that dies meets no expectation, and a step that needs it ends the run', async ({ nslab }) => {
  const name = uniqueName('s18')
  up(nslab, name)
  const { pid } = nslab(['inspect', '--json'])
    .json()
    .nodes.find((node: any) => node.name === 'h2')
  const file = fileWith(`
steps:
  - { at: 0s, exec: { node: h1, command: "true" } }
  - { at: 500ms, expect: { node: h2, command: "true" } }
  - { at: 600ms, exec: { node: h1, command: "true" } }
  - { at: 900ms, exec: { node: h2, command: "true" } }
  - { at: 1h, up: h2 }`)
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'run', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.once('data', () => process.kill(pid, 'SIGKILL')) // the first step is done
  const [[status], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  expect(stdout).toMatch(/expect h2: true: exit status 0: FAILS: .*h2/)
  expect(stdout).toMatch(/exec h1: true/)
  expect([status, stderr]).toEqual([
    7,
    expect.stringMatching(/^error: step 4 \(.*scenario\.yaml:6\) failed: .*h2.*dead/),
  ])
})

test('a lab that goes down ends the run', async ({ nslab }) => {
  const name = uniqueName('s18')
  up(nslab, name)
  const file = fileWith('steps: [{ every: 100ms, until: 1h, expect: { from: h1, to: h2 } }]')
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'run', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.stdout.resume()
  expect(nslab(['down', name]).status).toBe(0)
  expect((await once(child, 'exit'))[0]).toBe(7)
})

test('what the lab does not have, or cannot be set to, is told before the first step', ({ nslab }) => {
  const name = uniqueName('s18')
  up(nslab, name)
  const file = fileWith(`lab: ${name}
steps:
  - { at: 0s, down: h2 }
  - { at: 1s, up: [h2:eth1, r1] }
  - { at: 1s, exec: { node: h3, command: id } }`)
  const { status, stdout, stderr } = nslab(['run', file])
  expect([status, stdout]).toEqual([3, ''])
  expect(stderr.replaceAll(file, 'FILE')).toMatch(/FILE:4:20.*h2 has no link at eth1; did you mean h2:eth0\?/)
  expect(stderr.replaceAll(file, 'FILE')).toMatch(/FILE:4:29.*r1 has 2 links; write one of: r1:eth0, r1:eth1/)
  expect(stderr.replaceAll(file, 'FILE')).toMatch(/FILE:5:29.*the lab has no node h3; did you mean h1\?/)
  expect(ip(nslab, 'h2', 'link', 'show', 'eth0')[0].flags).toContain('UP')

  const queue = fileWith('steps:\n  - { at: 0s, down: h2 }\n  - { at: 1s, set: { h2: { queue: 100 } } }')
  expect(nslab(['run', queue])).toMatchObject({
    status: 3,
    stdout: '',
    stderr: expect.stringMatching(/3:26.*queue: a queue stands in front of a rate/),
  })
  expect(nslab(['run', file, '--lab', 'no-such-lab']).status).toBe(7)
  expect(nslab(['run', '-'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('cannot read standard input'),
  })
})

test('a topology can have a scenario', ({ nslab }) => {
  const name = uniqueName('s18')
  const text = (node: string) => `${topology(name)}scenario: [{ at: 0s, expect: { from: ${node}, to: h2 } }]\n`
  expect(nslab(['validate', '-'], { input: text('h9') })).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/5:38.*the lab has no node h9/),
  })
  const file = fileWith(text('h1'))
  expect(nslab(['up', file]).status).toBe(0)
  expect(nslab(['run', file])).toMatchObject({ status: 0, stdout: expect.stringContaining('1 of 1 expectation held') })
  const without = fileWith(topology(name))
  expect(nslab(['run', without])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('is a topology without a scenario'),
  })
})

test('validate takes scenarios', ({ nslab }) => {
  const good = fileWith('lab: x\nsteps: [{ at: 0s, down: a }]')
  expect(nslab(['up', good]).stderr).toMatch(/is a scenario, not a topology\nhint: `nslab run` runs it/)
  const bad = fileWith('steps: [{ at: 0s, dwon: a }]')
  expect(nslab(['validate', good]).stdout).toBe(`${good} is valid: a scenario for lab x, 1 step\n`)
  expect(nslab(['validate', '-', '--json'], { input: 'steps: [{ at: 0s, down: a }]' }).json()).toEqual({
    ...{ valid: true, lab: null, steps: 1, warnings: [] },
    files: [{ file: '-', lab: null, steps: 1, warnings: [] }],
  })
  expect(nslab(['validate', good, bad])).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('did you mean down?'),
  })
})

test('with --json, each event is a line, and so is an error', ({ nslab }) => {
  const name = uniqueName('s18')
  up(nslab, name)
  const file = fileWith(
    'steps: [{ at: 0s, pause: all }, { at: 50ms, resume: all }, { at: 100ms, exec: { node: h1, command: "echo a; echo b" } }]',
  )
  const lines = linesOf(nslab(['run', file, '--json']).stdout)
  expect(lines.map(({ event }) => event)).toEqual(['started', 'changed', 'changed', 'command', 'ended'])
  expect(lines[3]).toMatchObject({ step: 3, line: 1, atMs: 100, node: 'h1', exitCode: 0, stdout: 'a\nb\n' })
  expect(lines[4]).toMatchObject({ lab: name, expectations: { checked: 0, held: 0 } })
  expect(linesOf(nslab(['run', '/no/such', '--json']).stdout)).toEqual([
    { error: expect.objectContaining({ code: 'FILE_UNREADABLE' }) },
  ])
})

test('an observer in the node sees each change between its time and its acknowledgement', async ({ nslab }) => {
  const name = uniqueName('s18')
  up(nslab, name)
  const monitor = spawn(
    process.execPath,
    [join(ROOT, 'bin/run.js'), 'exec', 'h2', '--', 'ip', '-ts', 'monitor', 'link'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  onTestFinished(() => void monitor.kill())
  let seen = ''
  monitor.stdout.on('data', (chunk) => {
    seen += chunk
  })
  await setTimeout(500)
  const file = fileWith(`
steps:
  - { every: 400ms, from: 200ms, count: 5, down: h2 }
  - { every: 400ms, from: 400ms, count: 5, up: h2 }`)
  const lines = linesOf(nslab(['run', file, '--json']).stdout).filter(({ event }) => event === 'changed')
  await setTimeout(200)
  // The kernel tells of several changes of an interface; the first with the new state counts.
  const times = [...seen.matchAll(/^\[(\S+?)\] \d+: \S+: <([A-Z_,-]*)>/gm)]
    .map(([, time = '', flags = '']) => ({ ms: Date.parse(time), isUp: flags.split(',').includes('UP') }))
    .filter(({ isUp }, index, all) => isUp !== (all[index - 1]?.isUp ?? true))
  expect(times.map(({ isUp }) => isUp)).toEqual(lines.map(({ action }) => action === 'up'))
  // The least time from when a step is due to when it is seen is taken for the beginning.
  const began = Math.min(...lines.map(({ atMs }, index) => (times[index]?.ms ?? 0) - atMs))
  const latest = Math.max(...lines.map(({ timeMs }, index) => (times[index]?.ms ?? 0) - began - timeMs))
  // The estimate of the beginning is late by what the least late step was; `ip` stamps a message when it has its turn to run.
  const leastLate = Math.min(...lines.map(({ lateMs }) => lateMs))
  expect(latest).toBeLessThan(leastLate + 50)
})

test('the library runs scenarios', async ({ nslab }) => {
  const name = uniqueName('s18')
  up(nslab, name)
  const lab = Lab.attach(name)
  const events: ScenarioEvent[] = []
  const text = 'steps: [{ at: 0s, exec: { node: h1, command: hostname } }, { at: 10ms, expect: { from: h1, to: h2 } }]'
  const ended = await lab.run(text, { onEvent: (event) => void events.push(event) })
  expect(ended).toMatchObject({ lab: name, expectations: { checked: 1, held: 1 } })
  expect(events.at(-1)).toEqual(ended)
  expect(events).toContainEqual(expect.objectContaining({ event: 'command', stdout: 'h1\n' }))

  const signal = AbortSignal.timeout(100)
  await expect(lab.run('steps: [{ at: 1h, down: h2 }]', { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
  await expect(lab.run('steps: []')).rejects.toMatchObject({ code: 'TOPOLOGY_INVALID' })
})
