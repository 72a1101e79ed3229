// What is made from the schema is there as it would be made now. `npm run docs` makes it.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { topologyJsonSchema } from '../../../src/topology/json-schema.js'
import { describedKeys, withTables } from '../../support/reference.js'

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

test.each([
  ['topology', 'nodes.*'],
  ['interfaces', 'nodes.*.interfaces.*=vxlan'],
  ['routes', 'nodes.*.rules.[]'],
  ['contents', 'nodes.*.mounts.[]'],
])('the tables of docs/%s.md are those of the schema', async (name, one) => {
  const page = readFileSync(new URL(`docs/${name}.md`, ROOT), 'utf8')
  expect(page).toContain(`<!-- keys: ${one} -->`)
  await expect(withTables(page, topologyJsonSchema())).toMatchFileSnapshot(`../../../docs/${name}.md`)
})
