// Boxes side by side, in rows.
import type { Point } from '../../model/picture/point.js'
import type { Box } from '../../model/picture/sheet.js'

const GAP = 60

/** How far to move each box so that none overlap: rows from the left, in the order of the boxes. */
export function pack(boxes: readonly Box[]): Point[] {
  const area = boxes.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0)
  const widest = Math.max(Math.sqrt(area) * 1.6, ...boxes.map(({ width }) => width))
  let [x, y, high] = [0, 0, 0]
  return boxes.map((box) => {
    if (x > 0 && x + box.width > widest) {
      y += high + GAP
      x = 0
      high = 0
    }
    const offset = { x: x - box.x, y: y - box.y }
    x += box.width + GAP
    high = Math.max(high, box.height)
    return offset
  })
}
