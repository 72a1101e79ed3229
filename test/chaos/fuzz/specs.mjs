// Mutated specs for the shim's verbs that read one, built with the address and undefined-behaviour sanitizers. Run by nobody.mjs.
import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { randomFrom } from '../random.mjs'
import { runVerb, ShimLab } from './shim-lab.mjs'
import { withoutParts } from './shrink.mjs'
import { bytesOf, mutatedSpec } from './spec-mutations.mjs'

const VERBS = ['spawn', 'spawn', 'spawn', 'ping', 'probe']
const RESULT_FD = 3

/** What a verb may end with, and nothing that a sanitizer says. */
function faultOf({ status, signal, stderr, wasEnded, isStuck, report }, verb) {
  const sanitizer = /(?:ERROR: AddressSanitizer|runtime error): [^\n]*/.exec(stderr)
  if (sanitizer)
    return `${sanitizer[0]} ${/in (\w+) [^\n]*\.c:\d+/.exec(stderr)?.[1] ?? ''}`.replace(/0x[0-9a-f]+/g, '0x…')
  if (isStuck) return 'does not end, nor by SIGPWR'
  if (signal && !(wasEnded && signal === 'SIGPWR')) return `is killed by ${signal}`
  if (/set up, since it was killed/.test(report)) return 'kills a node that it makes'
  // `ping` may be asked for what takes for ever, and `probe` waits for each answer that the kernel does not give.
  if (wasEnded) return verb === 'spawn' ? 'waits for ever' : null
  return [0, 1, 2].includes(status) ? null : `ends with ${status}`
}

async function run(lab, verb, spec) {
  if (verb === 'probe') return await runVerb('probe', [], { spec })
  return verb === 'ping' ? await lab.ping(spec) : await lab.spawn(spec)
}

/** The fault that a spec shows in a lab of its own; null for none. */
async function tried(verb, words, random) {
  const lab = await ShimLab.start()
  const result = await run(lab, verb, bytesOf(words, lab.keeper, random))
  const fault = faultOf(result, verb)
  const died = lab.isAlive() ? null : 'ends the keeper'
  // Nodes that were reported are there.
  await lab.close()
  return fault ?? died
}

async function fuzz(seed, count) {
  const random = randomFrom(seed)
  const found = new Map()
  for (let index = 0; index < count; index++) {
    const each = random.fork(String(index))
    const verb = each.pick(VERBS)
    const words = mutatedSpec(verb, each)
    const fault = await tried(verb, words, each.fork('bytes'))
    const key = `${verb}: ${fault}`
    if (fault === null || found.has(key)) continue
    const quiet = { ...each, fraction: () => 1 }
    // What only a changed byte shows is shown as it is.
    const isWords = (await tried(verb, words, quiet)) === fault
    const shown = isWords
      ? await withoutParts(words, async (fewer) => (await tried(verb, fewer, quiet)) === fault)
      : words
    found.set(
      key,
      `printf '%s\\0' ${shown.map((word) => `'${word.slice(0, 200)}'`).join(' ')} | nslab-shim ${verb} …: ${fault}`,
    )
  }
  return { figures: { 'mutated specs for the shim': count }, failures: [...found.values()] }
}

const [, , seed, count] = process.argv
const text = JSON.stringify(await fuzz(seed, Number(count)))
for (let at = 0; at < text.length; ) at += writeSync(RESULT_FD, text.slice(at, at + 60_000))
await setTimeout(0)
process.exit()
