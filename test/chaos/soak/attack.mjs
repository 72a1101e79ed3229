// Many labs, one after another: by one process of the library, and by the command line. Nothing grows.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { firstLine, nslab, program } from '../command.mjs'
import { Machine } from './machine.mjs'

const CYCLES = { short: { library: 120, command: 12 }, long: { library: 4000, command: 600 } }
const LIBRARY = fileURLToPath(new URL('library.mjs', import.meta.url))
const HOUR_MS = 3_600_000

const TOPOLOGY = `name: soak
nodes: { a: {}, r: { kind: router }, b: {} }
links: [[a, r], [r, b]]
`
const WIRED = TOPOLOGY.replace('[a, r]', '{ endpoints: [a, r], emulation: wire, delay: 1ms }')
/** Refused when the nodes stand. */
const REFUSED = TOPOLOGY.replace('a: {}', 'a: { sysctls: { net.ipv4.nothing_of_that_name: 1 } }')

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean }} options */
export async function attack({ random, long }) {
  const cycles = long ? CYCLES.long : CYCLES.short
  const place = mkdtempSync('/tmp/soak-')
  const failures = []
  const soak = async (what, count, run) => {
    await run(1)
    const machine = await Machine.measure(place)
    failures.push(...(await run(count)).map((fault) => `${what}: ${fault}`))
    failures.push(...(await machine.grown(count)).map((fault) => `after ${count} cycles of ${what}, ${fault}`))
  }
  await soak('the library', cycles.library, (count) => byLibrary(place, count, random))
  await soak('the command line', cycles.command, (count) => byCommand(place, count))
  return { figures: { 'labs by one process': cycles.library, 'labs by commands': cycles.command }, failures }
}

async function byLibrary(place, count, random) {
  const words = [process.execPath, '--expose-gc', LIBRARY, String(count), String(random.integer(0, 2 ** 31))]
  const outcome = await program(words, { env: { NSLAB_STATE_DIR: place }, patienceMs: HOUR_MS })
  if (outcome.status === 0) return JSON.parse(outcome.stdout)
  const error = /^\w*Error.*/m.exec(outcome.stderr)?.[0] ?? firstLine(outcome)
  return [`ends with ${outcome.status ?? outcome.signal}, ${error}`]
}

async function byCommand(place, count) {
  const files = {
    whole: join(place, '../soak.yaml'),
    wired: join(place, '../wired.yaml'),
    refused: join(place, '../refused.yaml'),
  }
  writeFileSync(files.whole, TOPOLOGY)
  writeFileSync(files.wired, WIRED)
  writeFileSync(files.refused, REFUSED)
  const faults = []
  const expect = async (status, ...words) => {
    const outcome = await nslab(words, { env: { NSLAB_STATE_DIR: place } })
    if (outcome.status !== status)
      faults.push(`nslab ${words.join(' ')} ends with ${outcome.status}, ${firstLine(outcome)}`)
  }
  for (let cycle = 0; cycle < count; cycle++) {
    await expect(0, 'up', files.whole)
    await expect(0, 'exec', 'a', '--', 'true')
    await expect(0, 'ping', '--all', '-c', '1')
    await expect(0, 'inspect')
    await expect(0, 'down')
    await expect(4, 'up', files.refused)
    await expect(0, 'up', files.wired)
    await expect(0, 'pause')
    await expect(0, 'resume')
    await expect(0, 'link', 'down', 'a:eth0')
    await expect(0, 'link', 'up', 'a:eth0')
    await expect(0, 'ping', 'a', 'b', '-c', '1')
    await expect(0, 'down')
  }
  return faults
}
