// Commands of a change that fail or are interrupted: the lab stays changed, and the next apply runs those that have not run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'

const BEFORE = 'nodes: { a: {}, b: {} }\nlinks: [["a:eth0", "b:eth0"]]'
/** The second command waits until there is a file, and fails when that has a word. */
const AFTER = `
nodes:
  a: { exec: ["echo one >> /tmp/ran", "touch /tmp/began; until [ -e /tmp/go ]; do sleep .05; done; cat /tmp/go; [ ! -s /tmp/go ]", "echo three >> /tmp/ran"] }
  b: {}
  c: { exec: ["echo new > /tmp/ran"] }
links: [["a:eth0", "b:eth0"], ["b:eth1", "c:eth0"]]
`
const up = (nslab: Cli, lab: string) =>
  expect(nslab(['up', '-', '--name', lab], { input: BEFORE, cwd: '/' }).status).toBe(0)
const apply = (nslab: Cli, lab: string) =>
  nslab(['apply', '-', lab, '--name', lab, '--json'], { input: AFTER, cwd: '/' })
const differences = (nslab: Cli, lab: string): string[] =>
  nslab(['diff', lab, '-', '--name', lab, '--json'], { input: AFTER, cwd: '/' })
    .json()
    .differences.map(({ kind, node, part }: Record<string, string>) => `${kind} ${node} ${part}`)
const inNode = (nslab: Cli, lab: string, node: string, line: string): string =>
  nslab(['exec', `${lab}/${node}`, '--', 'sh', '-c', line]).stdout

const expectWhole = (nslab: Cli, lab: string) => {
  inNode(nslab, lab, 'a', ': > /tmp/go')
  const { status, stderr } = apply(nslab, lab)
  expect(status, stderr).toBe(0)
  expect(inNode(nslab, lab, 'a', 'cat /tmp/ran')).toBe('one\nthree\n')
  expect(inNode(nslab, lab, 'c', 'cat /tmp/ran')).toBe('new\n')
  expect(differences(nslab, lab)).toEqual([])
}

test('a command that fails runs again, and those before it do not', ({ nslab }) => {
  const lab = uniqueName('fails')
  up(nslab, lab)
  inNode(nslab, lab, 'a', 'echo no > /tmp/go')
  for (let tries = 0; tries < 2; tries++) {
    const failed = apply(nslab, lab)
    expect(failed.status).toBe(8)
    expect(failed.json().error).toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringContaining('is changed and stays so, but 3 commands have not run to the end'),
      hint: expect.stringContaining('`nslab apply FILE` runs'),
    })
    expect(differences(nslab, lab)).toEqual(['add a exec', 'add a exec', 'add c exec'])
    expect(nslab(['ls', '--json']).json().labs[0]).not.toHaveProperty('degraded')
  }
  expectWhole(nslab, lab)
})

test.for(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('after %s', async (signal, { nslab, stateDirectory }) => {
  const lab = uniqueName('stopped')
  up(nslab, lab)
  const path = join(stateDirectory, `${lab}.yaml`)
  writeFileSync(path, AFTER)
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'apply', path, lab, '--name', lab], {
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const ended = once(child, 'exit')
  for (const end = Date.now() + 20_000; inNode(nslab, lab, 'a', 'ls /tmp/began') === ''; await setTimeout(20))
    if (Date.now() > end) throw new Error('the command never ran')
  child.kill(signal)
  if (signal === 'SIGKILL') expect(await ended).toEqual([null, signal])
  else {
    expect(await ended).toEqual([130, null])
    expect(said).toContain('is changed and stays so, but 3 commands have not run to the end')
    expect(said).not.toContain('rolled back')
    expect(differences(nslab, lab)).toEqual(['add a exec', 'add a exec', 'add c exec'])
  }
  expect(JSON.parse(readFileSync(join(stateDirectory, lab, 'state.json'), 'utf8'))).not.toHaveProperty('degraded')
  expectWhole(nslab, lab)
})
