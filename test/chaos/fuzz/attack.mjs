// What is fuzzed on a machine of its own: the shim's specs and the states of labs.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startAsNobody } from './nobody.mjs'
import { fuzzStates } from './states.mjs'

const SPECS = fileURLToPath(new URL('specs.mjs', import.meta.url))
const RUNS = { short: 300, long: 20_000 }

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean }} options */
export async function attack({ random, long }) {
  const [specs, states] = await Promise.all([
    fuzzSpecs(random.fork('specs'), long),
    fuzzStates({ random: random.fork('states'), long }),
  ])
  return { figures: { ...specs.figures, ...states.figures }, failures: [...specs.failures, ...states.failures] }
}

async function fuzzSpecs(random, long) {
  const words = [SPECS, String(random.integer(0, 2 ** 31)), String(long ? RUNS.long : RUNS.short)]
  const child = await startAsNobody(words, ['inherit', 'inherit', 'pipe'])
  const chunks = []
  child.stdio[3].on('data', (chunk) => chunks.push(chunk))
  await once(child, 'close')
  return JSON.parse(Buffer.concat(chunks).toString())
}
