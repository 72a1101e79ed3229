// Runs attacks in jails: machines of their own, one a processor, each with a program in it that attacks and looks.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { coveredFiles, makeTools } from './tools.mjs'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
/** Where a jail has the project and the tools, whatever the machine calls those directories. */
export const SHOWN = { project: '/run/chaos/project', tools: '/run/chaos/tools' }
const JAILS = Math.min(2, availableParallelism())
/** How much longer than it was given an attack may take, before its jail is ended. */
const GRACE_SECONDS = 120

/**
 * Attacks in several jails at once, for a while, and puts together what came of it.
 *
 * @param {{ module: string, random: { integer: (least: number, most: number) => number }, long: boolean, seconds: number,
 *   task?: object }} attack `module` is below test/chaos and exports `attack` (see inside.mjs)
 * @returns {Promise<{ figures: Record<string, number>, failures: string[] }>} figures are added up
 */
export async function attackInJails({ module, random, long, seconds, task = {} }) {
  if (process.geteuid() !== 0) throw new Error('a jail can be made by root alone')
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, interrupt)
  const seeds = Array.from({ length: JAILS }, () => random.integer(0, 2 ** 32 - 1))
  const tools = makeTools()
  try {
    const runs = seeds.map((seed, at) =>
      inJail(tools, { ...task, module, seed, long, seconds, worker: at, workers: JAILS }, interrupted.signal),
    )
    const results = await Promise.all(runs)
    interrupted.signal.throwIfAborted()
    return { figures: sum(results.map(({ figures }) => figures)), failures: results.flatMap((each) => each.failures) }
  } finally {
    for (const name of ['SIGINT', 'SIGTERM']) process.off(name, interrupt)
    rmSync(tools, { recursive: true })
  }
}

function sum(list) {
  const total = {}
  for (const [name, figure] of list.flatMap(Object.entries)) total[name] = (total[name] ?? 0) + figure
  return total
}

/**
 * Runs a task in a jail of its own.
 *
 * @param {string} tools of makeTools
 * @param {{ module: string, seconds: number }} task
 * @param {AbortSignal} [signal] ends the jail
 */
export async function inJail(tools, task, signal) {
  const cgroup = makeCgroup()
  const options = [
    ...['--show', `${PROJECT}:${SHOWN.project}`, '--show', `${tools}:${SHOWN.tools}`],
    ...coveredFiles(tools).flatMap((pair) => ['--over', pair]),
    ...(cgroup === null ? [] : ['--cgroup', cgroup]),
  ]
  const program = [process.execPath, join(SHOWN.project, 'test/chaos/jail/inside.mjs')]
  const jail = spawn(join(tools, 'jail'), [...options, '--', ...program], { stdio: ['pipe', 'pipe', 'inherit'] })
  signal?.addEventListener('abort', () => jail.kill('SIGKILL'), { once: true })
  try {
    jail.stdin.end(JSON.stringify(task))
    return await resultOf(jail, task.seconds + GRACE_SECONDS)
  } finally {
    jail.kill('SIGKILL')
    if (cgroup !== null) await removeCgroup(cgroup)
  }
}

/** Failures come one a line as they happen, figures with the last. */
async function resultOf(jail, seconds) {
  const failures = []
  let figures = {}
  const ended = new Promise((resolve) => jail.once('close', (status, signal) => resolve(signal ?? status)))
  const timer = new AbortController()
  const late = setTimeout(seconds * 1000, 'in time', { signal: timer.signal }).then(() => jail.kill('SIGKILL'))
  late.catch(() => {})
  for await (const line of createInterface({ input: jail.stdout })) {
    const message = JSON.parse(line)
    if (message.failure !== undefined) failures.push(message.failure)
    else if (message.progress !== undefined) process.stderr.write(`${message.progress}\n`)
    else figures = message.figures
  }
  const status = await ended
  timer.abort()
  if (status !== 0) failures.push(`the attack itself ended with ${status}`)
  return { figures, failures }
}

/** A cgroup of version 2 below the caller's; null on a machine without. */
function makeCgroup() {
  const mount = readFileSync('/proc/self/mountinfo', 'utf8').match(/^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /m)
  const own = readFileSync('/proc/self/cgroup', 'utf8').match(/^0::(.*)$/m)
  if (!mount || !own) return null
  const path = join(mount[1], own[1], `nslab-chaos.${process.pid}.${process.hrtime.bigint()}`)
  mkdirSync(path)
  return path
}

/** When the last process of a jail is gone, which may take the kernel a moment, so can its cgroups be. */
async function removeCgroup(path) {
  for (let tries = 0; tries < 100; tries++) {
    try {
      for (const inner of directoriesBelow(path)) rmdirSync(inner)
      return
    } catch {
      await setTimeout(50)
    }
  }
  throw new Error(`the cgroup of a jail stays: ${path}`)
}

const directoriesBelow = (path) => [
  ...readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? directoriesBelow(join(path, entry.name)) : [],
  ),
  path,
]
