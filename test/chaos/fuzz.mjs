// Fuzzing: topologies, bounded in time and memory; the shim's specs, with sanitizers; netlink replies; the states of labs.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runContained } from './contained.mjs'
import { fuzzCosts } from './fuzz/costs.mjs'
import { fuzzNetlink } from './fuzz/netlink.mjs'
import { fuzzTopologies } from './fuzz/topologies.mjs'

export const title = 'Fuzzing'

const SHIM = fileURLToPath(new URL('../../native-shim', import.meta.url))

/** @param {{ random: ReturnType<typeof import('./random.mjs').randomFrom>, long: boolean }} options */
export async function run({ random, long }) {
  execFileSync('make', ['--no-print-directory', '-s', '-C', SHIM, 'asan'], { stdio: 'inherit' })
  const results = []
  for (const fuzz of [fuzzNetlink, fuzzTopologies, fuzzCosts])
    results.push(await fuzz({ random: random.fork(fuzz.name), long }))
  results.push(await runContained('fuzz/attack.mjs', { random, long }))
  return {
    figures: Object.assign({}, ...results.map(({ figures }) => figures)),
    failures: results.flatMap(({ failures }) => failures),
  }
}
