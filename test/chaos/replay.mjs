// node test/chaos/replay.mjs PART JSON
//
// Shows one attack that the part `kills` or `faults` has found something with, in a jail of its own; these parts print the
// command line. Needs root.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inJail } from './jail/jail.mjs'
import { makeTools } from './jail/tools.mjs'

const SECONDS = 60

/** @param {'kills' | 'faults'} part @param {object} only what its `attack` takes as `only` */
export const replayCommand = (part, only) =>
  `node test/chaos/replay.mjs ${part} '${JSON.stringify(only).replaceAll("'", "'\\''")}'`

async function replay(part, text) {
  const tools = makeTools()
  try {
    const only = JSON.parse(text)
    const { failures } = await inJail(tools, { module: `${part}/attack.mjs`, seed: 0, seconds: SECONDS, only })
    for (const { kind = 'failed', text: what } of failures) console.log(`${kind}: ${what}`)
    return failures.length === 0 ? 0 : 1
  } finally {
    rmSync(tools, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = await replay(process.argv[2], process.argv[3])
