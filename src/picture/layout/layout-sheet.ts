// Puts a picture on a sheet: nodes, lines, texts, frames and the legend.
import type { PictureGraph } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import type { Point } from '../../model/picture/point.js'
import type { Box, PlacedGroup, PlacedLine, PlacedText, Sheet } from '../../model/picture/sheet.js'
import { overlaps } from './cells.js'
import { around } from './geometry.js'
import { arrangeGroups, framesOf } from './groups.js'
import { legendOf } from './legend.js'
import { withPorts } from './lines/bundles.js'
import { withoutLoops } from './lines/loops.js'
import { routesOf } from './lines/route.js'
import { type Arrangement, at, middleLines, type Net, netOf } from './net.js'
import { fitting, type Kept, keep, keptPositions } from './positions.js'
import { boxOf } from './separate.js'
import { placeTexts, type Texts } from './texts.js'

/** Around everything. */
const MARGIN = 24
/** The gaps are made larger in these steps until all texts have room. */
const SCALES = [1, 1.2, 1.45, 1.75, 2.1]

/** Between boxes that people have put and others, and by how much more, for a scale that is larger by one. */
const GAP = 14
const WIDER = 140

/** The same sheet for the same graph and options. */
export function layoutSheet(whole: PictureGraph, options: PictureOptions): Sheet {
  const graph = withoutLoops(whole)
  const net = withPorts(netOf(graph, options))
  const kept = keptPositions(graph, net, options)
  return sheetOf(graph, net, draw(graph, net, kept), kept)
}

interface Drawing {
  arrangement: Arrangement
  frames: PlacedGroup[]
  ways: Point[][]
  texts: Texts
}

function draw(graph: PictureGraph, net: Net, { positions }: Kept): Drawing {
  const size = net.items.length + net.ties.length
  const scales = SCALES.slice(0, size < 300 ? 5 : size < 1200 ? 2 : 1)
  if (positions.size > 0 && positions.size === net.items.length) {
    return drawn(graph, net, keep(net, nearest(graph, net, scales, positions), positions, { margin: MARGIN, gap: GAP }))
  }
  return leastFaulty(scales, (scale) => {
    const arrangement = arrangeGroups(net, graph, scale)
    if (positions.size === 0) return drawn(graph, net, arrangement)
    const gap = GAP + (scale - 1) * WIDER
    return drawn(graph, net, keep(net, arrangement, positions, { margin: MARGIN, gap }))
  })
}

/** The first drawing without faults, else the one with the fewest; those of larger scales must be much better. */
function leastFaulty(scales: readonly number[], drawingOf: (scale: number) => Drawing): Drawing {
  let best: Drawing | null = null
  for (const scale of scales) {
    const drawing = drawingOf(scale)
    if (!best || faultsOf(drawing) < faultsOf(best) * 0.8) best = drawing
    if (faultsOf(drawing) === 0) break
  }
  return best as Drawing
}

/** Texts that are left out weigh more than those that a line passes through, and these more than those between two lines. */
const faultsOf = ({ texts: { missing, crossed, unclear } }: Drawing): number => 16 * missing + 6 * crossed + unclear

/** The arrangement from which the positions differ least: they may be those of an earlier sheet. */
function nearest(
  graph: PictureGraph,
  net: Net,
  scales: readonly number[],
  positions: ReadonlyMap<number, Point>,
): Arrangement {
  const arrangements = scales.map((scale) => arrangeGroups(net, graph, scale))
  const distances = arrangements.map((arrangement) => fitting(arrangement, positions).distance)
  return at(arrangements, distances.indexOf(Math.min(...distances)))
}

function drawn(graph: PictureGraph, net: Net, arrangement: Arrangement): Drawing {
  const frames = framesOf(
    graph,
    net,
    arrangement.places.map((place) => boxOf(place)),
  )
  const ways = routesOf(net, arrangement)
  const middles = net.ties.map(({ edge }) => middleLines(edge))
  return { arrangement, frames, ways, texts: placeTexts(net, arrangement, ways, middles, frames.flatMap(edgesOf)) }
}

/** The lines of a frame, and its name, where no texts of lines may be. */
function edgesOf({ box: { x, y, width, height } }: PlacedGroup): Box[] {
  return [
    { x, y, width, height: 22 },
    { x, y: y + height - 2, width, height: 4 },
    { x: x - 2, y, width: 4, height },
    { x: x + width - 2, y, width: 4, height },
  ]
}

function sheetOf(
  graph: PictureGraph,
  net: Net,
  { arrangement: { places }, frames, ways, texts }: Drawing,
  { positions, warnings }: Kept,
): Sheet {
  const boxes = places.map((place) => boxOf(place))
  const written = texts.lines.flatMap(({ ends, middle }) => [...ends, middle].flatMap((text) => text?.box ?? []))
  const points = ways.flat().map(({ x, y }) => ({ x, y, width: 0, height: 0 }))
  const all = around([...boxes, ...written, ...points, ...frames.map(({ box }) => box)])
  // What people have put at a place stays there, as long as all is on the sheet.
  const start = (least: number): number =>
    positions.size > 0 && least >= 0 ? 0 : positions.size > 0 ? -Math.floor(least) : MARGIN - Math.floor(least)
  const move = { x: start(all.x), y: start(all.y) }
  const right = Math.ceil(all.x + all.width + move.x)
  const bottom = Math.ceil(all.y + all.height + move.y)
  const { legend, colours, size } = legendOf(graph, { x: MARGIN, y: bottom + MARGIN })
  const moved = ({ x, y, width, height }: Box): Box => ({ x: round(x + move.x), y: round(y + move.y), width, height })
  const text = (placed: PlacedText | null): PlacedText | null =>
    placed && { lines: placed.lines, box: moved(placed.box) }
  return {
    lab: graph.lab,
    width: Math.max(right, size.width + MARGIN) + MARGIN,
    height: bottom + MARGIN + (legend.length === 0 ? 0 : size.height + MARGIN),
    nodes: graph.nodes.map((node, number) => ({ node, box: moved(at(boxes, number)) })),
    lines: net.ties.map(({ edge }, number): PlacedLine => {
      const { ends, middle } = at(texts.lines, number)
      return {
        id: edge.id,
        ends: edge.ends.map(({ node, interface: name }) => ({ node, interface: name })) as PlacedLine['ends'],
        ...{ layer: edge.layer, type: edge.type, state: edge.state },
        points: at(ways, number).map(({ x, y }) => ({ x: round(x + move.x), y: round(y + move.y) })),
        endTexts: [text(ends[0]), text(ends[1])],
        text: text(middle),
        network: edge.network === null ? null : (colours.get(edge.network) ?? null),
      }
    }),
    groups: frames.map(({ group, box }) => ({ group, box: moved(box) })),
    legend,
    warnings: [
      ...warnings,
      ...mingled(frames),
      ...(texts.missing === 0 ? [] : [`${texts.missing} of the texts at lines have no room, and are left out`]),
    ],
  }
}

/** Frames around nodes that people have put among those of another group. */
function mingled(frames: readonly PlacedGroup[]): string[] {
  return frames.flatMap(({ group, box }, number) =>
    frames
      .slice(number + 1)
      .filter((other) => overlaps(box, other.box))
      .map(
        (other) => `the frames of ${group.label} and ${other.group.label} overlap: nodes of both are among each other`,
      ),
  )
}

const round = (number: number): number => Math.round(number * 10) / 10
