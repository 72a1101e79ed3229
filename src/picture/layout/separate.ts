// Pushes boxes apart that overlap, each pair by the shorter way.
import { Cells } from './cells.js'
import type { Place } from './net.js'

/** @param isFixed places that stay where they are */
export function separate(
  places: readonly Place[],
  gap: number,
  isFixed: (number: number) => boolean = () => false,
): Place[] {
  const moved = places.map((place) => ({ ...place }))
  const largest = Math.max(1, ...moved.map(({ width, height }) => Math.max(width, height)))
  for (let round = 0; round < 400; round++) {
    const cells = new Cells(largest + gap)
    for (const [number, place] of moved.entries()) cells.add(number, boxOf(place))
    let isApart = true
    for (const [number, place] of moved.entries()) {
      for (const other of cells.near(boxOf(place, gap))) {
        if (other <= number || (isFixed(number) && isFixed(other))) continue
        const next = moved[other] as Place
        const dx = next.x - place.x
        const dy = next.y - place.y
        const overX = (place.width + next.width) / 2 + gap - Math.abs(dx)
        const overY = (place.height + next.height) / 2 + gap - Math.abs(dy)
        if (overX <= 0.01 || overY <= 0.01) continue
        isApart = false
        const share = isFixed(number) ? 0 : isFixed(other) ? 1 : 0.5
        const axis = overX < overY ? 'x' : 'y'
        const push = (axis === 'x' ? overX : overY) + 0.02
        const sign = (axis === 'x' ? dx : dy) < 0 ? -1 : 1
        place[axis] -= sign * push * share
        next[axis] += sign * push * (1 - share)
      }
    }
    if (isApart) break
  }
  return moved
}

/** The box of a place, with a margin. */
export const boxOf = ({ x, y, width, height }: Place, margin = 0) => ({
  x: x - width / 2 - margin,
  y: y - height / 2 - margin,
  width: width + 2 * margin,
  height: height + 2 * margin,
})
