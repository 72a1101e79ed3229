// `plan --script` for every kind of interface that docs/interfaces.md has an example of, and for the topologies of kinds that
// few kernels have: what the kernel holds after the script is what it holds after `up`.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { Lab, networkScript, parseTopology, resolveTopology } from '../../dist/index.js'
import { bothNetworks, ScriptLab } from '../support/script-lab.mjs'

const topologies = ['wireguard.yaml']

const page = readFileSync(new URL('../../docs/interfaces.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^## (.*)\n[\s\S]*?^```yaml\n([\s\S]*?)^```/gm)]

/** Else the kernel puts a device of each kind of tunnel into every namespace, whichever comes first, the module or that. */
const FALLBACK_TUNNELS = '/proc/sys/net/core/fb_tunnels_only_for_init_net'

async function compare(text) {
  writeFileSync(FALLBACK_TUNNELS, '1')
  const topology = resolveTopology(parseTopology(/^name:/m.test(text) ? text : `name: script\n${text}`))
  const made = await ScriptLab.run(networkScript(topology))
  try {
    const lab = await Lab.up(topology)
    try {
      const both = await bothNetworks(lab, made)
      assert.deepEqual(both.script, both.lab)
      const read = Object.values(both.lab).flatMap(({ wireguard }) => wireguard)
      assert.equal(read.length > 0, text.includes('kind: wireguard'))
    } finally {
      await lab.down()
    }
  } finally {
    await made.close()
    writeFileSync(FALLBACK_TUNNELS, '0')
  }
}

const shipped = (file) => readFileSync(new URL(`../../topologies/${file}`, import.meta.url), 'utf8')

export const tests = Object.fromEntries([
  ...examples.flatMap(([, title, text]) =>
    // A card can be in one of both only.
    /^ *r:.* device: /m.test(text) ? [] : [[title, () => compare(text)]],
  ),
  ...topologies.map((file) => [file, () => compare(shipped(file))]),
])
