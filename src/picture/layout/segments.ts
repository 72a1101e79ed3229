// Finds the pieces of lines near a box.
import type { Point } from '../../model/picture/point.js'
import type { Box } from '../../model/picture/sheet.js'
import { Cells } from './cells.js'
import { between, passes } from './geometry.js'

const PIECE = 64

export class Segments {
  private readonly cells = new Cells(PIECE)
  private readonly pieces: { line: number; a: Point; b: Point }[] = []

  add(line: number, points: readonly Point[]): void {
    for (let number = 1; number < points.length; number++) {
      const a = points[number - 1] as Point
      const b = points[number] as Point
      const count = Math.ceil(Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y)) / PIECE) || 1
      for (let part = 0; part < count; part++) {
        const piece = { line, a: between(a, b, part / count), b: between(a, b, (part + 1) / count) }
        this.cells.add(this.pieces.length, boxOfPiece(piece.a, piece.b))
        this.pieces.push(piece)
      }
    }
  }

  /** The numbers of the lines that pass through a box, each once. */
  through(box: Box): Set<number> {
    const lines = new Set<number>()
    for (const number of this.cells.near(box)) {
      const piece = this.pieces[number]
      if (piece && !lines.has(piece.line) && passes(piece.a, piece.b, box)) lines.add(piece.line)
    }
    return lines
  }

  /** Calls back for each two pieces of different lines that are near each other. */
  pairs(found: (a: { line: number; a: Point; b: Point }, b: { line: number; a: Point; b: Point }) => void): void {
    for (const [number, piece] of this.pieces.entries()) {
      for (const other of this.cells.near(boxOfPiece(piece.a, piece.b))) {
        const next = this.pieces[other]
        if (next && other > number && next.line !== piece.line) found(piece, next)
      }
    }
  }
}

/** The box around a line, a little larger so that it has an area. */
const boxOfPiece = (a: Point, b: Point): Box => ({
  x: Math.min(a.x, b.x) - 0.01,
  y: Math.min(a.y, b.y) - 0.01,
  width: Math.abs(a.x - b.x) + 0.02,
  height: Math.abs(a.y - b.y) + 0.02,
})
