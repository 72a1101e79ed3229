// A picture as a graph in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html), which then lays it out itself. neato
// and fdp keep positions that the user wrote.
import type { PictureEdge, PictureGraph, PictureNode } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import { endLines, isOff, statusWord } from '../graph/words.js'

/** @returns a whole file, with a line end at its end */
export function dot(graph: PictureGraph, { labels }: PictureOptions): string {
  // A unit of the sheet is a point. Graphviz would move nodes with positions, too, to avoid overlaps.
  const isPlaced = graph.nodes.some(({ position }) => position)
  const lines = [
    `graph ${quoted(graph.lab)} {`,
    `  graph [${isPlaced ? 'inputscale=72, ' : 'overlap=false, '}splines=true, fontname="sans-serif"]`,
    '  node [shape=box, style=rounded, fontname="sans-serif"]',
    '  edge [fontname="sans-serif", fontsize=10]',
    ...graph.groups.flatMap(({ id, label }, at) => [
      `  subgraph cluster_${at} {`,
      `    label=${escString([label])}`,
      ...graph.nodes.filter(({ group }) => group === id).map((node) => `    ${nodeLine(node)}`),
      '  }',
    ]),
    ...graph.nodes.filter(({ group }) => group === null).map((node) => `  ${nodeLine(node)}`),
    ...graph.edges.map((edge) => `  ${edgeLine(edge, labels)}`),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function nodeLine(node: PictureNode): string {
  const word = statusWord(node)
  return `${quoted(node.id)} [${[
    `label=${escString([...node.lines, ...(word === null ? [] : [`(${word})`])])}`,
    ...shapeOf(node),
    ...(node.position ? [`pos="${node.position.x},${-node.position.y}!"`] : []),
  ].join(', ')}]`
}

function shapeOf({ kind, isBus, status }: PictureNode): string[] {
  const faint = status === 'dead' ? ['style=dashed', 'color=gray40', 'fontcolor=gray40'] : []
  if (isBus) return ['shape=box', 'height=0.1', 'penwidth=3', ...faint]
  switch (kind) {
    case 'host':
      return ['shape=box', ...faint]
    case 'router':
      return ['shape=ellipse', ...faint]
    case 'switch':
      return ['shape=box3d', ...faint]
    case 'summary':
      return ['shape=folder', ...faint]
  }
}

function edgeLine(edge: PictureEdge, labels: PictureOptions['labels']): string {
  const { ends, layer } = edge
  const [tail, head] = ends.map((end) => endLines(end, labels)) as [string[], string[]]
  const middle = [...edge.labels, ...(isOff(edge.state) ? ['down'] : [])]
  const attributes = [
    ...(tail.length > 0 ? [`taillabel=${escString(tail)}`] : []),
    ...(head.length > 0 ? [`headlabel=${escString(head)}`] : []),
    ...(middle.length > 0 ? [`label=${escString(middle)}`] : []),
    ...(layer === 'overlay' ? ['style=dashed', 'constraint=false'] : isOff(edge.state) ? ['style=dotted'] : []),
    ...(isOff(edge.state) ? ['color=red'] : []),
  ]
  const between = ends.map(({ node }) => quoted(node)).join(' -- ')
  return attributes.length === 0 ? between : `${between} [${attributes.join(', ')}]`
}

/** A quoted ID: the only escaped character is the quote, but two backslashes are kept from escaping what follows. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** The type escString, of lines in the middle. Labels have escape sequences such as \N, and entities of HTML. */
const escString = (lines: readonly string[]): string =>
  `"${lines.map((line) => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')).join('\\n')}"`
