// The generated parts of the docs are up to date with the schema. `npm run docs` generates them.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { IMPAIRMENT_KEYS } from '../../../src/topology/schema/impairments.js'
import { scenarioJsonSchema, topologyJsonSchema } from '../../../src/topology/schema/json-schema.js'
import { presetsPage } from '../../support/presets-page.js'
import { describedKeys, tabledKeys, withTables } from '../../support/reference.js'

const ROOT = new URL('../../../', import.meta.url)

test('every key of the schema is described', () => {
  const keys = describedKeys(topologyJsonSchema())
  expect(keys.length).toBeGreaterThan(40)
  expect(keys.filter(([, description]) => !description).map(([key]) => key)).toEqual([])
})

test('topology.schema.json is the schema', async () => {
  await expect(`${JSON.stringify(topologyJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../../topology.schema.json',
  )
})

test('scenario.schema.json is the schema of scenarios', async () => {
  await expect(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../../scenario.schema.json',
  )
})

const PAGES = [
  ['topology', 'nodes.*'],
  ['links', 'links.[].pairs.*'],
  ['scenarios', 'scenario.steps.[]'],
  ['checks', 'checks.[]'],
  ['interfaces', 'nodes.*.interfaces.*=vxlan'],
  ['routes', 'nodes.*.rules.[]'],
  ['contents', 'nodes.*.mounts.[]'],
  ['namespace-choice', 'nodes.*.time'],
] as const

/** Before the keys that are those of one direction wherever they are written. */
const OF_DIRECTION = new RegExp(
  `^links\\.\\[\\]\\.(?:(?:endpoints\\.)?\\[\\]\\.|\\*\\.)?(?=(?:${IMPAIRMENT_KEYS.join('|')})(?:\\.|$))`,
)

test('every key of the schema has a line in a table', () => {
  const schema = topologyJsonSchema()
  const tables = new Set(
    PAGES.flatMap(([name]) => tabledKeys(readFileSync(new URL(`docs/${name}.md`, ROOT), 'utf8'), schema)),
  )
  // The page explains these in words: a kind has the keys of a node, a list of endpoints those of `endpoints`,
  // `corrupt` those of `duplicate`, IPv6 those of IPv4, `udp` those of `tcp`.
  const same = (key: string) =>
    key
      .replace(/^(?:kinds\.\*|defaults\.node)\./, 'nodes.*.')
      .replace(/^defaults\.link\./, 'links.[].')
      .replace(/^links\.\[\]\.\[\]\./, 'links.[].endpoints.[].')
      .replace(/^scenario\.\[\]\./, 'scenario.steps.[].')
      .replace(/^scenario\.steps\.\[\]\.set\.\*\./, 'links.[].pairs.*.')
      .replace(OF_DIRECTION, 'links.[].pairs.*.')
      .replace(/\.corrupt\./, '.duplicate.')
      .replace(/^checks\.\[\]\.udp\./, 'checks.[].tcp.')
      .replace(/^pools\.ipv6\./, 'pools.ipv4.')
      .replace(/\.users\.groups\./, '.users.map.')
  const missing = describedKeys(schema).filter(([key]) => !tables.has(same(key)) && !key.endsWith('.extends'))
  expect(missing.map(([key]) => key)).toEqual([])
})

test.each(PAGES)('the tables of docs/%s.md are those of the schema', async (name, one) => {
  const page = readFileSync(new URL(`docs/${name}.md`, ROOT), 'utf8')
  expect(page).toContain(`<!-- keys: ${one} -->`)
  await expect(withTables(page, topologyJsonSchema())).toMatchFileSnapshot(`../../../docs/${name}.md`)
})

test('docs/link-presets.md has the presets', async () => {
  await expect(presetsPage()).toMatchFileSnapshot('../../../docs/link-presets.md')
})
