// Pictures with texts that no format may take for its own marks.
import fc from 'fast-check'
import type { PictureEdge, PictureGraph, PictureNode } from '../../../../src/model/picture/graph.js'

/** One line of printable text, as titles and labels are. */
export const oddText: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom(
      ...['end', 'graph', 'subgraph', 'style a:#b;', 'classDef x:#y;', '"', '\\', '\\"', '\\N', '\\', '&amp;', '&#34;'],
      ...['<b>', '</svg>', '<!--', ']]>', '#quot;', '#35;', '`md`', '"`md`"', '--> b', '|', '[x]', '%% no', '{', '}'],
      ...['<br/>', '$$x$$', 'a;b', '::: c', '@{ shape: x }', "it's", '日本語', 'é', '🙂', '1. a', '- b', '&'],
    ),
  )
  .map((text) => text.replace(/\p{C}|\p{Zl}|\p{Zp}/gu, ' ').trim())
  .filter((text) => text !== '')

export const oddGraph: fc.Arbitrary<PictureGraph> = fc
  .tuple(fc.array(fc.tuple(oddText, oddText), { minLength: 2, maxLength: 5 }), oddText, oddText, oddText)
  .map(([texts, label, group, name]): PictureGraph => {
    const nodes = texts.map(
      ([title, line], at): PictureNode => ({
        id: at === 0 ? `group:${title}` : `n${at}`,
        kind: (['host', 'router', 'switch', 'summary'] as const)[at % 4] ?? 'host',
        lines: [title, line],
        status: at === 1 ? 'dead' : 'running',
        isBus: at === 2,
        group: at % 2 === 0 ? `group:${group}` : null,
        count: 1,
      }),
    )
    const edges = nodes.slice(1).map(({ id }, at): PictureEdge => {
      const end = (node: string) => ({
        node,
        interface: name,
        addresses: ['fd00::1/64'],
        state: 'up' as const,
        master: null,
      })
      return {
        id: `e${at}`,
        ends: [end(nodes[at]?.id ?? ''), end(id)],
        layer: at % 2 === 0 ? 'underlay' : 'overlay',
        type: 'veth',
        state: at === 1 ? 'down' : 'up',
        labels: [label],
        network: null,
      }
    })
    return {
      lab: 'odd',
      status: 'running',
      nodes,
      edges,
      groups: [{ id: `group:${group}`, label: group }],
      networks: [],
    }
  })
