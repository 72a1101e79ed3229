// Every shipped topology, and every example of the documentation, against itself and against the others, in a model of the kernel.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ResolvedTopology } from '../../../../src/model/resolved.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { ModelLab } from '../../../support/kernel-model/lab.js'
import { pictureOf } from '../../../support/kernel-model/picture.js'

const ROOT = new URL('../../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const resolve = (text: string): ResolvedTopology =>
  resolveTopology(parseTopology(text, { defaultName: 'lab' }), { findSource: (path) => path })

const shipped = readdirSync(new URL('topologies', ROOT))
  .filter((file) => file.endsWith('.yaml'))
  .map((file): [string, string] => [file.replace('.yaml', ''), read(`topologies/${file}`)])
const documented = ['interfaces', 'routes'].flatMap((page) =>
  [...read(`docs/${page}.md`).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ''], at): [string, string] => [
    `${page}-${at + 1}`,
    text,
  ]),
)
const all = [...shipped, ...documented].map(([name, text]) => ({ name, topology: { ...resolve(text), name: 'lab' } }))
const hasCard = ({ topology }: (typeof all)[number]): boolean =>
  topology.nodes.some(({ interfaces }) => interfaces.some(({ kind }) => kind === 'device'))

test.each(all)('$name differs in nothing from itself', ({ topology }) => {
  const lab = new ModelLab(topology)
  const plan = lab.change(topology)
  expect(plan.change).toEqual({ lab: 'lab', equal: true, differences: [], restarts: [] })
  expect(plan.first).toEqual({ nodes: [], start: [], wire: null, commands: [] })
  expect([plan.last, plan.emulations, plan.insides, plan.commands]).toEqual([[], [], [], []])
})

// A quarter of all pairs, with each topology on both sides of many.
const free = all.filter((each) => !hasCard(each))
const pairs = free.flatMap((from, one) => free.flatMap((to, other) => ((one + other) % 4 === 0 ? [{ from, to }] : [])))

test.each(pairs.filter(({ from, to }) => from !== to))('$from.name becomes $to.name', ({ from, to }) => {
  const lab = new ModelLab(from.topology)
  const plan = lab.change(to.topology)
  expect(plan.change.equal).toBe(false)
  const before = pictureOf(lab.kernel)
  lab.rollBack(plan)
  expect(pictureOf(lab.kernel)).toEqual(before)
  lab.apply(plan)
  expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(to.topology).kernel))
  const again = lab.change(to.topology)
  expect(again.change.differences).toEqual([])
  expect(again.first.nodes).toEqual([])
  expect(again.last).toEqual([])
})
