// A picture of characters, for a terminal: nodes in rows, lines between them along rows and columns.
import stringWidth from 'string-width'
import { LabError } from '../../../errors.js'
import type { PictureEdge, PictureGraph, PictureNode } from '../../../model/picture/graph.js'
import type { PictureLabels, PictureOptions } from '../../../model/picture/options.js'
import { endLines, isDown, statusWord } from '../words.js'
import type { Stroke } from './canvas.js'
import { draw } from './draw.js'
import { layersOf, type Pairs } from './layers.js'
import { place } from './place.js'
import { type Rows, rowsOf, rowWidth } from './rows.js'

/** More do not fit on a terminal so that lines can be followed. */
export const ASCII_NODES = 30

/**
 * The picture, with labels as they are wanted where they fit into the columns; where they do not, it has fewer, and a list below it has all.
 *
 * @returns whole lines, with a line end at the end
 * @throws LabError USAGE for more than 30 nodes, and for a picture that does not fit without labels
 */
export function ascii(graph: PictureGraph, options: PictureOptions): string {
  const { nodes } = graph
  if (nodes.length > ASCII_NODES) {
    throw new LabError('USAGE', `ascii draws up to ${ASCII_NODES} nodes, and this picture has ${nodes.length}`, {
      hint: '--format svg or html draws them all: --format svg -o FILE',
    })
  }
  for (const [labels, isBroken] of attempts(options.labels)) {
    const rows = fitted(graph, labels, isBroken, options.columns)
    if (rows === null) continue
    place(rows, options.columns)
    const canvas = draw(rows, {
      texts: nodes.map((node) => textOf(node, labels)),
      isBus: nodes.map(({ isBus }) => isBus),
      isDead: nodes.map(({ status }) => status === 'dead'),
      strokes: graph.edges.map(strokeOf),
    })
    const list = labels === options.labels ? [] : ['', ...listOf(graph, options)]
    const lines = [...canvas.toLines(options.plain), ...legendOf(graph, options.plain), ...list]
    return `${(options.plain ? lines.map(plainText) : lines).join('\n')}\n`
  }
  throw new LabError('USAGE', `this picture does not fit into ${options.columns} columns`, {
    hint: 'a wider terminal may have room for it; --format svg or html needs none',
  })
}

/** What is wanted, and what is tried when that does not fit: fewer labels, then rows that are broken. */
const attempts = (labels: PictureLabels): [labels: PictureLabels, isBroken: boolean][] => {
  const fewer: PictureLabels[] =
    labels === 'none' ? ['none'] : labels === 'names' ? ['names', 'none'] : [labels, 'names']
  return [
    ...fewer.map((each) => [each, false] as [PictureLabels, boolean]),
    ['names', labels !== 'none'],
    ['none', true],
  ]
}

/** Text of a node's box; with fewer labels only what it is called, and its state. */
function textOf(node: PictureNode, labels: PictureLabels): string[] {
  const word = statusWord(node)
  const [name = '', ...rest] = node.lines
  const isShort = labels === 'none' || labels === 'names'
  return [word === null ? name : `${name} (${word})`, ...(isShort && node.kind !== 'summary' ? [] : rest)]
}

const strokeOf = ({ state, layer }: PictureEdge): Stroke =>
  isDown(state) ? 'dotted' : layer === 'overlay' ? 'dashed' : 'solid'

/**
 * Rows that fit; null: they do not.
 *
 * @param isBroken nodes of a row that is too wide go to a row of their own below it
 */
function fitted(graph: PictureGraph, labels: PictureLabels, isBroken: boolean, columns: number): Rows | null {
  const numbers = new Map(graph.nodes.map(({ id }, at) => [id, at]))
  const pairs: Pairs = graph.edges.map(({ ends: [a, b] }) => [numbers.get(a.node) ?? 0, numbers.get(b.node) ?? 0])
  const widths = graph.nodes.map((node) => Math.max(...textOf(node, labels).map((line) => stringWidth(line))))
  const texts = graph.edges.map((edge) => labelsOf(edge, labels))
  const hasLinks = graph.edges.some(({ layer }) => layer === 'underlay')
  const layers = layersOf(
    graph.nodes.map(({ kind }) => kind === 'host'),
    pairs.filter((_, at) => !hasLinks || graph.edges[at]?.layer === 'underlay'),
  )
  for (;;) {
    const rows = rowsOf(layers, pairs, widths, texts)
    const wide = rows.rows.findIndex((row) => rowWidth(row) > columns)
    if (wide < 0) return rows
    if (!isBroken || !makeRoom(layers, wide)) return null
  }
}

/** Moves the second half of a row to a new one below it. */
function makeRoom(layers: number[][], wide: number): boolean {
  const row = layers[wide]
  if (!row || row.length < 2 || layers.length > 2 * ASCII_NODES) return false
  const moved = row.splice(Math.ceil(row.length / 2))
  layers.splice(wide + 1, 0, moved)
  return true
}

/** The text at both ends; what belongs to the line is at the first. */
function labelsOf(edge: PictureEdge, labels: PictureLabels): [string[], string[]] {
  if (labels === 'none') return [[], []]
  const [first, second] = edge.ends.map((end) => endLines(end, labels)) as [string[], string[]]
  return [[...first, ...(labels === 'names' ? [] : edge.labels)], second]
}

function legendOf({ edges }: PictureGraph, isPlain: boolean): string[] {
  const strokes = new Set(edges.map(strokeOf))
  const [dashed, dotted] = isPlain ? [':', 'x'] : ['╎', '┊']
  const words = [
    ...(strokes.has('dashed') ? [`${dashed} tunnel`] : []),
    ...(strokes.has('dotted') ? [`${dotted} down`] : []),
  ]
  return words.length === 0 ? [] : ['', words.join('   ')]
}

/** What the picture has no room for, a line for each node and each line. */
function listOf({ nodes, edges }: PictureGraph, { labels }: PictureOptions): string[] {
  const ofNodes = nodes.flatMap(({ lines: [name = '', ...rest] }) =>
    rest.length > 0 ? [`${name}: ${rest.join(', ')}`] : [],
  )
  const ofEdges = edges.map((edge) => {
    const [a, b] = edge.ends.map((end) => [end.node, ...endLines(end, labels)].join(' '))
    const text = edge.labels.length > 0 ? ` (${edge.labels.join(', ')})` : ''
    return `${a} ── ${b}${text}`
  })
  return [...ofNodes, ...ofEdges]
}

/** Text of users in ASCII: `?` for what is not. */
const plainText = (line: string): string =>
  line
    .replaceAll('──', '--')
    .replaceAll('→', '->')
    .replaceAll('±', '+-')
    .replace(/[^ -~]/gu, '?')
