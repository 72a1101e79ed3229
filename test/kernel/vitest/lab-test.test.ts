// The fixtures of nslab/vitest: how long labs live, and that none is left, whatever ends a worker.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Lab } from '../../../src/lab/lab.js'
import { labTest } from '../../../src/vitest.js'
import { processesOf, ROOT } from '../../support/lab.js'
import { makeProgram } from '../../support/program.js'

const PAIR = 'name: pair\nnodes: { a: {}, b: {} }\nlinks: [[a, b]]\n'

const pair = labTest(PAIR)
const filePair = labTest(PAIR, { scope: 'file' })

describe('a lab for each test', () => {
  const names: string[] = []

  for (const each of ['first', 'second'])
    pair(`${each} test`, async ({ lab, node }) => {
      expect(lab.name).toMatch(/^pair-\d+-[0-9a-f]{8}$/)
      names.push(lab.name)
      await expect(node('a')).toReach(node('b'))
    })

  test('are two labs, and both are gone', () => {
    expect(new Set(names).size).toBe(2)
    expect(names.flatMap(processesOf)).toEqual([])
  })
})

describe('a lab for a file', () => {
  const names: string[] = []

  filePair.beforeAll(({ lab }) => {
    names.push(lab.name)
  })
  for (const each of ['first', 'second'])
    filePair(`${each} test`, ({ lab }) => {
      names.push(lab.name)
    })

  test('is one lab, which runs', () => {
    expect(names).toHaveLength(3)
    expect(new Set(names).size).toBe(1)
    expect(Lab.list().map(({ name }) => name)).toContain(names[0])
  })
})

/** A program with its own tests; `run` starts Vitest. */
function program(files: Record<string, string>) {
  const directory = makeProgram(files)
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const run = (...options: string[]) => spawn(process.execPath, [vitest, 'run', ...options], { cwd: directory })
  return { directory, run }
}

/** A test that writes its process and its lab to a file. */
const recording = (rest: string) => `
import { appendFileSync } from 'node:fs'
import { expect } from 'vitest'
import { labTest } from 'nslab/vitest'
const test = labTest(${JSON.stringify(PAIR)})
test('runs', async ({ lab, node }) => {
  await expect(node('a')).toReach('b')
  appendFileSync('labs', process.pid + ' ' + lab.name + '\\n')
  ${rest}
}, 60_000)
`

const recorded = (directory: string): [string, string][] =>
  readFileSync(join(directory, 'labs'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ') as [string, string])

test('labs of workers that run side by side have different names', async () => {
  const wait = `const { readFileSync } = await import('node:fs')
  await expect.poll(() => readFileSync('labs', 'utf8').trimEnd().split('\\n').length, { timeout: 50_000 }).toBe(2)`
  const { directory, run } = program({ 'one.test.mjs': recording(wait), 'two.test.mjs': recording(wait) })
  const [status] = await once(run('--maxWorkers=2'), 'exit')
  expect(status).toBe(0)
  const [one, two] = recorded(directory)
  expect(one?.[0]).not.toBe(two?.[0])
  expect(one?.[1]).not.toBe(two?.[1])
})

test('a lab of a worker serves several files', async () => {
  const file = `
import { appendFileSync } from 'node:fs'
import { test } from './shared.mjs'
test('runs', ({ lab }) => appendFileSync('labs', process.pid + ' ' + lab.name + '\\n'))
`
  const { directory, run } = program({
    'shared.mjs': `
import { labTest } from 'nslab/vitest'
export const test = labTest(${JSON.stringify(PAIR)}, { scope: 'worker' })
`,
    'one.test.mjs': file,
    'two.test.mjs': file,
  })
  const { status, said } = await outcomeOf(run('--no-isolate', '--maxWorkers=1'))
  expect(status, said).toBe(0)
  const [one, two] = recorded(directory)
  expect(one).toEqual(two)
  expect(processesOf(one?.[1] ?? '')).toEqual([])
})

test('a lab ends with its worker, even if that is killed', async () => {
  const { directory, run } = program({ 'hangs.test.mjs': recording('await new Promise(() => {})') })
  const vitest = run()
  const ended = once(vitest, 'exit')
  const path = join(directory, 'labs')
  await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8'), { timeout: 50_000 }).toMatch(/\n$/)
  const [[pid, name]] = recorded(directory) as [[string, string]]
  expect(processesOf(name).length).toBeGreaterThan(0)
  process.kill(Number(pid), 'SIGKILL')
  await expect.poll(() => processesOf(name), { timeout: 10_000 }).toEqual([])
  expect(Lab.list().map((each) => each.name)).not.toContain(name)
  const [status] = await ended
  expect(status).not.toBe(0)
})

const FROM_FILE = `
import { expect } from 'vitest'
import { labTest } from 'nslab/vitest'
const test = labTest({ file: new URL('office.yaml', import.meta.url), set: { hosts: 3 } }, { scope: 'worker' })
test('has three hosts', ({ lab }) => {
  expect(lab.nodes.map(({ name }) => name)).toEqual(['gateway', 'h1', 'h2', 'h3'])
})
`

test('a topology is read from a file, with its variables and what it includes', async () => {
  const { run } = program({
    'office.yaml': 'include: gateway.yaml\nvars: { hosts: 2 }\nnodes: { "h{i}": { repeat: "1..${hosts}" } }\n',
    'gateway.yaml': 'nodes: { gateway: { kind: router } }\n',
    'office.test.mjs': FROM_FILE,
  })
  const { status, said } = await outcomeOf(run())
  expect(status, said).toBe(0)
})

test('a topology with faults fails the test with each fault and its place', async () => {
  const { run } = program({
    'office.yaml': 'nodes:\n  h1: { kind: rooter }\n',
    'office.test.mjs': FROM_FILE,
  })
  const { status, said } = await outcomeOf(run())
  expect(status).toBe(1)
  expect(said).toMatch(/office\.yaml has a fault\n.*office\.yaml:2:15: there is no kind rooter; did you mean router\?/)
})

async function outcomeOf(vitest: ChildProcess): Promise<{ status: number; said: string }> {
  let said = ''
  vitest.stdout?.on('data', (text) => (said += text))
  vitest.stderr?.on('data', (text) => (said += text))
  const [status] = await once(vitest, 'close')
  return { status, said: stripVTControlCharacters(said) }
}
