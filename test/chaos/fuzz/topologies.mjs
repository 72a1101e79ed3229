// Mutated topologies and noise, carried as far as a plan in child processes; what is found is shown by the command.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultsOfEnd, firstLine, measured } from '../command.mjs'
import { excessOf } from './budget.mjs'
import { mutated, noise } from './mutations.mjs'
import { shrunk } from './shrink.mjs'
import { TopologyWorker } from './workers.mjs'

const RUNS = { short: 4000, long: 200_000 }
const WORKERS = 2
/** Of mutations, a few are no topologies at all. */
const NOISE = 0.15
/** After so many, what is wrong is known. */
const FAULTS_MAX = 20

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean }} options */
export async function fuzzTopologies({ random, long }) {
  const counts = { accepted: 0, refused: 0, threw: 0, died: 0, hung: 0 }
  const found = new Map()
  const runs = long ? RUNS.long : RUNS.short
  let next = 0
  const workers = Array.from({ length: WORKERS }, () => new TopologyWorker())
  await Promise.all(
    workers.map(async (worker) => {
      while (next < runs && found.size < FAULTS_MAX) {
        const text = textOf(random.fork(String(next++)))
        const tried = await worker.try(text)
        counts[tried.outcome]++
        const fault = faultOf(tried)
        if (fault === null || found.has(keyOf(fault))) continue
        found.set(keyOf(fault), await shown(worker, text, fault))
      }
    }),
  )
  for (const worker of workers) worker.close()
  return {
    figures: { 'mutated topologies accepted': counts.accepted, 'mutated topologies refused': counts.refused },
    failures: [...found.values()].filter((failure) => failure !== null),
  }
}

/** Each has choices of its own, whichever worker takes it. */
const textOf = (random) => (random.fraction() < NOISE ? noise(random) : mutated(random))

/** @param {import('./workers.mjs').Tried} tried @returns {string | null} */
function faultOf(tried) {
  if (tried.outcome === 'hung') return 'does not end'
  if (tried.outcome === 'died') return tried.message
  if (tried.outcome === 'threw') return tried.message.split('\n').slice(0, 2).join(' ').slice(0, 200)
  return excessOf(tried)
}

/** Faults of one kind differ in their numbers. */
const keyOf = (fault) => fault.replaceAll(/[0-9.]+/g, 'N')

/** The smallest text with this fault; null for a cost that the command does not have. */
async function shown(worker, text, fault) {
  const smallest = await shrunk(text, async (smaller) => {
    const again = faultOf(await worker.try(smaller))
    return again !== null && keyOf(again) === keyOf(fault)
  })
  const said = await saidOf(smallest)
  if (said === null && fault.startsWith('takes ')) return null
  return `${JSON.stringify(smallest)} as a topology: ${fault}${said === null ? '' : `; nslab plan ${said}`}`
}

/** What the command line makes of it, where that is wrong. */
async function saidOf(text) {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-chaos-'))
  writeFileSync(join(directory, 'fuzz.yaml'), text)
  const outcome = await measured(['plan', join(directory, 'fuzz.yaml')])
  rmSync(directory, { recursive: true })
  const faults = faultsOfEnd(outcome)
  const excess = outcome.rssMb === null ? null : excessOf({ size: 0, ...outcome })
  return faults.length > 0 ? `${faults.join(', ')}: ${firstLine(outcome)}` : excess
}
