// A sheet as a file of draw.io, uncompressed: cells of mxGraph, whose text is HTML, at the places of the sheet.
import type { PictureNode } from '../../model/picture/graph.js'
import type { Point } from '../../model/picture/point.js'
import type { Box, PlacedGroup, PlacedLine, PlacedNode, PlacedText, Sheet } from '../../model/picture/sheet.js'
import { isOff } from '../graph/words.js'
import { along, lengthOf } from '../layout/geometry.js'
import { nodeLines } from '../layout/net.js'
import { escapeXml } from './xml.js'

export function drawio(sheet: Sheet): string {
  const groups = new Map(sheet.groups.map((placed) => [placed.group.id, placed.box]))
  const nodes = new Map(sheet.nodes.map((placed) => [placed.node.id, placed.box]))
  const cells = [
    '<mxCell id="0"/>',
    '<mxCell id="1" parent="0"/>',
    ...sheet.groups.map(groupCell),
    ...sheet.lines.flatMap((line) => lineCells(line, nodes)),
    ...sheet.nodes.map((placed) => nodeCell(placed, groups)),
    ...sheet.legend.flatMap(({ text, box }, number) => [
      textCell(`legend ${number}`, '1', [text], `align=left;fontSize=11;fontColor=${COLOURS[number]};`, geometry(box)),
    ]),
  ]
  return [
    '<mxfile host="nslab">',
    `<diagram id="lab" name="${escapeXml(sheet.lab)}">`,
    `<mxGraphModel grid="0" page="1" pageWidth="${sheet.width}" pageHeight="${sheet.height}">`,
    '<root>',
    ...cells,
    '</root>',
    '</mxGraphModel>',
    '</diagram>',
    '</mxfile>',
    '',
  ].join('\n')
}

/** Of the networks, in the order of the legend. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#56B4E9', '#B8860B', '#7A4FBF', '#4A5763']

const cell = (attributes: Readonly<Record<string, string>>, contents: string): string => {
  const written = Object.entries(attributes).map(([name, value]) => `${name}="${escapeXml(value)}"`)
  return `<mxCell ${written.join(' ')}>${contents}</mxCell>`
}

const geometry = ({ x, y, width, height }: Box): string =>
  `<mxGeometry x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" as="geometry"/>`

const groupCell = ({ group, box }: PlacedGroup): string =>
  cell(
    {
      ...{ id: `group ${group.id}`, value: html([group.label]), vertex: '1', parent: '1' },
      style:
        'rounded=1;arcSize=4;dashed=1;html=1;container=1;collapsible=0;verticalAlign=top;align=left;spacingLeft=8;fontStyle=1;fillColor=#F6F8FA;strokeColor=#4A5763;',
    },
    geometry(box),
  )

/** Text is HTML, so it is escaped once more than XML needs. */
const html = (lines: readonly string[]): string => lines.map(escapeXml).join('<br>')

function nodeCell({ node, box }: PlacedNode, groups: ReadonlyMap<string, Box>): string {
  const [name = '', ...details] = nodeLines(node)
  const value = [
    `<b>${escapeXml(name)}</b>`,
    ...details.map((line) => `<font style="font-size:11px">${escapeXml(line)}</font>`),
  ]
  const frame = node.group === null ? undefined : groups.get(node.group)
  const off = node.status === 'dead' || node.status === 'paused'
  return cell(
    {
      ...{ id: `node ${node.id}`, value: value.join('<br>'), vertex: '1' },
      parent: frame ? `group ${node.group}` : '1',
      style: `${shapeOf(node)}html=1;fontSize=13;whiteSpace=nowrap;${off ? 'dashed=1;fillColor=#ECEFF1;' : ''}`,
    },
    // The places of cells in a container are from its corner.
    geometry(frame ? { ...box, x: box.x - frame.x, y: box.y - frame.y } : box),
  )
}

