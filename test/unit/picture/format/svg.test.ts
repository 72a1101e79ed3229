import { expect, test } from 'vitest'
import type { PictureGraph } from '../../../../src/model/picture/graph.js'
import type { PictureOptions } from '../../../../src/model/picture/options.js'
import { svgOf } from '../../../../src/picture/format/svg.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { layoutSheet } from '../../../../src/picture/layout/layout-sheet.js'
import { edge, graph, node } from '../drawn.js'
import { options, shipped } from '../support.js'
import { elementsOf, named, ofClass, parseXml } from '../xml.js'

const draw = (drawn: PictureGraph, some: Partial<PictureOptions> = {}) => {
  const wanted = options(some)
  return svgOf(layoutSheet(drawn, wanted), wanted.theme)
}

const titleOf = (svg: string, name: string): (string | undefined)[] =>
  ofClass(parseXml(svg), name).map((element) => element.children.find((child) => child.name === 'title')?.text)

test('the svg of a lab is one well-formed document with the lab as its name', () => {
  const svg = parseXml(draw(graphOf(shipped('leaf-spine'), options())))
  const { xmlns, role, viewBox, width, height } = svg.attributes
  expect({ xmlns, role }).toEqual({ xmlns: 'http://www.w3.org/2000/svg', role: 'img' })
  expect(viewBox).toBe(`0 0 ${width} ${height}`)
  const ids = svg.attributes['aria-labelledby']?.split(' ') ?? []
  const named = ids.map((id) => elementsOf(svg).find(({ attributes }) => attributes.id === id)?.text)
  expect(named).toEqual(['leaf-spine', '8 nodes, 9 lines'])
})

test('every node and every line has an id of its own and a title', () => {
  const svg = draw(graphOf(shipped('sites'), options()))
  const all = elementsOf(parseXml(svg)).flatMap(({ attributes }) => attributes.id ?? [])
  expect(new Set(all).size).toBe(all.length)
  expect(titleOf(svg, 'node')).toContain('gw1: router, planned')
  expect(titleOf(svg, 'line')).toContain('gw1:east – gw2:west, veth, planned')
  expect([titleOf(svg, 'node').length, titleOf(svg, 'line').length]).toEqual([12, 12])
})

test('it loads nothing and runs nothing', () => {
  const svg = draw(graphOf(shipped('campus'), options()))
  const names = new Set(elementsOf(parseXml(svg)).map(({ name }) => name))
  expect([...names].sort()).toEqual(['desc', 'g', 'path', 'rect', 'style', 'svg', 'text', 'title'])
  expect(svg).not.toMatch(/url\(|@import|href|javascript/)
})

test('the same lab is drawn in the same bytes', () => {
  const view = shipped('wireguard')
  expect(draw(graphOf(view, options()))).toBe(draw(graphOf(structuredClone(view), options())))
})

test('names and texts are written as they are, whatever characters they have', () => {
  const words = `<a href="x">&amp;'\u0007 ünï 路由器 🛰`
  const svg = parseXml(
    draw(graph([node('h1', { lines: [words] }), node('h2')], [edge('h1', 'h2', { labels: [words] })])),
  )
  const texts = named(svg, 'text').map(({ text }) => text)
  expect(texts.filter((text) => text === words.replace('\u0007', ''))).toHaveLength(2)
})

test('what does not run is told in words and in dashes, not by colour alone', () => {
  const nodes = [node('h1', { status: 'dead' }), node('h2', { status: 'paused' }), node('r1', { kind: 'router' })]
  const edges = [edge('h1', 'r1', { state: 'down' }), edge('h2', 'r1:eth1')]
  const svg = draw(graph(nodes, edges), { labels: 'none' })
  expect(titleOf(svg, 'dead')).toEqual(['h1: host, dead'])
  expect(titleOf(svg, 'paused')).toEqual(['h2: host, paused'])
  expect(titleOf(svg, 'down')).toEqual(['h1:eth0 – r1:eth0, veth, down'])
  expect(named(parseXml(svg), 'text').map(({ text }) => text)).toEqual(['h1', 'dead', 'h2', 'paused', 'r1', 'down'])
  expect(svg).toMatch(/\.dead \.box \{ stroke-dasharray: /)
  expect(svg).toMatch(/\.down \{ stroke-dasharray: /)
})

test('hosts, routers, switches, LANs and groups of nodes have different shapes', () => {
  const kinds = ['host', 'router', 'switch', 'summary'] as const
  const nodes = [...kinds.map((kind) => node(kind, { kind, count: 7 })), node('lan', { kind: 'switch', isBus: true })]
  const svg = parseXml(draw(graph(nodes, [])))
  const shapes = ofClass(svg, 'node').map((element) =>
    ofClass(element, 'box').map(({ name, attributes }) => `${name} ${attributes.rx ?? ''}`),
  )
  expect(new Set(shapes.map(String)).size).toBe(5)
  expect(elementsOf(svg).map(({ text }) => text)).toContain('summary: 7 nodes, running')
})

test.each([
  ['auto', true, '#ffffff'],
  ['light', false, '#ffffff'],
  ['dark', false, '#0f1720'],
] as const)('the theme %s', (theme, isReaders, sheet) => {
  const svg = draw(graph([node('h1')], []), { theme })
  // Paper is white.
  expect(svg.includes('@media screen and (prefers-color-scheme: dark)')).toBe(isReaders)
  expect(svg).toContain(`.sheet { fill: ${sheet}; }`)
})

test('LANs have a colour and a line in the legend, which names the switch', () => {
  const svg = parseXml(draw(graphOf(shipped('sites'), options())))
  const legend = ofClass(svg, 'legend')[0]
  const texts = legend && named(legend, 'text').map(({ text }) => text)
  expect(texts).toEqual(['10.128.0.0/24 (lan-1)', '10.128.1.0/24 (lan-2)', '10.128.2.0/24 (lan-3)'])
  expect(ofClass(svg, 'network-0').length).toBe(4)
})

test('names that differ by dots and underscores have ids that differ', () => {
  const edges = [edge('a:x.5f.y', 'b:e0'), edge('a:x_y', 'b:e0')]
  const ids = ofClass(parseXml(draw(graph([node('a'), node('b')], edges))), 'line').map(
    ({ attributes }) => attributes.id,
  )
  expect(new Set(ids).size).toBe(2)
})
