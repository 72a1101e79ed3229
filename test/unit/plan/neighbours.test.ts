// Permanent neighbours in a plan: one operation an interface, but one command each for people and scripts.
import { expect, test } from 'vitest'
import { buildPlan, planLab } from '../../../src/plan/build.js'
import { resolve } from '../topology/support.js'

// a, b, c ── lan     a ── b
const topology = () =>
  resolve(`
neighbours: static
families: [4]
nodes: { a: { neighbours: [{ address: 10.0.0.2, mac: "02:00:00:00:00:09", dev: eth0 }] }, b: {}, c: {} }
links: [{ endpoints: [a, b, c] }, [a, b]]
`)

test('an interface has one operation with all of its entries', () => {
  const plan = buildPlan(topology())
  const adds = plan.nodes.flatMap(({ whole }) => whole.filter((op) => op.op === 'neighbours.add'))
  expect(adds.map(({ node, interface: name, entries }) => [node, name, entries.map(({ address }) => address)])).toEqual(
    [
      ['a', 'eth0', ['10.0.0.2', '10.128.0.2', '10.128.0.3']],
      ['a', 'eth1', ['10.0.0.1']],
      ['b', 'eth0', ['10.128.0.1', '10.128.0.3']],
      ['b', 'eth1', ['10.0.0.0']],
      ['c', 'eth0', ['10.128.0.1', '10.128.0.2']],
    ],
  )
})

test('the list of operations has each entry, and no node its own', () => {
  const all = topology()
  const singles = planLab(all).filter((op) => op.op === 'neighbour.add')
  const entries = all.nodes.flatMap(({ name: node, neighbours, interfaces }) =>
    neighbours.map(({ interface: name, address, mac }) => {
      const index = interfaces.find((each) => each.name === name)?.index
      return { op: 'neighbour.add', node, index, interface: name, address, mac }
    }),
  )
  expect(singles).toEqual(entries)
  for (const { node, address } of singles) {
    const own = all.nodes.find(({ name }) => name === node)?.interfaces.flatMap(({ addresses }) => addresses)
    expect(own?.map((each) => each.split('/')[0])).not.toContain(address)
  }
})
