// Ends a builder by `kill -9` at random moments, or by Ctrl-C at the first moment: nothing of the lab survives, and its name can
// be used again at once.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'

const ROUNDS = 50
const NODES = 50

// n0 ── n1 ── n2 ── … ── n49
const chain = [
  'routing: none',
  'nodes:',
  ...Array.from({ length: NODES }, (_, i) => `  n${i}: {kind: router}`),
  'links:',
  ...Array.from({ length: NODES - 1 }, (_, i) => `  - [n${i}, n${i + 1}]`),
].join('\n')

test(`kill -9 of up at ${ROUNDS} random moments leaves no process, and the next up works`, {
  timeout: 300_000,
}, async ({ nslab, stateDirectory }) => {
  const name = uniqueName('kill')
  const whole = await timeOfUp(name, stateDirectory)
  expect(nslab(['down', name]).status).toBe(0)
  let died = 0
  for (let round = 0; round < ROUNDS; round++) {
    const builder = startUp(name, stateDirectory)
    const ended = new Promise((resolve) => builder.once('exit', (_, signal) => resolve(signal)))
    await setTimeout((whole * (round + Math.random())) / ROUNDS)
    builder.kill('SIGKILL')
    const signal = await ended
    // Once the lab is committed, it stays although its builder was killed: then it is complete, and can be taken down.
    const stands = (await settled(name)) && nslab(['ls', '--json']).json().labs.length === 1
    if (stands) expect(nslab(['down', name]).status).toBe(0)
    else if (signal === 'SIGKILL') died++
    expect(processesOf(name), `round ${round}`).toEqual([])
  }
  expect(died).toBeGreaterThan(ROUNDS / 4)
  expect(nslab(['up', '-', '--name', name], { input: chain })).toMatchObject({ status: 0 })
  expect(nslab(['exec', `${name}/n0`, '--', 'hostname']).stdout).toBe('n0\n')
  expect(nslab(['down', name]).status).toBe(0)
  expect(processesOf(name)).toEqual([])
})

test('Ctrl-C while the keeper is made leaves no file', async ({ stateDirectory }) => {
  const name = uniqueName('kill')
  for (let round = 0; round < 20; round++) {
    const builder = startUp(name, stateDirectory)
    const ended = new Promise((resolve) => builder.once('exit', resolve))
    const children = `/proc/${builder.pid}/task/${builder.pid}/children`
    while (readFileSync(children, 'utf8') === '') await setImmediate()
    for (const end = performance.now() + Math.random() * 4; performance.now() < end; );
    builder.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(readdirSync(stateDirectory), `round ${round}`).toEqual([])
  }
})

function startUp(name: string, stateDirectory: string) {
  const builder = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'up', '-', '--name', name], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  builder.stdin.on('error', () => {})
  builder.stdin.end(chain)
  return builder
}

async function timeOfUp(name: string, stateDirectory: string): Promise<number> {
  const began = performance.now()
  const builder = startUp(name, stateDirectory)
  expect(await new Promise((resolve) => builder.once('exit', resolve))).toBe(0)
  return performance.now() - began
}

/** Waits until a dying lab has ended. @returns whether its keeper still runs after a while, so that the lab lives */
async function settled(name: string): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (processesOf(name).length === 0) return false
    await setTimeout(20)
  }
  return true
}
