import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mermaid } from '../../../../src/picture/format/mermaid.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { runs } from '../../../support/effort.js'
import { readFlowchart } from '../../../support/mermaid.js'
import { edge, graph, node } from '../drawn.js'
import { options, shipped } from '../support.js'
import { oddGraph } from './odd.js'

test('Mermaid reads nodes, lines with both ends, and groups', () => {
  const graph = graphOf(shipped('two-routers'), options())
  const { nodes, edges } = readFlowchart(mermaid(graph, options()))
  expect([...nodes.values()]).toEqual(graph.nodes.map(({ lines }) => lines.join('\n')))
  expect(edges[0]).toEqual({
    from: 'n0',
    to: 'n1',
    text: 'eth0\n10.0.0.0/31\nfd00::/127\n—\neth0\n10.0.0.1/31\nfd00::1/127',
  })
  const sites = graphOf(shipped('sites'), options({ groupBy: 'site' }))
  expect(readFlowchart(mermaid(sites, options())).groups.map(({ title }) => title)).toEqual(['1', '2', '3'])
})

test.each(['lan', 'campus', 'overlay', 'wireguard', 'leaf-spine', 'lossy-radio'])('Mermaid reads %s', (name) => {
  const graph = graphOf(shipped(name), options())
  const { nodes, edges } = readFlowchart(mermaid(graph, options()))
  expect([nodes.size, edges.length]).toEqual([graph.nodes.length, graph.edges.length])
})

test('the parser of these tests refuses what Mermaid refuses', () => {
  expect(() => readFlowchart('flowchart TB\n  a["x"" y"]\n')).toThrow()
  expect(() => readFlowchart('flowchart TB\n  a[(x]\n')).toThrow()
})

test('texts are what they were, whatever they are', () => {
  fc.assert(
    fc.property(oddGraph, (graph) => {
      const { nodes, edges, groups } = readFlowchart(mermaid(graph, options()))
      const texts = graph.nodes.map(({ lines, status }) =>
        [...lines, ...(status === 'dead' ? ['(dead)'] : [])].join('\n'),
      )
      expect([...nodes.keys()].sort().map((id) => nodes.get(id))).toEqual(texts)
      expect(groups.map(({ title }) => title)).toEqual(graph.groups.map(({ label }) => label))
      expect(edges).toHaveLength(graph.edges.length)
      for (const [at, { text }] of edges.entries()) expect(text).toContain(`\n${graph.edges[at]?.labels[0]}`)
    }),
    runs(100),
  )
})

test('a title is no directive', () => {
  const text = mermaid(graph([node('a', { lines: ['%%{init: {"theme": "dark"}}%%'] })], []), options())
  expect(text).not.toContain('%')
  expect([...readFlowchart(text).nodes.values()]).toEqual(['%%{init: {"theme": "dark"}}%%'])
})

test('a tunnel that is down keeps the dashes of tunnels', () => {
  const edges = [edge('a', 'b', { state: 'down' }), edge('a:t', 'b:t', { state: 'down', layer: 'overlay' })]
  const text = mermaid(graph([node('a'), node('b')], edges), options())
  expect(text).toContain('linkStyle 0 stroke:#c00,stroke-dasharray: 2 4\n')
  expect(text).toContain('linkStyle 1 stroke:#c00\n')
})
