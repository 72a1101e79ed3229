import { expect, test } from 'vitest'
import type { PictureEdge, PictureGraph, PictureNode } from '../../../../src/model/picture/graph.js'
import { PICTURE_LABELS, type PictureOptions } from '../../../../src/model/picture/options.js'
import type { Box, Sheet } from '../../../../src/model/picture/sheet.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { layoutSheet } from '../../../../src/picture/layout/layout-sheet.js'
import { edge, graph, node } from '../drawn.js'
import { options, shipped, viewOf } from '../support.js'
import { CLEAN, measure } from './overlaps.js'

const draw = (drawn: PictureGraph, some: Partial<PictureOptions> = {}): Sheet => layoutSheet(drawn, options(some))

const boxOf = (sheet: Sheet, id: string): Box =>
  sheet.nodes.find(({ node }) => node.id === id)?.box ?? { x: 0, y: 0, width: 0, height: 0 }

const middleOf = (sheet: Sheet, id: string): [number, number] => {
  const { x, y, width, height } = boxOf(sheet, id)
  return [x + width / 2, y + height / 2]
}

const isClean = (sheet: Sheet): void => {
  const { crossings, ...found } = measure(sheet)
  expect(found).toEqual(CLEAN)
}

const named = (names: string, some: Partial<PictureNode> = {}): PictureNode[] =>
  names.split(' ').map((id) => node(id, some))

// h1 ── r1 ── h2
test('a chain is a row from left to right', () => {
  const sheet = draw(graph(named('h1 r1 h2'), [edge('h1', 'r1:eth0'), edge('r1:eth1', 'h2')]))
  const [h1, r1, h2] = ['h1', 'r1', 'h2'].map((id) => middleOf(sheet, id))
  expect([h1?.[1], h2?.[1]]).toEqual([r1?.[1], r1?.[1]])
  expect([h1, r1, h2].map((point) => point?.[0])).toEqual(
    [h1, r1, h2].map((point) => point?.[0]).sort((a = 0, b = 0) => a - b),
  )
})

test('a LAN is a bar that is as wide as what hangs from it', () => {
  const nodes = [...named('h1 h2 h3'), node('sw1', { kind: 'switch', isBus: true })]
  const sheet = draw(
    graph(
      nodes,
      ['h1', 'h2', 'h3'].map((host, port) => edge(host, `sw1:eth${port}`)),
    ),
  )
  const bar = boxOf(sheet, 'sw1')
  for (const { points } of sheet.lines) {
    const [start, end] = points
    // At a right angle to the bar.
    expect(start?.x).toBe(end?.x)
    expect(end?.x).toBeGreaterThanOrEqual(bar.x)
    expect(end?.x).toBeLessThanOrEqual(bar.x + bar.width)
    expect(end?.y).toBe(bar.y + bar.height)
  }
})

const bundle = (count: number, a: string, b: string): PictureEdge[] =>
  Array.from({ length: count }, (_, port) => edge(`${a}:p${port}`, `${b}:p${port}`))

test.each(PICTURE_LABELS)('all of several parallel links begin and end at their boxes, with labels %s', (labels) => {
  const nodes = [...named('h1 h2 h3 h4'), node('s1', { kind: 'switch', isBus: true }), node('r1', { kind: 'router' })]
  const chain = [...bundle(8, 'h1', 'h2'), ...bundle(3, 'h2', 's1')]
  const ring = [...bundle(5, 'h1', 'r1'), ...bundle(4, 'r1', 'h2'), ...bundle(3, 'h1', 'h2')]
  const star = [...bundle(6, 'r1', 'h1'), ...bundle(1, 'r1', 'h2'), ...bundle(5, 'h3', 'r1'), edge('r1:x', 'h4:x')]
  const lan = [...bundle(6, 's1', 'h1'), ...bundle(2, 's1', 'h2'), edge('h3', 's1:x')]
  for (const edges of [chain, ring, star, lan, [...star, ...bundle(4, 'h4', 's1')]])
    isClean(draw(graph(nodes, edges), { labels }))
  for (const edges of [chain, star, lan]) expect(measure(draw(graph(nodes, edges), { labels })).crossings).toBe(0)
})

test('parallel links are apart, and so is a tunnel from the link below it', () => {
  const edges = [
    edge('h1:eth0', 'h2:eth0'),
    edge('h1:eth1', 'h2:eth1'),
    edge('h1:wg0', 'h2:wg0', { layer: 'overlay', type: 'wireguard', labels: ['wireguard'] }),
  ]
  const sheet = draw(graph(named('h1 h2'), edges))
  isClean(sheet)
  const ways = sheet.lines.map(({ points }) => JSON.stringify(points))
  expect(new Set(ways).size).toBe(3)
  expect(measure(sheet).crossings).toBe(0)
  expect(sheet.lines[2]?.points.length).toBeGreaterThan(2)
})

