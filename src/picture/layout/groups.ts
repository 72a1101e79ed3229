// Groups: each is laid out on its own, then all of them as if each were one node.
import type { PictureGraph } from '../../model/picture/graph.js'
import type { Box, PlacedGroup } from '../../model/picture/sheet.js'
import { arrange } from './arrange.js'
import { around } from './geometry.js'
import { type Arrangement, at, emptyArrangement, type Net, netOfParts, partOf } from './net.js'
import { boxOf } from './separate.js'
import { FONT, lineWidth } from './text-size.js'

/** Between a frame and the boxes in it; above them is the name of the group. Texts up to `text` high have room
 * there; for higher ones the frame is larger. */
const PADDING = { side: 18, top: 34, bottom: 18, text: 20 }

/** Arranges a net; the nodes of each group are together. @param scale of the gaps, 1 or more */
export function arrangeGroups(net: Net, graph: PictureGraph, scale: number): Arrangement {
  if (graph.groups.length === 0) return arrange(net, scale)
  const parts = partsOf(graph)
  const inner = parts.map((members) => arrange(partOf(net, members), scale))
  const frames = parts.map((members, number) => {
    const boxes = around(at(inner, number).places.map((place) => boxOf(place)))
    const group = graph.nodes[at(members, 0)]?.group ?? null
    return group === null ? boxes : framed(boxes, labelOf(graph, group), textHeight(partOf(net, members)))
  })
  const outer = arrange(netOfParts(net, parts, frames), scale)
  const whole = emptyArrangement()
  for (const [number, members] of parts.entries()) {
    const { x, y } = boxOf(at(outer.places, number))
    const frame = at(frames, number)
    const move = { x: x - frame.x, y: y - frame.y }
    const { places, routes, hung } = at(inner, number)
    for (const [item, place] of places.entries()) {
      whole.places[at(members, item)] = { ...place, x: place.x + move.x, y: place.y + move.y }
    }
    for (const [edge, way] of routes)
      whole.routes.set(
        edge,
        way.map((point) => ({ x: point.x + move.x, y: point.y + move.y })),
      )
    for (const [edge, end] of hung) whole.hung.set(edge, end)
  }
  return whole
}

/** The frames of groups around boxes of nodes, which are in the order of the graph. */
export function framesOf(graph: PictureGraph, net: Net, boxes: readonly Box[]): PlacedGroup[] {
  return graph.groups.flatMap((group): PlacedGroup[] => {
    const members = graph.nodes.flatMap((node, number) => (node.group === group.id ? [number] : []))
    if (members.length === 0) return []
    const own = around(members.map((member) => at(boxes, member)))
    return [{ group, box: framed(own, group.label, textHeight(partOf(net, members))) }]
  })
}

/** The height of the largest text at the ends of ties. */
const textHeight = ({ ties }: Net): number =>
  Math.max(0, ...ties.flatMap(({ endSizes }) => endSizes.map(({ height }) => height)))

/** The numbers of the nodes of each group, and of each node without one, by their first. */
function partsOf(graph: PictureGraph): number[][] {
  const parts = new Map<string, number[]>()
  for (const [number, { id, group }] of graph.nodes.entries()) {
    const key = group === null ? `node ${id}` : `group ${group}`
    const part = parts.get(key)
    if (part) part.push(number)
    else parts.set(key, [number])
  }
  return [...parts.values()]
}

const labelOf = (graph: PictureGraph, id: string): string => graph.groups.find((group) => group.id === id)?.label ?? id

/** @param high how high the texts are that may be beside a line in the only row of boxes */
function framed({ x, y, width, height }: Box, label: string, high: number): Box {
  const wide = Math.max(width + 2 * PADDING.side, lineWidth(label, FONT.group) + 28)
  const more = Math.max(0, high - PADDING.text)
  return {
    ...{ x: x - (wide - width) / 2, y: y - PADDING.top - more },
    ...{ width: wide, height: height + PADDING.top + PADDING.bottom + 2 * more },
  }
}
