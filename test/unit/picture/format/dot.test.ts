import { Graphviz } from '@hpcc-js/wasm-graphviz'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dot } from '../../../../src/picture/format/dot.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { runs } from '../../../support/effort.js'
import { edge, graph, node } from '../drawn.js'
import { options, shipped } from '../support.js'
import { oddGraph } from './odd.js'

const graphviz = await Graphviz.load()

/** What Graphviz has read, as its own JSON. */
const read = (text: string) => JSON.parse(graphviz.layout(text, 'dot_json', 'nop')) as { objects: any[]; edges?: any[] }

test('Graphviz reads every node, line and group', () => {
  const graph = graphOf(shipped('sites'), options({ groupBy: 'site' }))
  const { objects, edges } = read(dot(graph, options()))
  expect(objects.filter(({ name }) => name.startsWith('cluster'))).toHaveLength(3)
  expect(
    objects
      .filter(({ name }) => !name.startsWith('cluster'))
      .map(({ name }) => name)
      .sort(),
  ).toEqual(graph.nodes.map(({ id }) => id).sort())
  expect(edges).toHaveLength(graph.edges.length)
})

test('Graphviz draws every shipped topology with all of its labels', () => {
  for (const name of ['two-routers', 'overlay', 'campus', 'satellite']) {
    const graph = graphOf(shipped(name), options())
    const svg = graphviz.layout(dot(graph, options()), 'svg', 'dot')
    for (const { lines } of graph.nodes) expect(svg).toContain(`>${lines[0]}</text>`)
  }
})

test('a dead node, a link that is down and a tunnel look different without colour', () => {
  const graph = graphOf(shipped('overlay'), options())
  const text = dot(
    {
      ...graph,
      nodes: graph.nodes.map((node) => (node.id === 'h1' ? { ...node, status: 'dead' as const } : node)),
      edges: graph.edges.map((edge, at) => (at === 0 ? { ...edge, state: 'down' as const } : edge)),
    },
    options(),
  )
  expect(text).toContain('"h1" [label="h1\\n(dead)", shape=box, style=dashed')
  expect(text).toMatch(/"h1" -- "r1" \[.*label="down".*style=dotted/)
  expect(text).toMatch(/"h1" -- "h2" \[.*label="vxlan 42", style=dashed/)
})

test('positions of the user are kept by neato', () => {
  const graph = graphOf(shipped('two-hosts'), options({ positions: { h1: { x: 0, y: 100 }, h2: { x: 144, y: 100 } } }))
  const svg = graphviz.layout(dot(graph, options()), 'plain', 'neato')
  const [x1, x2] = [...svg.matchAll(/^node \S+ (\S+) /gm)].map((match) => Number(match[1]))
  expect((x2 as number) - (x1 as number)).toBeCloseTo(2)
})

test('texts are what they were, whatever they are', () => {
  fc.assert(
    fc.property(oddGraph, (graph) => {
      const { objects, edges = [] } = read(dot(graph, options()))
      const labels = objects.map(({ label }) => unescaped(label))
      for (const { lines, status } of graph.nodes)
        expect(labels).toContain([...lines, ...(status === 'dead' ? ['(dead)'] : [])].join('\n'))
      for (const { label } of graph.groups) expect(labels).toContain(label)
      expect(edges).toHaveLength(graph.edges.length)
      const texts = edges.map(({ label }) => unescaped(label))
      for (const { labels: own, state } of graph.edges)
        expect(texts).toContain([...own, ...(state === 'down' ? ['down'] : [])].join('\n'))
    }),
    runs(100),
  )
})

/** Escape sequences of the type escString, and then entities of HTML. */
const unescaped = (label: string): string =>
  label.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)).replaceAll('&amp;', '&')

test('a tunnel that is down keeps the dashes of tunnels', () => {
  const edges = [edge('a', 'b', { state: 'down' }), edge('a:t', 'b:t', { state: 'down', layer: 'overlay' })]
  const text = dot(graph([node('a'), node('b')], edges), options())
  expect(text).toMatch(/label="down", style=dotted, color=red\]/)
  expect(text).toMatch(/label="down", style=dashed, constraint=false, color=red\]/)
})