test('a tunnel does not change where its nodes are', () => {
  const links = [edge('h1', 'r1:eth0'), edge('r1:eth1', 'r2:eth0'), edge('r2:eth1', 'h2')]
  const tunnel = edge('h1:vx1', 'h2:vx1', { layer: 'overlay', type: 'vxlan' })
  const without = draw(graph(named('h1 r1 r2 h2'), links))
  const sheet = draw(graph(named('h1 r1 r2 h2'), [...links, tunnel]))
  isClean(sheet)
  const ids = ['h1', 'r1', 'r2', 'h2']
  expect(ids.map((id) => boxOf(sheet, id).x)).toEqual(ids.map((id) => boxOf(without, id).x))
})

test('tunnels between leaves do not hide that spines are above them', () => {
  const [spines, leaves] = [
    ['s1', 's2'],
    ['l1', 'l2', 'l3', 'l4'],
  ]
  const nodes = [...named('s1 s2 l1 l2 l3 l4', { kind: 'router' }), ...named('h1 h2 h3 h4')]
  const links = leaves.flatMap((leaf, number) => [
    ...spines.map((spine, port) => edge(`${spine}:eth${number}`, `${leaf}:eth${port}`)),
    edge(`${leaf}:eth2`, `h${number + 1}`),
  ])
  const tunnels = leaves.flatMap((leaf, number) =>
    leaves.slice(number + 1).map((other) => edge(`${leaf}:vx-${other}`, `${other}:vx-${leaf}`, { layer: 'overlay' })),
  )
  const sheet = draw(graph(nodes, [...links, ...tunnels]))
  isClean(sheet)
  const heights = (ids: readonly string[]) => new Set(ids.map((id) => middleOf(sheet, id)[1]))
  const [top, middle] = [heights(spines), heights(leaves)]
  expect([top.size, middle.size]).toEqual([1, 1])
  expect([...top][0]).toBeLessThan([...middle][0] ?? 0)
})

test('what is not connected is side by side', () => {
  const pairs = Array.from({ length: 12 }, (_, number) => [node(`a${number}`), node(`b${number}`)])
  const sheet = draw(
    graph(
      pairs.flat(),
      pairs.map(([a, b]) => edge(a?.id ?? '', b?.id ?? '')),
    ),
  )
  isClean(sheet)
  expect(sheet.width / sheet.height).toBeGreaterThan(0.5)
  expect(sheet.width / sheet.height).toBeLessThan(4)
})

test.each([[[]], [['h1']], [['h1', 'h2', 'h3', 'h4', 'h5']]])(
  'a lab of the nodes %j without links is drawn',
  (names) => {
    const sheet = draw(
      graph(
        names.map((id) => node(id)),
        [],
      ),
    )
    isClean(sheet)
    expect(sheet.nodes.map(({ node }) => node.id)).toEqual(names)
    expect(sheet.width).toBeGreaterThan(0)
  },
)

test('a link of a node to itself is written in its box', () => {
  const [first, second] = edge('h1:x1', 'h1:x2').ends
  const ends: PictureEdge['ends'] = [
    { ...first, addresses: ['10.0.0.1/24'] },
    { ...second, addresses: ['fd00::2/64'], master: 'red' },
  ]
  const loop = { ...edge('h1:x1', 'h1:x2'), ends, state: 'down' as const, labels: ['delay 5ms'] }
  const sheet = draw(graph(named('h1 h2'), [edge('h1', 'h2'), loop]))
  isClean(sheet)
  expect(sheet.lines.map(({ id }) => id)).toEqual(['h1:eth0--h2:eth0'])
  const lines = ['h1', 'x1 ↔ x2 in red, down, delay 5ms', 'x1 10.0.0.1/24', 'x2 fd00::2/64']
  expect(sheet.nodes.map(({ node }) => node.lines)).toEqual([lines, ['h2']])
})

test('each group has a frame around its nodes alone', () => {
  const groups = ['x', 'y', 'z']
  const nodes = groups.flatMap((group) => named(`${group}1 ${group}2 ${group}3`, { group: `group:${group}` }))
  const edges = groups.flatMap((group, number) => [
    edge(`${group}1:eth0`, `${group}2:eth0`),
    edge(`${group}1:eth1`, `${group}3:eth0`),
    edge(`${group}1:eth2`, `${groups[(number + 1) % 3]}1:eth3`),
  ])
  const sheet = draw(graph([...nodes, node('alone')], [...edges, edge('alone', 'x2:eth1')]))
  isClean(sheet)
  expect(sheet.groups.map(({ group }) => group.label)).toEqual(groups)
})

