import { expect, test } from 'vitest'
import type { PictureFormat } from '../../../src/model/picture/options.js'
import { drawLab, sheetOfLab } from '../../../src/picture/draw.js'
import { shipped, viewOf } from './support.js'

const FORMATS = ['svg', 'png', 'dot', 'mermaid', 'drawio', 'ascii', 'html'] as const

test.each(FORMATS)('%s: the same bytes for the same lab', async (format) => {
  const [a, b] = [await drawLab(shipped('campus'), format), await drawLab(shipped('campus'), format)]
  expect(a).toEqual(b)
  expect(a).toMatchObject({ format, warnings: [] })
  expect(a.content.length).toBeGreaterThan(100)
})

test('by default, large labs have fewer labels', () => {
  const star = (count: number) =>
    viewOf(
      `nodes: {s: {kind: switch}, "h{i}": {repeat: {i: ${count}}}}\nlinks: [{repeat: {i: ${count}}, endpoints: ["h{i}", s]}]`,
    )
  const text = (count: number) => sheetOfLab(star(count)).lines[0]?.endTexts[0]?.lines
  expect(text(20)).toEqual(['eth0', '10.128.0.1/24', 'fd00:1::1/64'])
  expect(text(100)).toEqual(['eth0'])
  expect(text(200)).toBeUndefined()
})

test('an unknown format, a layer without lines, a label that no node has', async () => {
  await expect(drawLab(shipped('lan'), 'gif' as PictureFormat)).rejects.toThrow(
    'there is no format gif: svg, png, dot,',
  )
  await expect(drawLab(shipped('lan'), 'svg', { layer: 'overlay' })).rejects.toThrow(
    'lan has no tunnels between its nodes',
  )
  expect((await drawLab(shipped('sites'), 'dot', { groupBy: 'rack' })).warnings).toEqual([
    'no node has the label rack; there are role, site',
  ])
})

test('positions of the caller win over those of the topology', () => {
  const view = viewOf('nodes: {a: {position: [100, 100]}, b: {}}\nlinks: [[a, b]]')
  const { box } = sheetOfLab(view, { positions: { a: { x: 400, y: 50 } } }).nodes[0] ?? {
    box: { x: 0, y: 0, width: 0, height: 0 },
  }
  expect([box.x + box.width / 2, box.y + box.height / 2]).toEqual([400, 50])
})

test('what an option cannot do for a format is told', async () => {
  const warningsOf = async (format: PictureFormat, some: Parameters<typeof drawLab>[2]) =>
    (await drawLab(shipped('sites'), format, some)).warnings
  expect(sheetOfLab(shipped('sites'), { groupBy: 'rack' }).warnings).toEqual([
    'no node has the label rack; there are role, site',
  ])
  expect(sheetOfLab(shipped('sites'), { theme: 'dark' }).warnings).toEqual([
    'a sheet has no theme: svg, png and html have',
  ])
  expect(await warningsOf('ascii', { groupBy: 'site' })).toEqual(['ascii draws no frames around groups'])
  expect(await warningsOf('dot', { groupBy: 'site' })).toEqual([])
  for (const format of ['ascii', 'dot', 'mermaid', 'drawio'] as const)
    expect(await warningsOf(format, { theme: 'dark' })).toEqual([`${format} has no theme: svg, png and html have`])
  expect(await warningsOf('svg', { theme: 'dark' })).toEqual([])
})

test('Mermaid draws no more than 500 lines by default', async () => {
  const star = viewOf(
    'nodes: {s: {kind: switch}, "h{i}": {repeat: {i: 501}}}\nlinks: [{repeat: {i: 501}, endpoints: ["h{i}", s]}]',
  )
  expect((await drawLab(star, 'mermaid')).warnings).toEqual([
    'Mermaid draws 500 lines unless maxEdges of the page says more, and this picture has 501',
  ])
})

test('a summary by a label with too many values is told', async () => {
  const view = viewOf('nodes: {"h{i}": {repeat: {i: 1600}, labels: {id: "x{i}"}}}')
  expect((await drawLab(view, 'dot', { groupBy: 'id' })).warnings).toEqual([
    'the label id has 1600 values, more than 200: the summary is not by it',
  ])
})
