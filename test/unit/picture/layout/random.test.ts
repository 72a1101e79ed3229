// Pictures of networks that nobody has thought of.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { PICTURE_LABELS } from '../../../../src/model/picture/options.js'
import { layoutSheet } from '../../../../src/picture/layout/layout-sheet.js'
import { runs } from '../../../support/effort.js'
import { edge, graph, node } from '../drawn.js'
import { options } from '../support.js'
import { measure } from './overlaps.js'

const graphs = fc.integer({ min: 1, max: 14 }).chain((count) =>
  fc.record({
    nodes: fc.array(
      fc.record({
        kind: fc.constantFrom('host' as const, 'router' as const, 'switch' as const),
        group: fc.constantFrom(null, null, 'group:a', 'group:b'),
        lines: fc.array(fc.constantFrom('n', 'a-long-name-of-a-node', '10.0.0.1/32'), { minLength: 1, maxLength: 3 }),
      }),
      { minLength: count, maxLength: count },
    ),
    edges: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.boolean(), fc.boolean()), {
      maxLength: 2 * count,
    }),
    labels: fc.constantFrom(...PICTURE_LABELS),
  }),
)

test('no box and no text is over another, whatever the network', () => {
  fc.assert(
    fc.property(graphs, ({ nodes, edges, labels }) => {
      const drawn = graph(
        nodes.map(({ kind, ...each }, number) => node(`n${number}`, { kind, isBus: kind === 'switch', ...each })),
        edges.map(([a, b, isTunnel, isDown], number) =>
          edge(`n${a}:eth${number}`, `n${b}:eth${number}`, {
            layer: isTunnel ? 'overlay' : 'underlay',
            ...(isDown ? { state: 'down' as const } : {}),
          }),
        ),
      )
      const { overlaps, outside, loose } = measure(layoutSheet(drawn, options({ labels })))
      expect({ overlaps, outside, loose }).toEqual({ overlaps: [], outside: [], loose: [] })
    }),
    runs(200),
  )
}, 60_000)
