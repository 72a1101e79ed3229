// The plan of every shipped topology, and of the examples of docs/interfaces.md and docs/routes.md, which have an interface
// of every kind: operation by operation, and as a shell script, byte for byte.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ResolvedTopology } from '../../../src/model/resolved.js'
import { planLab } from '../../../src/plan/build.js'
import { networkScript } from '../../../src/plan/say/script.js'
import { resolveTopology } from '../../../src/topology/resolve.js'
import { parseTopology } from '../../../src/topology/source/parse.js'

const ROOT = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const resolve = (text: string): ResolvedTopology =>
  resolveTopology(parseTopology(text, { defaultName: 'lab' }), { findSource: (path) => path })

const isTopology = (file: string): boolean => file.endsWith('.yaml')
const shipped = readdirSync(new URL('topologies', ROOT))
  .filter(isTopology)
  .map((file): [string, string] => [file.replace('.yaml', ''), read(`topologies/${file}`)])
const documented = ['interfaces', 'routes'].flatMap((page) =>
  [...read(`docs/${page}.md`).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ''], index): [string, string] => [
    `${page}-${index + 1}`,
    text,
  ]),
)

test.each([...shipped, ...documented])('the plan of %s is its golden file', async (name, text) => {
  const topology = resolve(text)
  const lines = planLab(topology).map((op) => `${JSON.stringify(op)}\n`)
  // Not called .json or .sh: the formatter would rewrite them.
  await expect(lines.join('')).toMatchFileSnapshot(`../../fixtures/plan/${name}.ops.golden`)
  await expect(networkScript(topology)).toMatchFileSnapshot(`../../fixtures/plan/${name}.script.golden`)
})
