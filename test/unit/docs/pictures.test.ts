// The picture in the README is up to date with its topology and with the layout. `npm run docs` draws it.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { drawLab } from '../../../src/picture/draw.js'
import { viewOfResolved } from '../../../src/present/view.js'
import { resolve } from '../topology/support.js'

test('docs/office.svg is the picture of the topology in the README', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const [, topology = ''] = /^```yaml\n([\s\S]*?)^```/m.exec(readme) ?? []
  const { content, warnings } = await drawLab(viewOfResolved(resolve(topology)), 'svg')
  expect(warnings).toEqual([])
  await expect(content).toMatchFileSnapshot('../../../docs/office.svg')
})
