// Which events are wanted.
import { expect, test } from 'vitest'
import { wantedBy } from '../../../../src/lab/watch/filter.js'

test.each([
  ['h*', ['h', 'h1', 'h10'], ['r1', 'xh1']],
  ['h?', ['h1'], ['h', 'h10']],
  ['h1', ['h1'], ['h10', 'H1']],
  ['*-1', ['a-1', '-1'], ['a-12']],
])('the nodes of %s', (glob, those, others) => {
  const { node } = wantedBy({ nodes: [glob] })
  expect(those.filter(node)).toEqual(those)
  expect(others.filter(node)).toEqual([])
})

test('all by default, some when they are named, none that there are not', () => {
  expect(wantedBy({}).networks.size).toBe(6)
  expect(wantedBy({}).node('anything')).toBe(true)
  const some = wantedBy({ events: ['route', 'node'] })
  expect([...some.networks]).toEqual(['route'])
  expect([some.nodeEvents, some.impairments]).toEqual([true, false])
  expect(() => wantedBy({ events: ['weather' as 'route'] })).toThrow('there are no events "weather"')
})
