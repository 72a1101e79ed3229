// Draws placed rows and the wires between them.
import { Canvas, type Stroke } from './canvas.js'
import type { Cell, Pin, Rows, Wire } from './rows.js'

export interface Drawn {
  /** Lines of text in each node's box. */
  texts: readonly (readonly string[])[]
  /** Nodes with double lines. */
  isBus: readonly boolean[]
  /** Nodes with dotted boxes. */
  isDead: readonly boolean[]
  /** By edge. */
  strokes: readonly Stroke[]
}

export function draw({ rows, wires }: Rows, drawn: Drawn): Canvas {
  const canvas = new Canvas()
  let top = 0
  rows.forEach((row, at) => {
    const height = Math.max(1, ...row.map(({ node }) => (node === null ? 1 : heightOf(node, drawn))))
    const strokeOf = strokesOfPins(wires, drawn)
    for (const cell of row) drawCell(canvas, cell, top, height, drawn, strokeOf)
    top += height
    top += drawChannel(
      canvas,
      wires.filter(({ channel }) => channel === at),
      top,
      drawn,
    )
  })
  return canvas
}

const heightOf = (node: number, { texts }: Drawn): number => (texts[node]?.length ?? 0) + 2

function strokesOfPins(wires: readonly Wire[], { strokes }: Drawn): (pin: Pin) => Stroke {
  const byPin = new Map(wires.flatMap(({ edge, ends }) => ends.map((pin) => [pin, strokes[edge] ?? 'solid'] as const)))
  return (pin) => byPin.get(pin) ?? 'solid'
}

/** A box in the middle of its row, with its pins drawn to the edges of the row. */
function drawCell(
  canvas: Canvas,
  cell: Cell,
  top: number,
  height: number,
  drawn: Drawn,
  strokeOf: (pin: Pin) => Stroke,
): void {
  const bottom = top + height - 1
  const { node, x, width, above, below } = cell
  if (node === null) {
    const [from, to] = [above[0], below[0]]
    if (!from || !to) return
    const stroke = strokeOf(to)
    const turn = top + Math.floor(height / 2)
    canvas.line([from.x, top - 1], [from.x, turn], stroke)
    canvas.line([from.x, turn], [to.x, turn], stroke)
    canvas.line([to.x, turn], [to.x, bottom + 1], stroke)
    return
  }
  const own = heightOf(node, drawn)
  const start = top + Math.floor((height - own) / 2)
  for (const pin of above) canvas.line([pin.x, top - 1], [pin.x, start], strokeOf(pin))
  for (const pin of below) canvas.line([pin.x, start + own - 1], [pin.x, bottom + 1], strokeOf(pin))
  canvas.box(x, start, width, own, drawn.isDead[node] ? 'dotted' : 'solid', drawn.isBus[node] ?? false)
  writeLines(canvas, x + 2, start + 1, drawn.texts[node] ?? [])
}

/** @returns the number of lines that it takes */
function drawChannel(canvas: Canvas, wires: readonly Wire[], top: number, { strokes }: Drawn): number {
  if (wires.length === 0) return 1
  const upper = wires.flatMap(({ ends, isSide }) => (isSide ? ends : [ends[0]]))
  const lower = wires.flatMap(({ ends, isSide }) => (isSide ? [] : [ends[1]]))
  const upperRows = rowsOfLabels(upper)
  const lowerRows = rowsOfLabels(lower)
  const { trackOf, count } = tracksOf(wires)
  const bends = top + upperRows
  const isBare = upperRows + lowerRows + count === 0
  const bottom = bends + count + lowerRows - (isBare ? 0 : 1)
  for (const wire of wires) {
    const [from, to] = wire.ends
    const stroke = strokes[wire.edge] ?? 'solid'
    const track = bends + (trackOf.get(wire) ?? 0)
    if (from.x === to.x) canvas.line([from.x, top - 1], [to.x, bottom + 1], stroke)
    else {
      canvas.line([from.x, top - 1], [from.x, track], stroke)
      canvas.line([from.x, track], [to.x, track], stroke)
      canvas.line([to.x, track], [to.x, wire.isSide ? top - 1 : bottom + 1], stroke)
    }
  }
  for (const { x, label } of upper) writeLines(canvas, x + 2, top, label)
  for (const { x, label } of lower) writeLines(canvas, x + 2, bends + count + lowerRows - label.length, label)
  return bottom - top + 1
}

function writeLines(canvas: Canvas, x: number, top: number, lines: readonly string[]): void {
  for (const [at, text] of lines.entries()) canvas.text(x, top + at, text)
}

const rowsOfLabels = (pins: readonly Pin[]): number => Math.max(0, ...pins.map(({ label }) => label.length))

/** Wires that bend share a line where they do not meet (the left-edge algorithm of channel routing). */
function tracksOf(wires: readonly Wire[]): { trackOf: ReadonlyMap<Wire, number>; count: number } {
  const spans = wires
    .filter(({ ends: [from, to] }) => from.x !== to.x)
    .map((wire) => ({
      wire,
      left: Math.min(wire.ends[0].x, wire.ends[1].x),
      right: Math.max(wire.ends[0].x, wire.ends[1].x),
    }))
    .sort((a, b) => a.left - b.left || a.right - b.right)
  const ends: number[] = []
  const trackOf = new Map<Wire, number>()
  for (const { wire, left, right } of spans) {
    const free = ends.findIndex((end) => end < left)
    const track = free < 0 ? ends.length : free
    ends[track] = right
    trackOf.set(wire, track)
  }
  return { trackOf, count: ends.length }
}
