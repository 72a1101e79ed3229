// Runs in the guest, in one process, since a second start of Node.js takes seconds there. Each file of this folder but this
// one exports `tests`: name → function. Prints TAP; status 1 when one failed.
import { readdirSync } from 'node:fs'

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.mjs') && file !== 'main.mjs')
let failures = 0
let number = 0
console.log('TAP version 14')
for (const file of files.sort()) {
  const { tests } = await import(`./${file}`)
  for (const [name, run] of Object.entries(tests)) {
    const began = performance.now()
    const error = await run().then(
      () => null,
      (thrown) => thrown,
    )
    const took = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`${error === null ? 'ok' : 'not ok'} ${++number} - ${file.replace('.mjs', '')}: ${name} # ${took} s`)
    if (error === null) continue
    failures++
    console.log(`# ${(error.stack ?? String(error)).replaceAll('\n', '\n# ')}`)
  }
}
console.log(`1..${number}`)
process.exitCode = failures === 0 ? 0 : 1
