// Whatever of a lab is stopped (SIGSTOP), the lab can be taken down at once: no process outside of it must first run to reap one
// inside of it. Where a stranger does not reap, `nslab down` names it.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { hintForStuckLab, processesThatDoNotReap } from '../../../../src/lab/end/unreaped.js'
import { type LabFixtures, processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'
import { isAlive, node, ShimLab, waitUntilGone, words } from '../../../support/shim.js'

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

const stateOf = (pid: number): string => /^State:\t(.)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''

async function until<T>(what: () => T | undefined): Promise<NonNullable<T>> {
  for (let tries = 0; tries < 500; tries++) {
    const found = what()
    if (found) return found
    await setTimeout(10)
  }
  throw new Error('it does not happen')
}

/** Starts `sleep 100` in a node. The process that runs in the caller's PID namespace is `relay`, its child the command. */
async function startSleep(lab: string, stateDirectory: string) {
  const cli = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'exec', `${lab}/a`, '--', 'sleep', '100'], {
    stdio: 'ignore',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  onTestFinished(() => void cli.kill('SIGKILL'))
  const relay = await until(() => childrenOf(cli.pid as number)[0])
  await until(() => childrenOf(relay).some((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n'))
  return { cli, relay, ended: new Promise((resolve) => cli.once('exit', resolve)) }
}

const up = (nslab: LabFixtures['nslab']): string => {
  const name = uniqueName('stopped')
  expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}}' }).status).toBe(0)
  return name
}

test('with `nslab exec` stopped, down works, and exec ends when it is continued', async ({ nslab, stateDirectory }) => {
  const whom: ((of: { cli: ChildProcess; relay: number }) => number[])[] = [
    ({ cli }) => [cli.pid as number],
    ({ relay }) => [relay],
    ({ relay }) => childrenOf(relay),
    ({ cli, relay }) => [cli.pid as number, relay, ...childrenOf(relay)],
  ]
  for (const pidsOf of whom) {
    const lab = up(nslab)
    const command = await startSleep(lab, stateDirectory)
    const pids = pidsOf(command)
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await until(() => pids.every((pid) => stateOf(pid) === 'T'))
    expect(nslab(['down', lab])).toMatchObject({ status: 0, stderr: '' })
    expect(processesOf(lab)).toEqual([])
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGCONT')
    expect(await command.ended).toBe(137)
  }
})

test('a lab ends while the shim that makes its nodes is stopped', async () => {
  const lab = await ShimLab.start()
  const spec = words(Array.from({ length: 300 }, (_, index) => node(`n${index}`)).flat())
  const made = lab.spawnRaw(spec)
  const spawned = await until(() => childrenOf(process.pid).find((pid) => childrenOf(pid).length > 0))
  process.kill(spawned, 'SIGSTOP')
  await until(() => stateOf(spawned) === 'T')
  process.kill(lab.keeper.pid, 'SIGKILL')
  await waitUntilGone(lab.keeper.pid)
  process.kill(spawned, 'SIGCONT')
  expect(await made).toMatchObject({ status: 1, stderr: '' })
  await lab.close()
})

test('a stranger that has not reaped its process in a lab is named', async () => {
  const lab = await ShimLab.start()
  await lab.spawn(node('a'))
  const { pid } = lab.node('a')
  // nsenter(1) forks, so that its child is in the PID namespace, and waits for it.
  const stranger = spawn('nsenter', ['--target', String(pid), '--user', '--pid', 'sleep', '100'], { stdio: 'ignore' })
  const ended = new Promise((resolve) => stranger.once('exit', resolve))
  const outside = stranger.pid as number
  const inside = await until(() => childrenOf(outside)[0])
  process.kill(outside, 'SIGSTOP')
  await until(() => stateOf(outside) === 'T')
  process.kill(lab.keeper.pid, 'SIGKILL')
  await until(() => stateOf(inside) === 'Z')
  expect(isAlive(lab.keeper.pid)).toBe(true)
  const named = processesThatDoNotReap().filter((each) => each.pid === outside)
  expect(hintForStuckLab(named)).toBe(
    `process ${outside} (nsenter), which is stopped, has not reaped a process that it started in the lab: ` +
      `continue it with \`kill -CONT ${outside}\`, or end it, and run \`nslab down\` again`,
  )
  process.kill(outside, 'SIGCONT')
  await ended
  await lab.close()
  expect(processesThatDoNotReap().map((each) => each.pid)).not.toContain(outside)
})

test('PID 1 is blamed only where it does not reap', () => {
  const parent = { pid: 1, name: 'sh', state: 'S', parent: 0, uid: 0, nsPids: [1] }
  expect(hintForStuckLab([])).toContain('hangs in the kernel')
  expect(hintForStuckLab([parent])).toContain('PID 1 of this machine does not reap it')
  expect(hintForStuckLab([{ ...parent, pid: 7 }])).toBe(
    'process 7 (sh) has not reaped a process that it started in the lab: end it, and run `nslab down` again',
  )
})
