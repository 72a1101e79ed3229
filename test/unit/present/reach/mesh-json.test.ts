import { expect, test } from 'vitest'
import { meshJson } from '../../../../src/present/reach/mesh-json.js'

const pairs = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ from: `h${index}`, to: 'ħ "2"', address: '10.0.0.2', sent: 2, received: 1, rttMs: 0.05 },
    error: index % 2 ? 'no\nroute' : null,
  }))

test.each([0, 1, 2, 2000])('the document of %i pairs is that of JSON.stringify, in groups of whole lines', (count) => {
  const mesh = { pairs: pairs(count), sent: 2 * count, received: count, elapsedMs: 1.5 }
  const groups = [...meshJson(mesh)]
  expect(groups.join('\n')).toBe(JSON.stringify(mesh, null, 2))
  expect(Math.max(...groups.map(({ length }) => length))).toBeLessThan(70_000)
})
