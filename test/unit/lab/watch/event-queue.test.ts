// Events wait for a slow reader, up to a number of them.
import { expect, test } from 'vitest'
import { EventQueue } from '../../../../src/lab/watch/event-queue.js'
import type { LabEvent } from '../../../../src/model/lab-event.js'

const AT = '2026-03-01T09:14:05.240Z'
const paused = (pid: number): LabEvent => ({ at: AT, event: 'node', action: 'pause', node: 'h1', pid })
const DOWN: LabEvent = { at: AT, event: 'lab', action: 'down', lab: 'l', nodes: 1 }

async function all(queue: EventQueue): Promise<LabEvent[]> {
  const events: LabEvent[] = []
  for (let next = await queue.next(); !next.done; next = await queue.next()) events.push(next.value)
  return events
}

test('a reader gets events in their order, whenever it comes, and the end', async () => {
  const queue = new EventQueue()
  const first = queue.next()
  queue.push(paused(1))
  expect(await first).toEqual({ done: false, value: paused(1) })
  for (let pid = 2; pid < 100; pid++) queue.push(paused(pid))
  queue.end(DOWN)
  queue.push(paused(100))
  expect(await all(queue)).toEqual([...Array.from({ length: 98 }, (_, at) => paused(at + 2)), DOWN])
  expect(await queue.next()).toEqual({ done: true, value: undefined })
})

test('a reader that is too slow finds out how many were dropped, where they were dropped', async () => {
  const queue = new EventQueue(3)
  for (let pid = 0; pid < 10; pid++) queue.push(paused(pid))
  expect(await queue.next()).toMatchObject({ value: { pid: 0 } })
  queue.push(paused(10))
  queue.push(paused(11))
  queue.end(DOWN)
  const rest = await all(queue)
  expect(rest).toMatchObject([
    { pid: 1 },
    { pid: 2 },
    { event: 'lost', action: 'behind', node: null, count: 7 },
    { pid: 10 },
    { event: 'lost', count: 1 },
    { action: 'down' },
  ])
})

test('an error comes after what waits, once', async () => {
  const queue = new EventQueue()
  queue.push(paused(1))
  queue.end(undefined, new Error('broken'))
  expect(await queue.next()).toMatchObject({ done: false })
  await expect(queue.next()).rejects.toThrow('broken')
  expect(await queue.next()).toMatchObject({ done: true })
})

test('what is closed drops what waits', async () => {
  const queue = new EventQueue()
  queue.push(paused(1))
  queue.close()
  expect(await queue.next()).toMatchObject({ done: true })
})
