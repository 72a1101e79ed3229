// Large inputs, twice to the library in one process and once to the command: whatever they are, they cost at most a second and
// 500 MB, or are a network of that size.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { faultsOfEnd, firstLine, measured } from '../command.mjs'
import { excessOf, HANG_SECONDS } from './budget.mjs'
import { KNOWN, nested, WIDE } from './heavy.mjs'
import { TopologyWorker } from './workers.mjs'

/** Inputs of each kind in a short run, and nested ones in a long one. */
const SHORT = { wide: 12, nested: 20 }
const NESTED_LONG = 400
/** What a command may take before it is ended, so that the machine survives. */
const LIMITS = { memoryMb: 6144, cpuSeconds: HANG_SECONDS, patienceMs: 600_000 }
const AT_ONCE = 2
const ENDLESS = 'does not end'

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean }} options */
export async function fuzzCosts({ random, long }) {
  const wide = long ? WIDE : Array.from({ length: SHORT.wide }, () => random.pick(WIDE))
  const deep = Array.from({ length: long ? NESTED_LONG : SHORT.nested }, () => nested(random))
  const expressions = [...new Set([...KNOWN, ...wide, ...deep])]
  const directory = mkdtempSync(join(tmpdir(), 'nslab-chaos-'))
  const failures = []
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, number) => {
      const file = join(directory, `heavy${number}.yaml`)
      const worker = new TopologyWorker()
      const loop = { best: Number.POSITIVE_INFINITY }
      while (next < expressions.length) {
        const expression = expressions[next++]
        const text = runInNewContext(expression)
        writeFileSync(file, text)
        const tried = await triedTwice(worker, text, loop)
        const faults = [
          ...(tried.fault === null ? [] : [`parseTopology and planLab: ${tried.fault}`]),
          ...(await said(file, tried)),
        ]
        const shown = `node -p '${expression.replaceAll("'", `'\\''`)}' > x.yaml`
        if (faults.length > 0) failures.push(`${shown}; ${faults.join('; ').replaceAll(file, 'x.yaml')}`)
      }
      worker.close()
    }),
  )
  rmSync(directory, { recursive: true })
  return { figures: { 'large topologies': expressions.length }, failures }
}

/**
 * The library is called twice in one process: some faults are the second call's. Of what both cost, the less counts, as on a
 * processor that nobody else uses.
 */
async function triedTwice(worker, text, loop) {
  const both = [await worker.try(text, { isTimed: true }), await worker.try(text, { isTimed: true })]
  const failed = both.find(({ outcome }) => outcome === 'died' || outcome === 'hung' || outcome === 'threw')
  const { outcome, size } = both[1]
  if (failed) return { outcome, size, fault: failed.outcome === 'hung' ? ENDLESS : failed.message.split('\n')[0] }
  loop.best = Math.min(loop.best, ...both.map(({ loopSeconds }) => loopSeconds))
  const cpuSeconds = Math.min(...both.map((each) => (each.cpuSeconds * loop.best) / each.loopSeconds))
  return { outcome, size, fault: excessOf({ size, cpuSeconds, rssMb: Math.min(...both.map(({ rssMb }) => rssMb)) }) }
}

/** What is wrong with what the command makes of it. Its time is the library's, and what it says of faults. */
async function said(file, { outcome, size, fault }) {
  // Once is enough.
  if (fault === ENDLESS) return []
  const words = outcome === 'accepted' ? ['plan', file] : ['validate', file]
  const ended = await measured(words, LIMITS)
  const excess = ended.rssMb === null ? null : excessOf({ size, cpuSeconds: 0, rssMb: ended.rssMb })
  const faults = [...faultsOfEnd(ended), ...(excess === null ? [] : [excess])]
  return faults.map(
    (fault) => `nslab ${words.join(' ')} ${fault} (${ended.status ?? ended.signal}: ${firstLine(ended)})`,
  )
}
