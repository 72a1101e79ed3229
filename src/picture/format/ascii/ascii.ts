// A picture of characters, for a terminal: nodes in rows, lines between them along rows and columns.
import stringWidth from 'string-width'
import { LabError } from '../../../errors.js'
import type { PictureEdge, PictureGraph } from '../../../model/picture/graph.js'
import type { PictureLabels, PictureOptions } from '../../../model/picture/options.js'
import { isOff } from '../../graph/words.js'
import { bundled } from './bundle.js'
import type { Stroke } from './canvas.js'
import { draw } from './draw.js'
import { layersOf, type Pairs } from './layers.js'
import { place } from './place.js'
import { type Rows, rowsOf, rowWidth } from './rows.js'
import { labelsOf, listOf, plainGraph, plainText, type TextOptions, textOf } from './texts.js'

/** More do not fit on a terminal so that lines can be followed. */
export const ASCII_NODES = 30

/**
 * The picture, with labels as they are wanted where they fit into the columns; where they do not, it has fewer, and a list below it has all.
 *
 * @returns whole lines, with a line end at the end
 * @throws LabError USAGE for more than 30 nodes, and for a picture that does not fit without labels
 */
export function ascii(graph: PictureGraph, options: PictureOptions): string {
  const { columns, plain } = options
  if (graph.nodes.length > ASCII_NODES) {
    throw new LabError('USAGE', `ascii draws up to ${ASCII_NODES} nodes, and this picture has ${graph.nodes.length}`, {
      hint: '--format svg or html draws them all: --format svg -o FILE',
    })
  }
  const written = plain ? plainGraph(graph) : graph
  for (const [number, attempt] of attemptsFor(options.labels).entries()) {
    const shown = attempt.isBundled ? bundled(written, attempt.hasMiddle) : written
    const rows = fitted(shown, attempt, columns)
    if (rows === null) continue
    place(rows, columns)
    const canvas = draw(rows, {
      texts: shown.nodes.map((node) => textOf(node, attempt)),
      isBus: shown.nodes.map(({ isBus }) => isBus),
      isDead: shown.nodes.map(({ status }) => status === 'dead'),
      strokes: shown.edges.map(strokeOf),
    })
    const list = number === 0 ? [] : listOf(written, options.labels)
    return `${[
      ...canvas.toLines(plain),
      ...legendOf(shown, plain),
      ...(list.length === 0 ? [] : ['', ...(plain ? list.map(plainText) : list)]),
    ].join('\n')}\n`
  }
  throw new LabError('USAGE', `this picture does not fit into ${options.columns} columns`, {
    hint: 'a wider terminal may have room for it; --format svg or html needs none',
  })
}

interface Attempt extends TextOptions {
  /** Leaves are put together. */
  isBundled: boolean
  /** Nodes of a row that is too wide go to a row of their own below it. */
  isBroken: boolean
}

/** What is wanted, and what is tried when that does not fit. */
function attemptsFor(wanted: PictureLabels): Attempt[] {
  const labels = wanted === 'none' ? 'none' : 'names'
  const whole: Attempt = { labels: wanted, hasMiddle: true, isCut: false, isBundled: false, isBroken: false }
  const bundles: Attempt = { ...whole, labels, isCut: true, isBundled: true }
  return [
    whole,
    { ...whole, isCut: true },
    { ...whole, labels },
    { ...whole, labels, hasMiddle: false },
    { ...whole, labels, hasMiddle: false, isCut: true },
    bundles,
    { ...bundles, hasMiddle: false },
    { ...bundles, isBroken: true },
    { ...bundles, hasMiddle: false, isBroken: true },
    { ...bundles, labels: 'none', hasMiddle: false, isBroken: true },
  ]
}

const strokeOf = ({ state, layer }: PictureEdge): Stroke =>
  layer === 'overlay' ? (isOff(state) ? 'heavy' : 'dashed') : isOff(state) ? 'dotted' : 'solid'

/** Rows that fit; null: they do not. */
function fitted(graph: PictureGraph, attempt: Attempt, columns: number): Rows | null {
  const numbers = new Map(graph.nodes.map(({ id }, at) => [id, at]))
  const pairs: Pairs = graph.edges.map(({ ends: [a, b] }) => [numbers.get(a.node) ?? 0, numbers.get(b.node) ?? 0])
  const widths = graph.nodes.map((node) => Math.max(...textOf(node, attempt).map((line) => stringWidth(line))))
  const texts = graph.edges.map((edge) => labelsOf(edge, attempt))
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
    if (!attempt.isBroken || !makeRoom(layers, wide, spill)) return null
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

function legendOf({ edges }: PictureGraph, isPlain: boolean): string[] {
  const strokes = new Set(edges.map(strokeOf))
  const [dashed, dotted, heavy] = isPlain ? [':', 'x', '!'] : ['╎', '┊', '╏']
  const words = [
    ...(strokes.has('dashed') ? [`${dashed} tunnel`] : []),
    ...(strokes.has('dotted') ? [`${dotted} down`] : []),
    ...(strokes.has('heavy') ? [`${heavy} tunnel that is down`] : []),
  ]
  return words.length === 0 ? [] : ['', words.join('   ')]
}