test('positions win over the layout, and nodes without one are beside those', () => {
  const positions = { h1: { x: 400, y: 300 }, r1: { x: 100, y: 80 } }
  const sheet = draw(
    graph(named('h1 r1 h2 h3'), [edge('h1', 'r1:eth0'), edge('r1:eth1', 'h2'), edge('r1:eth2', 'h3')]),
    { positions },
  )
  expect([middleOf(sheet, 'h1'), middleOf(sheet, 'r1')]).toEqual([
    [400, 300],
    [100, 80],
  ])
  expect(measure(sheet).overlaps).toEqual([])
  expect(measure(sheet).outside).toEqual([])
  expect(sheet.warnings).toEqual([])
})

test('texts have room beside nodes that have a position and those that have none', () => {
  const view = viewOf(`
    nodes:
      h1: {position: [100, 300]}
      r1: {kind: router, position: [400, 100]}
      sw: {kind: switch}
      h2: {}
      h3: {}
    links: [[h1, r1], [r1, sw], [sw, h2], [sw, h3]]
  `)
  const sheet = draw(graphOf(view, options()))
  isClean(sheet)
  expect(sheet.warnings).toEqual([])
  expect([middleOf(sheet, 'h1'), middleOf(sheet, 'r1')]).toEqual([
    [100, 300],
    [400, 100],
  ])
})

test('texts have room in the frame of a group in one row', () => {
  const view = viewOf(`
    nodes: {h1: {labels: {site: a}}, s1: {kind: switch, labels: {site: a}}, h2: {}}
    links: [[h1, s1], [h2, s1]]
  `)
  const wanted = options({ groupBy: 'site' })
  const sheet = layoutSheet(graphOf(view, wanted), wanted)
  isClean(sheet)
  expect(sheet.warnings).toEqual([])
})

test.each(['campus', 'leaf-spine', 'sites', 'wireguard', 'ring'])(
  'the positions of a picture of %s give the same picture',
  (name) => {
    const drawn = graphOf(shipped(name), options())
    const first = draw(drawn)
    const positions = Object.fromEntries(
      first.nodes.map(({ node }) => {
        const [x, y] = middleOf(first, node.id)
        return [node.id, { x, y }]
      }),
    )
    const second = draw(drawn, { positions })
    expect(second.nodes).toEqual(first.nodes)
    expect(second.warnings).toEqual([])
    expect(measure(second).crossings).toBe(measure(first).crossings)
  },
)

test('of two nodes at one place the first stays, and the other is told of', () => {
  const positions = { h1: { x: 200, y: 200 }, h2: { x: 210, y: 205 } }
  const sheet = draw(graph(named('h1 h2'), [edge('h1', 'h2')]), { positions })
  expect(middleOf(sheet, 'h1')).toEqual([200, 200])
  expect(measure(sheet).overlaps).toEqual([])
  expect(sheet.warnings).toEqual(['h2 at 210, 205 is over h1: the layout has put it elsewhere'])
})

test('a node that is not wholly on the sheet is moved onto it', () => {
  const sheet = draw(graph(named('h1 h2'), [edge('h1', 'h2')]), {
    positions: { h1: { x: -50, y: 120 }, h2: { x: 300, y: 120 } },
  })
  const { width } = boxOf(sheet, 'h1')
  expect(middleOf(sheet, 'h1')).toEqual([width / 2, 120])
  expect(sheet.warnings).toEqual([`h1 at -50, 120 is not wholly on the sheet: it is at ${width / 2}, 120`])
})

test('frames that overlap since nodes of two groups are among each other are told of', () => {
  const nodes = [...named('a1 a2', { group: 'group:a' }), ...named('b1 b2', { group: 'group:b' })]
  const at = (x: number) => ({ x, y: 100 })
  const positions = { a1: at(100), b1: at(250), a2: at(400), b2: at(550) }
  const { warnings } = draw(graph(nodes, []), { positions })
  expect(warnings).toEqual(['the frames of a and b overlap: nodes of both are among each other'])
})

test('texts without room are left out, and the sheet says how many', () => {
  const positions = { h1: { x: 100, y: 100 }, h2: { x: 170, y: 100 } }
  const sheet = draw(graph(named('h1 h2'), [edge('h1', 'h2', { labels: ['a very long text'] })]), { positions })
  expect(measure(sheet).overlaps).toEqual([])
  expect(sheet.warnings[0]).toMatch(/of the texts at lines have no room/)
})

test('overlaps are found where there are some', () => {
  const sheet = draw(
    graph(named('h1 r1 h2'), [edge('h1', 'r1:eth0'), edge('r1:eth1', 'h2'), edge('h1:eth1', 'h2:eth1')]),
  )
  isClean(sheet)
  for (const { box } of sheet.nodes) box.y = 100
  for (const line of sheet.lines) line.points = line.points.map(({ x }) => ({ x, y: 110 }))
  expect(measure(sheet).hits).toContain('r1:eth1--h2:eth0 through h1')
  for (const { box } of sheet.nodes) box.x = 0
  expect(measure(sheet).overlaps).toContain('h1 over r1')
})