function shapeOf({ kind, isBus }: PictureNode): string {
  switch (kind) {
    case 'host':
      return 'rounded=1;arcSize=8;fillColor=#EAF3FC;strokeColor=#2B6CB0;'
    case 'router':
      return 'rounded=1;arcSize=50;fillColor=#FFF3E0;strokeColor=#B45F06;'
    case 'switch': {
      const shape = isBus ? 'rounded=1;arcSize=20;' : 'shape=hexagon;perimeter=hexagonPerimeter2;fixedSize=1;size=8;'
      return `${shape}fillColor=#E3F4EF;strokeColor=#1B7A5A;`
    }
    case 'summary':
      return 'shape=cube;size=6;fillColor=#F1F3F5;strokeColor=#4A5763;'
    default:
      return kind satisfies never
  }
}

function lineCells(line: PlacedLine, nodes: ReadonlyMap<string, Box>): string[] {
  const { id, ends, points, layer, network, state } = line
  const colour = isOff(state)
    ? '#B3261E'
    : layer === 'overlay'
      ? '#8A3B8F'
      : network === null
        ? '#6B7885'
        : COLOURS[network]
  const dashes = isOff(state) ? 'dashed=1;dashPattern=1 4;' : layer === 'overlay' ? 'dashed=1;' : ''
  const sides = [
    anchor('exit', points[0], nodes.get(ends[0].node)),
    anchor('entry', points.at(-1), nodes.get(ends[1].node)),
  ]
  const turns = points.slice(1, -1).map(({ x, y }) => `<mxPoint x="${x}" y="${y}"/>`)
  const path = turns.length === 0 ? '' : `<Array as="points">${turns.join('')}</Array>`
  const edge = cell(
    {
      ...{ id: `line ${id}`, edge: '1', parent: '1', source: `node ${ends[0].node}`, target: `node ${ends[1].node}` },
      style: `endArrow=none;html=1;rounded=0;strokeWidth=1.6;${dashes}strokeColor=${colour};${sides.join('')}`,
    },
    `<mxGeometry relative="1" as="geometry">${path}</mxGeometry>`,
  )
  const texts = [line.endTexts[0], line.text, line.endTexts[1]]
  return [edge, ...texts.flatMap((text, number) => (text ? [lineText(line, text, number)] : []))]
}

/** Where a line leaves a box, in shares of its size. */
function anchor(name: 'exit' | 'entry', point: Point | undefined, box: Box | undefined): string {
  if (!point || !box) return ''
  const x = round3((point.x - box.x) / box.width)
  const y = round3((point.y - box.y) / box.height)
  return `${name}X=${x};${name}Y=${y};${name}Dx=0;${name}Dy=0;${name}Perimeter=0;`
}

/** A text that moves with its line: the place on the line from -1 to 1, and how far the middle of the text is from that. */
function lineText({ id, points }: PlacedLine, { lines, box }: PlacedText, number: number): string {
  const length = lengthOf(points) || 1
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  let distance = 0
  let least = Number.POSITIVE_INFINITY
  for (let step = 0; step <= 40; step++) {
    const { point } = along(points, (length * step) / 40)
    const far = Math.hypot(point.x - middle.x, point.y - middle.y)
    if (far < least) {
      least = far
      distance = (length * step) / 40
    }
  }
  const { point } = along(points, distance)
  const offset = `<mxPoint x="${round(middle.x - point.x)}" y="${round(middle.y - point.y)}" as="offset"/>`
  const place = `<mxGeometry x="${round3((2 * distance) / length - 1)}" relative="1" as="geometry">${offset}</mxGeometry>`
  const background = number === 1 ? 'labelBackgroundColor=default;' : ''
  return textCell(
    `text ${number} ${id}`,
    `line ${id}`,
    lines,
    `edgeLabel;resizable=0;align=center;${background}fontSize=10;`,
    place,
  )
}

const textCell = (id: string, parent: string, lines: readonly string[], style: string, place: string): string =>
  cell(
    {
      id,
      value: html(lines),
      vertex: '1',
      connectable: '0',
      parent,
      style: `${style}html=1;verticalAlign=middle;strokeColor=none;fillColor=none;`,
    },
    place,
  )

const round = (number: number): number => Math.round(number * 10) / 10
const round3 = (number: number): number => Math.round(number * 1000) / 1000
