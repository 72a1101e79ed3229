// Which networks have a colour: those that are seen at several lines, such as LANs, if the colours suffice.
import type { PictureGraph } from '../../model/picture/graph.js'
import type { Point } from '../../model/picture/point.js'
import type { PlacedNetwork } from '../../model/picture/sheet.js'
import { type Size, textSize } from './text-size.js'

/** More colours than these are not told apart. */
export const COLOURS = 8
const ROW = 20
/** The width of the line before the text. */
const SAMPLE = 34
const FONT = 11

export interface Legend {
  legend: PlacedNetwork[]
  /** Places in the legend by places in the networks of the graph. */
  colours: Map<number, number>
  size: Size
}

/** @param corner the upper left corner of the legend */
export function legendOf(graph: PictureGraph, corner: Point): Legend {
  const buses = new Map<number, Set<string>>()
  const counts = new Map<number, number>()
  const names = new Map(graph.nodes.flatMap(({ id, isBus, lines }) => (isBus ? [[id, lines[0] ?? id]] : [])))
  for (const { network, ends } of graph.edges) {
    if (network === null) continue
    counts.set(network, (counts.get(network) ?? 0) + 1)
    const own = buses.get(network) ?? new Set()
    buses.set(network, own)
    for (const { node } of ends) if (names.has(node)) own.add(names.get(node) as string)
  }
  const shown = [...counts.keys()].filter((network) => (counts.get(network) as number) > 1).sort((a, b) => a - b)
  if (shown.length > COLOURS) return { legend: [], colours: new Map(), size: { width: 0, height: 0 } }
  const legend = shown.flatMap((network, number): PlacedNetwork[] => {
    const found = graph.networks[network]
    if (!found) return []
    const places = [...(buses.get(network) ?? [])]
    const text = places.length === 0 || places.length > 3 ? found.prefix : `${found.prefix} (${places.join(', ')})`
    const box = { x: corner.x, y: corner.y + number * ROW, width: SAMPLE + textSize([text], FONT).width, height: ROW }
    return [{ network: found, text, box }]
  })
  return {
    legend,
    colours: new Map(shown.map((network, number) => [network, number])),
    size: { width: Math.max(0, ...legend.map(({ box }) => box.width)), height: legend.length * ROW },
  }
}
