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
