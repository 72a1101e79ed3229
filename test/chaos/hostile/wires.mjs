// What may be done to the wire of a lab by its links and by its control socket: it goes on, and its memory is bounded.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { firstLine, program } from '../command.mjs'
import { ATTEMPT, USER, wireOf } from './setting.mjs'

/** @typedef {import('./scenarios.mjs').Scenario} Scenario */

/** Frames from a to b are on their way for longer than the attack lasts. */
const LAB = `nodes: { a: {}, b: {}, c: {} }
links:
  - { endpoints: [a, b], emulation: wire, delay: 200s }
  - { endpoints: [a, c], emulation: wire, delay: 1ms }
`
const SECONDS = 10
const REQUESTS = 100_000
/** The wire's rings of frames, its program and what it counts. */
const REST_MB = 64

const megabytes = (path, name) =>
  Number(new RegExp(`^${name}:\\s+([0-9]+) kB`, 'm').exec(readFileSync(path, 'utf8'))?.[1]) / 1024
const residentMb = (pid) => megabytes(`/proc/${pid}/status`, 'VmRSS')
/** Of frames on their way (native-shim/wire/main.c). */
const poolMb = () => Math.min(512, megabytes('/proc/meminfo', 'MemTotal') / 8)

/** A lab whose wire is attacked. @returns {Promise<string | null>} what is wrong with the wire afterwards */
async function withLab(setting, uid, attack) {
  writeFileSync('/srv/wires.yaml', LAB)
  const run = (words, options) => (uid === 0 ? setting.root(words, options) : setting.user(words, options))
  const up = await run(['up', '/srv/wires.yaml', '--name', 'wires', '--json'])
  if (up.status !== 0) return `up ends with ${up.status}, ${firstLine(up)}`
  const keeper = JSON.parse(up.stdout).keeper.pid
  const wire = wireOf(keeper)
  try {
    return (await attack({ run, keeper, wire })) ?? (await wrongWith({ run, keeper, wire }))
  } finally {
    await run(['down', 'wires'])
  }
}

async function wrongWith({ run, keeper, wire }) {
  if (wireOf(keeper) !== wire) return 'the wire has died'
  for (const words of [
    ['pause', 'wires'],
    ['resume', 'wires'],
    ['ping', 'wires/a', 'wires/c', '-c', '1'],
  ]) {
    const outcome = await run(words)
    if (outcome.status !== 0) return `nslab ${words[0]} then ends with ${outcome.status}, ${firstLine(outcome)}`
  }
  return null
}

/** @returns {Scenario} */
const flooding = (who, uid) => ({
  who,
  attempt: `frames of all lengths and with odd offloads for ${SECONDS} s, to a link on which they wait`,
  expected: 'the wire carries other links, and has as much memory as it may have',
  run: async (setting) =>
    await withLab(setting, uid, async ({ run, wire }) => {
      const running = run(['exec', 'wires/a', '--', ATTEMPT, 'flood', 'eth0', String(SECONDS)])
      let most = 0
      let isOver = false
      const ended = running.then(() => (isOver = true))
      while (!isOver) {
        most = Math.max(most, residentMb(wire))
        await Promise.race([ended, setTimeout(100)])
      }
      const { stdout } = await running
      if (!/^done: [1-9]/.test(stdout)) return `no frame is sent: ${stdout.trim()}`
      console.error(`chaos: hostile: a wire that was flooded (${stdout.trim()}) had ${most.toFixed(0)} MB`)
      return most > poolMb() + REST_MB ? `the wire had ${most.toFixed(0)} MB` : null
    }),
})

const descriptorsOf = (pid) => readdirSync(`/proc/${pid}/fd`).length

/** @type {readonly Scenario[]} */
export const WIRES = [
  flooding("root of a node of root's lab", 0),
  flooding("root of a node of a user's lab", USER),
  {
    who: 'the owner of a lab',
    attempt: `${REQUESTS} requests to its wire, most without sense`,
    expected: 'each is answered, and the wire has no more memory and descriptors',
    run: async (setting) =>
      await withLab(setting, 0, async ({ keeper, wire }) => {
        const enter = ['nsenter', '--target', String(wire), '--net', ATTEMPT, 'requests']
        await program([...enter, '1000'])
        const before = { memory: residentMb(wire), descriptors: descriptorsOf(wire), held: descriptorsOf(keeper) }
        const { stdout } = await program([...enter, String(REQUESTS)], { patienceMs: 300_000 })
        await setTimeout(200)
        const grown = residentMb(wire) - before.memory
        if (!/^done: [1-9]/.test(stdout)) return `the wire does not answer: ${stdout.trim()}`
        if (grown > 4) return `the wire has ${grown.toFixed(0)} MB more`
        const more = descriptorsOf(wire) - before.descriptors + descriptorsOf(keeper) - before.held
        return more === 0 ? null : `the wire and the keeper have ${more} descriptors more`
      }),
  },
]
