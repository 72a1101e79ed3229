// A picture of characters, for a terminal: nodes in rows, lines between them along rows and columns.
import stringWidth from 'string-width'
import { LabError } from '../../../errors.js'
import type { PictureEdge, PictureGraph, PictureNode } from '../../../model/picture/graph.js'
import type { PictureLabels, PictureOptions } from '../../../model/picture/options.js'
import { endLines, isOff, statusWord } from '../../graph/words.js'
import { bundled } from './bundle.js'
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
  for (const attempt of attemptsFor(options.labels)) {
    const { labels } = attempt
    const shown = attempt.isBundled ? bundled(graph) : graph
    const rows = fitted(shown, attempt, options.columns)
    if (rows === null) continue
    place(rows, options.columns)
    const canvas = draw(rows, {
      texts: shown.nodes.map((node) => textOf(node, labels)),
      isBus: shown.nodes.map(({ isBus }) => isBus),
      isDead: shown.nodes.map(({ status }) => status === 'dead'),
      strokes: shown.edges.map(strokeOf),
    })
    const isWhole = shown === graph && labels === options.labels
    const list = isWhole || options.labels === 'none' ? [] : ['', ...listOf(graph, options)]
    const lines = [...canvas.toLines(options.plain), ...legendOf(graph, options.plain), ...list]
    return `${(options.plain ? lines.map(plainText) : lines).join('\n')}\n`
  }
  throw new LabError('USAGE', `this picture does not fit into ${options.columns} columns`, {
    hint: 'a wider terminal may have room for it; --format svg or html needs none',
  })
}

interface Attempt {
  labels: PictureLabels
  /** Leaves are put together. */
  isBundled: boolean
  /** Nodes of a row that is too wide go to a row of their own below it. */
  isBroken: boolean
}

/** What is wanted, and what is tried when that does not fit. */
function attemptsFor(labels: PictureLabels): Attempt[] {
  const names = labels === 'none' ? 'none' : 'names'
  const attempt = (some: Partial<Attempt>): Attempt => ({ labels: names, isBundled: false, isBroken: false, ...some })
  return [
    attempt({ labels }),
    attempt({}),
    attempt({ isBundled: true }),
    attempt({ isBundled: true, isBroken: true }),
    attempt({ labels: 'none', isBundled: true, isBroken: true }),
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
  isOff(state) ? 'dotted' : layer === 'overlay' ? 'dashed' : 'solid'

/** Rows that fit; null: they do not. */
function fitted(graph: PictureGraph, { labels, isBroken }: Attempt, columns: number): Rows | null {
  const numbers = new Map(graph.nodes.map(({ id }, at) => [id, at]))
  const pairs: Pairs = graph.edges.map(({ ends: [a, b] }) => [numbers.get(a.node) ?? 0, numbers.get(b.node) ?? 0])
  const widths = graph.nodes.map((node) => Math.max(...textOf(node, labels).map((line) => stringWidth(line))))
  const texts = graph.edges.map((edge) => labelsOf(edge, labels))
  const hasLinks = graph.edges.some(({ layer }) => layer === 'underlay')
  const layers = layersOf(
    graph.nodes.map(({ kind }) => kind === 'host'),
    pairs.filter((_, at) => !hasLinks || graph.edges[at]?.layer === 'underlay'),
  )
  const spill = new Map<readonly number[], number[]>()
  for (;;) {
    const rows = rowsOf(layers, pairs, widths, texts)
    const wide = rows.rows.findIndex((row) => rowWidth(row) > columns)
    if (wide < 0) return rows
    if (!isBroken || !makeRoom(layers, wide, spill)) return null
  }
}

/** Moves the last node of a row to the row below it that was made for such nodes. */
function makeRoom(layers: number[][], wide: number, spill: Map<readonly number[], number[]>): boolean {
  const row = layers[wide]
  if (!row || row.length < 2) return false
  const below = spill.get(row) ?? []
  if (!spill.has(row)) layers.splice(wide + 1, 0, below)
  spill.set(row, below)
  below.unshift(...row.splice(-1))
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
