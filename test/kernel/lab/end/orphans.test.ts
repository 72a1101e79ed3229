// A machine whose PID 1 reaps no processes, as in a container without an init. A lab cannot end while it has a zombie, so every
// process of nslab must reap its own children before it ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../../support/lab.js'

const ROUNDS = 12
const chain = [
  'routing: none',
  'nodes:',
  ...Array.from({ length: 40 }, (_, i) => `  n${i}: {kind: router}`),
  'links:',
  ...Array.from({ length: 39 }, (_, i) => `  - [n${i}, n${i + 1}]`),
].join('\n')

let container: ChildProcess
/** PID of the container's PID 1 on the machine. */
let init: string

beforeAll(async () => {
  const script = 'echo ready; exec sleep 1000'
  container = spawn('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(container.stdout as NodeJS.ReadableStream, 'data')
  init = spawnSync('pgrep', ['-P', String(container.pid)], { encoding: 'utf8' }).stdout.trim()
})

afterAll(async () => {
  container.kill('SIGKILL')
  await once(container, 'exit')
})

const words = (args: readonly string[]): [string, ...string[]] => [
  ...(['nsenter', '-t', init, '-p', '-m', process.execPath, join(ROOT, 'bin/run.js')] as const),
  ...args,
]

function inside(args: readonly string[], stateDirectory: string, input = '') {
  const [command, ...rest] = words(args)
  const options = { encoding: 'utf8', input, env: { ...process.env, NSLAB_STATE_DIR: stateDirectory } } as const
  const { status, stderr } = spawnSync(command, rest, options)
  return { status, stderr }
}

/** Starts a command; `signal` is sent to the command alone, not to the nsenter(1) that started it. */
function start(args: readonly string[], stateDirectory: string, input = '') {
  const [command, ...rest] = words(args)
  const child = spawn(command, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, stderr }))
  // The command may have ended meanwhile.
  const signal = (name: string) => spawnSync('pkill', [`-${name}`, '-P', String(child.pid)])
  return { child, ended, signal }
}

/** Ends builders by a signal, at moments spread over the time that one takes. @returns how each ended */
async function interrupted(name: string, stateDirectory: string, by: string) {
  const began = performance.now()
  expect(await start(['up', '-', '--name', name], stateDirectory, chain).ended).toMatchObject({ status: 0 })
  const whole = performance.now() - began
  expect(inside(['down', name], stateDirectory)).toMatchObject({ status: 0 })
  const ends = []
  for (let round = 0; round < ROUNDS; round++) {
    const up = start(['up', '-', '--name', name], stateDirectory, chain)
    await setTimeout((whole * (ROUNDS + round)) / (2 * ROUNDS))
    up.signal(by)
    const end = await up.ended
    ends.push(end)
    if (end.status === 130) expect(readdirSync(stateDirectory)).toEqual([])
    expect(inside(['down', '--all'], stateDirectory)).toMatchObject({ status: 0 })
  }
  return ends
}

test('up that is interrupted leaves nothing, without delay', async ({ stateDirectory }) => {
  const ends = await interrupted(uniqueName('orphan'), stateDirectory, 'INT')
  // Before the builder handles signals, the signal kills it; after its work, it has succeeded.
  for (const { status, signal, stderr } of ends) expect(status === 0 || status === 130 || signal, stderr).toBeTruthy()
  expect(ends.filter(({ status }) => status === 130).length).toBeGreaterThan(ROUNDS / 4)
})

test('kill -9 of up leaves nothing', async ({ stateDirectory }) => {
  const ends = await interrupted(uniqueName('orphan'), stateDirectory, 'KILL')
  expect(ends.filter(({ status }) => status !== 0).length).toBeGreaterThan(ROUNDS / 4)
})

test('a command in a node ends with the exec that is killed, and the lab can be taken down', async ({
  stateDirectory,
}) => {
  const name = uniqueName('orphan')
  expect(inside(['up', '-', '--name', name], stateDirectory, 'nodes: {a: {}}')).toMatchObject({ status: 0 })
  const exec = start(['exec', `${name}/a`, '--', 'sh', '-c', 'echo ready; exec sleep 1000'], stateDirectory)
  await once(exec.child.stdout as NodeJS.ReadableStream, 'data')
  exec.signal('KILL')
  // The command has the same standard output.
  await exec.ended
  expect(inside(['down', name], stateDirectory)).toMatchObject({ status: 0 })
})
