import { expect, test } from 'vitest'
import type { PictureLabels } from '../../../../src/model/picture/options.js'
import { svgOf } from '../../../../src/picture/format/svg.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { layoutSheet } from '../../../../src/picture/layout/layout-sheet.js'
import { makeShape, type ShapeFlags } from '../../../../src/topology/generate/shapes.js'
import { writeTopology } from '../../../../src/topology/generate/write.js'
import { edge, graph, node } from '../drawn.js'
import { options, viewOf } from '../support.js'
import { CLEAN, measure } from './overlaps.js'

/** The name of a shape, its numbers and flags, the labels, and the most crossings and lines through boxes. */
const SHAPES: [string, string[], ShapeFlags, PictureLabels, { crossings: number; hits: number }][] = [
  ['clos', [], { leaves: 8, spines: 4, hosts: 32 }, 'none', { crossings: 168, hits: 0 }],
  ['clos', [], { leaves: 8, spines: 4, hosts: 32 }, 'names', { crossings: 168, hits: 0 }],
  ['clos', [], { leaves: 4, spines: 2, hosts: 2, 'super-spines': 2 }, 'all', { crossings: 7, hits: 0 }],
  ['fat-tree', ['4'], {}, 'names', { crossings: 40, hits: 0 }],
  ['fat-tree', ['8'], {}, 'none', { crossings: 3700, hits: 0 }],
  ['grid', ['3', '4'], {}, 'all', { crossings: 0, hits: 0 }],
  ['grid', ['20', '20'], {}, 'none', { crossings: 0, hits: 0 }],
  ['ring', ['4'], {}, 'all', { crossings: 0, hits: 0 }],
  ['ring', ['12'], { hosts: 3 }, 'names', { crossings: 0, hits: 0 }],
  ['full', ['6'], {}, 'names', { crossings: 15, hits: 0 }],
  ['star', ['8'], {}, 'all', { crossings: 0, hits: 0 }],
  ['star', ['64'], {}, 'names', { crossings: 0, hits: 0 }],
  ['tree', ['3', '3'], {}, 'names', { crossings: 0, hits: 0 }],
  ['tree', ['2', '8'], {}, 'names', { crossings: 0, hits: 0 }],
  ['chain', ['5'], {}, 'all', { crossings: 0, hits: 0 }],
  ['chain', ['40'], {}, 'names', { crossings: 0, hits: 0 }],
  ['dumbbell', ['4', '4'], {}, 'all', { crossings: 0, hits: 0 }],
  ['random', ['12'], { degree: 3, seed: 1 }, 'all', { crossings: 4, hits: 0 }],
  ['random', ['500'], { degree: 3, seed: 1, hosts: 0 }, 'none', { crossings: 4500, hits: 20 }],
  ['random', ['250'], { degree: 3, seed: 1 }, 'names', { crossings: 1600, hits: 10 }],
]

test.each(SHAPES)(
  'no box and no text is over another in the picture of %s %j %j with labels %s',
  (name, numbers, flags, labels, most) => {
    const view = viewOf(writeTopology(makeShape(name, numbers, flags), 'lab', ''))
    const wanted = options({ labels })
    const { overlaps, outside, loose, hits, crossings } = measure(layoutSheet(graphOf(view, wanted), wanted))
    expect({ overlaps, outside, loose }).toEqual({ overlaps: [], outside: [], loose: [] })
    expect(hits.length, hits.slice(0, 5).join('; ')).toBeLessThanOrEqual(most.hits)
    expect(crossings).toBeLessThanOrEqual(most.crossings)
  },
)

/** The name of a shape, its numbers and flags, and the most texts of ends that are nearer to another line. */
const SMALL: [string, string[], ShapeFlags, number][] = [
  ['tree', ['2', '3'], {}, 0],
  ['tree', ['2', '8'], {}, 2],
  ['tree', ['3', '3'], {}, 0],
  ['clos', [], { leaves: 4, spines: 2, hosts: 3 }, 0],
  ['clos', [], { leaves: 4, spines: 2, hosts: 2, 'super-spines': 2 }, 0],
  ['fat-tree', ['4'], {}, 3],
  ['star', ['8'], {}, 0],
  ['ring', ['6'], { hosts: 2 }, 0],
  ['full', ['6'], {}, 0],
  ['grid', ['3', '4'], {}, 0],
  ['chain', ['5'], {}, 0],
  ['dumbbell', ['4', '4'], {}, 0],
  ['random', ['12'], { degree: 3, seed: 1 }, 0],
]

test.each(SMALL)(
  'no line passes through a text, and every text is at its line, in the picture of %s %j %j',
  (name, numbers, flags, most) => {
    const view = viewOf(writeTopology(makeShape(name, numbers, flags), 'lab', ''))
    for (const labels of ['names', 'all'] as const) {
      const wanted = options({ labels })
      const sheet = layoutSheet(graphOf(view, wanted), wanted)
      const { crossings, nearer, ...found } = measure(sheet)
      expect({ ...found, nearer: [] }, labels).toEqual(CLEAN)
      expect(nearer.length, nearer.join('; ')).toBeLessThanOrEqual(most)
      expect(sheet.warnings, labels).toEqual([])
    }
  },
)

test('a lab of 1,000 nodes is drawn node by node', () => {
  const shape = makeShape('random', ['500'], { degree: 3, seed: 1 })
  const nodes = [...shape.nodes].map(([name, kind]) => node(name, { kind }))
  const ports = new Map<string, number>()
  const portOf = (name: string): string => {
    const port = ports.get(name) ?? 0
    ports.set(name, port + 1)
    return `${name}:eth${port}`
  }
  const drawn = graph(
    nodes,
    shape.links.map(([a, b]) => edge(portOf(a), portOf(b))),
  )
  expect(nodes).toHaveLength(1000)
  const sheet = layoutSheet(drawn, options({ labels: 'none' }))
  expect(sheet.nodes).toHaveLength(1000)
  expect(sheet.lines).toHaveLength(shape.links.length)
  expect(svgOf(sheet, 'auto')).not.toMatch(/NaN|Infinity/)
})
