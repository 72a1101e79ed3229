// `npm run test:chaos`: attacks nslab, and writes what came of it to docs/reliability.md. Needs root.
//
//   npm run test:chaos                        a few minutes
//   npm run test:chaos -- --long              much more of everything
//   npm run test:chaos -- --seed 7 kills      the run with this seed, and only this part
//   npm run test:chaos -- --about wire faults only commands of `faults`, or damages of `state`, with this in their name
//
// A part is a module of PARTS whose `run` attacks and returns its figures and its failures. All that is random comes from the
// seed, which is printed first.
import { parseArgs } from 'node:util'
import { randomFrom } from './random.mjs'
import { writeReport } from './report.mjs'

/** In the order in which they run. */
const PARTS = ['kills', 'faults', 'state', 'fuzz', 'labs', 'changes', 'soak', 'hostile']

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' }, long: { type: 'boolean', default: false }, about: { type: 'string' } },
  allowPositionals: true,
})
const seed = values.seed === undefined ? Date.now() % 1_000_000_007 : Number(values.seed)
const unknown = positionals.find((name) => !PARTS.includes(name))
if (unknown !== undefined || !Number.isSafeInteger(seed)) {
  console.error(`there is no part ${unknown}; the parts are ${PARTS.join(', ')}`)
  process.exit(2)
}

console.log(`chaos: seed ${seed}${values.long ? ', long' : ''}`)
const results = []
for (const name of positionals.length > 0 ? positionals : PARTS) {
  const { run, title } = await import(`./${name}.mjs`)
  const began = performance.now()
  const result = await run({ random: randomFrom(`${seed} ${name}`), long: values.long, about: values.about })
  const seconds = Math.round((performance.now() - began) / 1000)
  results.push({ name, title, seconds, ...result })
  for (const [what, figure] of Object.entries(result.figures)) console.log(`chaos: ${name}: ${what}: ${figure}`)
  for (const failure of result.failures) console.error(`chaos: ${name}: FAILED: ${failure}`)
}
const failures = results.flatMap((result) => result.failures)
if (positionals.length === 0) writeReport({ seed, long: values.long, results })
console.log(
  `${results.length - results.filter((each) => each.failures.length > 0).length} passed, ${results.filter((each) => each.failures.length > 0).length} failed`,
)
process.exitCode = failures.length === 0 ? 0 : 1
