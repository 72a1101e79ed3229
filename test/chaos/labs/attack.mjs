// Builds random labs, and compares what pings reach in them with what their text says.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOfEnd, firstLine, nslab } from '../command.mjs'
import { autoLab } from './auto.mjs'
import { writtenLab } from './written.mjs'

const LABS = { short: 24, long: 600 }
const AT_ONCE = 2
/** Of a lab, from and to any node that is not a switch. */
const SINGLE_PINGS = 3
const PATIENCE = ['-c', '1', '-W', '2']

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean }} options */
export async function attack({ random, long }) {
  const total = long ? LABS.long : LABS.short
  const place = mkdtempSync('/tmp/labs-')
  const counts = { reached: 0, unreached: 0 }
  const failures = []
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < total) {
        const number = next++
        const own = random.fork(String(number))
        const lab = own.fraction() < 0.5 ? autoLab(own) : writtenLab(own)
        for (const fault of await tryLab(lab, { name: `lab${number}`, place, random: own, counts }))
          failures.push(`${fault}: ${lab.text}`)
      }
    }),
  )
  return {
    figures: {
      'random labs': total,
      'pairs that reach each other': counts.reached,
      'pairs that do not': counts.unreached,
    },
    failures,
  }
}

/** @returns {Promise<string[]>} */
async function tryLab(lab, { name, place, random, counts }) {
  const file = join(place, `${name}.yaml`)
  writeFileSync(file, lab.text)
  const run = (...words) => nslab(words, { env: { NSLAB_STATE_DIR: place } })
  const up = await run('up', file)
  if (up.status !== 0) return [`up ends with ${up.status}, ${firstLine(up)}`]
  const faults = []
  for (const family of lab.families) faults.push(...(await meshFaults(lab, family, name, run, counts)))
  for (let left = SINGLE_PINGS; left > 0; left--) faults.push(...(await pathFaults(lab, name, random, run, counts)))
  const down = await run('down', name)
  if (down.status !== 0) faults.push(`down ends with ${down.status}, ${firstLine(down)}`)
  return faults
}

async function meshFaults(lab, family, name, run, counts) {
  const outcome = await run('ping', '--all', '--lab', name, '--json', `-${family}`, ...PATIENCE)
  if (![0, 8].includes(outcome.status))
    return [...faultsOfEnd(outcome), `ping --all ends with ${outcome.status}, ${firstLine(outcome)}`]
  const faults = []
  for (const { from, to, received } of JSON.parse(outcome.stdout).pairs)
    faults.push(...(await compared(lab, { from, to, family, hasCome: received > 0 }, name, run, counts)))
  return faults
}

async function pathFaults(lab, name, random, run, counts) {
  const ends = [...lab.hosts, ...lab.routers]
  const [from, to, family] = [random.pick(ends), random.pick(ends), random.pick(lab.families)]
  if (from === to) return []
  const outcome = await run('ping', `${name}/${from}`, to, `-${family}`, ...PATIENCE)
  if (outcome.status === 7 && /has no IPv. address/.test(outcome.stderr)) return []
  if (![0, 8].includes(outcome.status))
    return [...faultsOfEnd(outcome), `ping ends with ${outcome.status}, ${firstLine(outcome)}`]
  return await compared(lab, { from, to, family, hasCome: outcome.status === 0 }, name, run, counts)
}

/** Whether what came is what the text says. A first ping that is lost is a fault as well; a second says which. */
async function compared(lab, { from, to, family, hasCome }, name, run, counts) {
  const expected = lab.expected(from, to, family)
  if (expected === null) return []
  counts[hasCome ? 'reached' : 'unreached']++
  if (expected === hasCome) return []
  const what = `IPv${family} ${from} → ${to}`
  if (hasCome) return [`${what} is reached, and cannot be`]
  const again = await run('ping', `${name}/${from}`, to, `-${family}`, '-c', '3', '-W', '5')
  return [again.status === 0 ? `${what}: the first ping is lost, the second is not` : `${what} is not reached`]
}
