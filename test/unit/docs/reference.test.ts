// The generated parts of the docs are up to date with the schema. `npm run docs` generates them.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { topologyJsonSchema } from '../../../src/topology/schema/json-schema.js'
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

const PAGES = [
  ['topology', 'nodes.*'],
  ['interfaces', 'nodes.*.interfaces.*=vxlan'],
  ['routes', 'nodes.*.rules.[]'],
  ['contents', 'nodes.*.mounts.[]'],
  ['namespace-choice', 'nodes.*.time'],
] as const

test('every key of the schema has a line in a table', () => {
  const schema = topologyJsonSchema()
  const tables = new Set(
    PAGES.flatMap(([name]) => tabledKeys(readFileSync(new URL(`docs/${name}.md`, ROOT), 'utf8'), schema)),
  )
  // The page explains these in words: a kind has the keys of a node, a list of endpoints those of `endpoints`, IPv6 those of IPv4.
  const same = (key: string) =>
    key
      .replace(/^(?:kinds\.\*|defaults\.node)\./, 'nodes.*.')
      .replace(/^defaults\.link\./, 'links.[].')
      .replace(/^links\.\[\]\.\[\]\./, 'links.[].endpoints.[].')
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
