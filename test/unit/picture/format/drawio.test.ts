import { expect, test } from 'vitest'
import { drawio } from '../../../../src/picture/format/drawio.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { layoutSheet } from '../../../../src/picture/layout/layout-sheet.js'
import { edge, graph, node } from '../drawn.js'
import { options, shipped } from '../support.js'
import { type Element, named, parseXml } from '../xml.js'

const cellsOf = (document: string): Element[] => named(parseXml(document), 'mxCell')
const geometryOf = (cell: Element | undefined) => cell?.children.find(({ name }) => name === 'mxGeometry')?.attributes

test('the cells of draw.io are at the places of the sheet, and lines are between cells that exist', () => {
  const sheet = layoutSheet(graphOf(shipped('overlay'), options()), options())
  const document = drawio(sheet)
  const root = parseXml(document)
  expect([root.name, root.children[0]?.name, named(root, 'root').length]).toEqual(['mxfile', 'diagram', 1])
  const cells = new Map(cellsOf(document).map((cell) => [cell.attributes.id, cell]))
  expect(cells.size).toBe(cellsOf(document).length)
  for (const { node, box } of sheet.nodes) {
    const { x, y, width, height } = geometryOf(cells.get(`node ${node.id}`)) ?? {}
    expect({ x, y, width, height }).toEqual({
      ...{ x: String(box.x), y: String(box.y), width: String(box.width), height: String(box.height) },
    })
  }
  const edges = [...cells.values()].filter(({ attributes }) => attributes.edge === '1')
  expect(edges).toHaveLength(4)
  for (const { attributes } of edges) expect(cells.has(attributes.source) && cells.has(attributes.target)).toBe(true)
  for (const { attributes } of [...cells.values()].slice(1)) expect(cells.has(attributes.parent)).toBe(true)
  expect(
    edges.filter(({ attributes }) => attributes.style?.includes('dashed=1')).map(({ attributes }) => attributes.id),
  ).toEqual(['line h1:vx42--h2:vx42'])
})

test('nodes of a group move with its frame', () => {
  const nodes = [node('h1', { group: 'group:a' }), node('h2', { group: 'group:a' }), node('h3')]
  const sheet = layoutSheet(graph(nodes, [edge('h1', 'h2'), edge('h2:eth1', 'h3')]), options())
  const cells = cellsOf(drawio(sheet))
  const frame = cells.find(({ attributes }) => attributes.id === 'group group:a')
  const inside = cells.filter(({ attributes }) => attributes.parent === 'group group:a')
  expect(inside.map(({ attributes }) => attributes.id)).toEqual(['node h1', 'node h2'])
  expect(frame?.attributes.style).toContain('container=1')
  const [h1] = sheet.nodes
  expect(Number(geometryOf(frame)?.x) + Number(geometryOf(inside[0])?.x)).toBeCloseTo(h1?.box.x ?? 0, 1)
})

test('text is HTML, so that a name with < is written as it is', () => {
  const sheet = layoutSheet(graph([node('h1', { lines: ['a<b>&', 'second'] })], []), options())
  const cell = cellsOf(drawio(sheet)).find(({ attributes }) => attributes.id === 'node h1')
  expect(cell?.attributes.value).toBe('<b>a&#60;b&#62;&#38;</b><br><font style="font-size:11px">second</font>')
})
