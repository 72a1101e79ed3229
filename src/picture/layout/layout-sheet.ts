// Puts a picture on a sheet: nodes, lines, texts, frames and the legend.
import type { PictureGraph, Point } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import type { Box, PlacedLine, PlacedText, Sheet } from '../../model/picture/sheet.js'
import { arrange } from './arrange.js'
import { around } from './geometry.js'
import { legendOf } from './legend.js'
import { type Arrangement, at, middleLines, type Net, netOf } from './net.js'
import { routesOf } from './route.js'
import { boxOf } from './separate.js'
import { placeTexts, type Texts } from './texts.js'

/** Around everything. */
const MARGIN = 24
/** The gaps are made larger in these steps until all texts have room. */
const SCALES = [1, 1.2, 1.45, 1.75, 2.1]

/** The same sheet for the same graph and options. */
export function layoutSheet(graph: PictureGraph, options: PictureOptions): Sheet {
  const net = netOf(graph, options)
  const drawn = draw(net)
  return sheetOf(graph, net, drawn)
}

interface Drawing {
  arrangement: Arrangement
  ways: Point[][]
  texts: Texts
}

function draw(net: Net): Drawing {
  const middles = net.ties.map(({ edge }) => middleLines(edge))
  const size = net.items.length + net.ties.length
  const scales = SCALES.slice(0, size < 300 ? 5 : size < 1200 ? 2 : 1)
  let best: Drawing | null = null
  for (const scale of scales) {
    const arrangement = arrange(net, scale)
    const ways = routesOf(net, arrangement)
    const texts = placeTexts(net, arrangement, ways, middles)
    if (!best || texts.missing < best.texts.missing * 0.8) best = { arrangement, ways, texts }
    if (texts.missing === 0) break
  }
  return best as Drawing
}

function sheetOf(graph: PictureGraph, net: Net, { arrangement: { places }, ways, texts }: Drawing): Sheet {
  const boxes = places.map((place) => boxOf(place))
  const written = texts.lines.flatMap(({ ends, middle }) => [...ends, middle].flatMap((text) => text?.box ?? []))
  const points = ways.flat().map(({ x, y }) => ({ x, y, width: 0, height: 0 }))
  const all = around([...boxes, ...written, ...points])
  const move = { x: MARGIN - Math.floor(all.x), y: MARGIN - Math.floor(all.y) }
  const { legend, colours, size } = legendOf(graph, { x: MARGIN, y: Math.ceil(all.height) + 2 * MARGIN })
  const moved = ({ x, y, width, height }: Box): Box => ({ x: round(x + move.x), y: round(y + move.y), width, height })
  const text = (placed: PlacedText | null): PlacedText | null =>
    placed && { lines: placed.lines, box: moved(placed.box) }
  return {
    lab: graph.lab,
    width: Math.ceil(Math.max(all.width, size.width)) + 2 * MARGIN,
    height: Math.ceil(all.height) + 2 * MARGIN + (legend.length === 0 ? 0 : size.height + MARGIN),
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
    groups: [],
    legend,
    warnings: texts.missing === 0 ? [] : [`${texts.missing} of the texts at lines have no room, and are left out`],
  }
}

const round = (number: number): number => Math.round(number * 10) / 10
