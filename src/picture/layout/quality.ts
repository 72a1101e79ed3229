// How good an arrangement is: fewer lines that cross, and none through a box that is not at their end.
import type { Point } from '../../model/picture/point.js'
import { crosses } from './geometry.js'
import type { Net, Place } from './net.js'
import { Segments } from './segments.js'
import { boxOf } from './separate.js'

export interface Quality {
  crossings: number
  /** Lines through boxes, each pair once. */
  hits: number
}

/** @param lines the ways of the ties of the net, in their order */
export function qualityOf(net: Net, places: readonly Place[], lines: readonly (readonly Point[])[]): Quality {
  const segments = new Segments()
  for (const [number, points] of lines.entries()) segments.add(number, points)
  let crossings = 0
  segments.pairs((one, two) => {
    if (crosses(one.a, one.b, two.a, two.b)) crossings++
  })
  let hits = 0
  for (const [number, place] of places.entries()) {
    for (const line of segments.through(boxOf(place, -0.5))) if (!net.ties[line]?.ends.includes(number)) hits++
  }
  return { crossings, hits }
}
