// Five processes choose a leader, while the network between them falls apart and grows together.
//
//   p1 ── west ══ east ── p3
//   p2 ────┘        ├──── p4
//                   └──── p5

import { labTest } from 'nslab/vitest'
import { expect } from 'vitest'

const PEERS = ['p1', 'p2', 'p3', 'p4', 'p5']

const test = labTest(`
name: election
nodes: { "p{i}": { repeat: 5 }, west: { kind: switch }, east: { kind: switch } }
links: [[p1, west], [p2, west], [p3, east], [p4, east], [p5, east], [west:trunk, east]]
`)

/** The program under test: the first of those that can be heard leads, if they are more than half of all. */
async function takePart(own: string, all: string[]) {
  const { createSocket } = await import('node:dgram')
  const heard = new Map<string, number>()
  const socket = createSocket('udp4', (message) => heard.set(String(message), Date.now()))
  await new Promise<void>((resolve) => socket.bind(7000, resolve))
  setInterval(() => {
    for (const name of all) socket.send(own, 7000, name, () => {})
    const living = all.filter((name) => Date.now() - (heard.get(name) ?? 0) < 500)
    Object.assign(globalThis, { leader: living.length > all.length / 2 ? living[0] : 'nobody' })
  }, 50)
}

/** Runs in the same process as `takePart` of the node. */
const leader = () => (globalThis as { leader?: string }).leader

test('the larger part of a network that falls apart has a leader, and the other part has none', async ({
  lab,
  node,
}) => {
  await Promise.all(PEERS.map((name) => node(name).run(takePart, name, PEERS)))
  const expectLeaders = (...names: string[]) =>
    expect.poll(() => Promise.all(PEERS.map((name) => node(name).run(leader))), { timeout: 10_000 }).toEqual(names)
  await expectLeaders('p1', 'p1', 'p1', 'p1', 'p1')

  await lab.run('steps: [{ at: 0s, down: "west:trunk" }]')
  await expectLeaders('nobody', 'nobody', 'p3', 'p3', 'p3')

  await lab.run('steps: [{ at: 0s, up: "west:trunk" }]')
  await expectLeaders('p1', 'p1', 'p1', 'p1', 'p1')
}, 30_000)
