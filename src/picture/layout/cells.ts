// Finds the boxes near another without looking at all of them: the sheet is divided into square cells.
import type { Box } from '../../model/picture/sheet.js'

export class Cells {
  private readonly byCell = new Map<number, number[]>()
  private readonly boxes = new Map<number, Box>()

  /** @param side of a cell, about as long as boxes are wide */
  constructor(private readonly side: number) {}

  add(number: number, box: Box): void {
    this.boxes.set(number, box)
    for (const cell of this.cellsOf(box)) {
      const found = this.byCell.get(cell)
      if (found) found.push(number)
      else this.byCell.set(cell, [number])
    }
  }

  /** The numbers of the boxes that overlap `box`, each once. */
  near(box: Box): Set<number> {
    const found = new Set<number>()
    for (const cell of this.cellsOf(box)) {
      for (const number of this.byCell.get(cell) ?? []) {
        if (overlaps(this.boxes.get(number) as Box, box)) found.add(number)
      }
    }
    return found
  }

  private *cellsOf({ x, y, width, height }: Box): Iterable<number> {
    const [left, right] = [Math.floor(x / this.side), Math.floor((x + width) / this.side)]
    const [top, bottom] = [Math.floor(y / this.side), Math.floor((y + height) / this.side)]
    for (let column = left; column <= right; column++) {
      // One number for two that may be negative.
      for (let row = top; row <= bottom; row++) yield (column + 2 ** 20) * 2 ** 21 + row + 2 ** 20
    }
  }
}

/** Whether two boxes have an area in common. */
export const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
