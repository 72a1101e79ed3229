// How requests wait for descriptors.
import { expect, test } from 'vitest'
import { DescriptorBudget } from '../../../../src/lab/build/descriptor-budget.js'

test('no more are open than there may be, and those who wait come in order', async () => {
  const budget = new DescriptorBudget(10)
  const events: string[] = []
  const take = (name: string, count: number) => budget.take(count).then(() => void events.push(name))
  await take('a', 6)
  const waiting = [take('b', 5), take('c', 1), take('d', 4)]
  await Promise.resolve()
  expect(events).toEqual(['a'])
  budget.release(6)
  await Promise.all(waiting)
  expect(events).toEqual(['a', 'b', 'c', 'd'])
  const last = take('e', 1)
  await Promise.resolve()
  expect(events).toHaveLength(4)
  budget.release(5)
  await last
})
