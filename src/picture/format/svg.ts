// A sheet as one SVG file, without scripts, fonts or other files.
import type { PictureNode } from '../../model/picture/graph.js'
import type { PictureTheme } from '../../model/picture/options.js'
import type { Point } from '../../model/picture/point.js'
import type {
  Box,
  PlacedGroup,
  PlacedLine,
  PlacedNetwork,
  PlacedNode,
  PlacedText,
  Sheet,
} from '../../model/picture/sheet.js'
import { isOff } from '../graph/words.js'
import { ICON_WIDTH, nodeLines } from '../layout/net.js'
import { FONT, LINE_HEIGHT, lineWidth } from '../layout/text-size.js'
import { styleOf } from './svg-style.js'
import { escapeXml, idOf } from './xml.js'

export function svgOf(sheet: Sheet, theme: PictureTheme): string {
  const { lab, width, height, nodes, lines, groups, legend } = sheet
  const title = idOf(lab, 'title')
  const contents = idOf(lab, 'contents')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="nslab" role="img" aria-labelledby="${title} ${contents}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title id="${title}">${escapeXml(lab)}</title>`,
    `<desc id="${contents}">${counted(nodes.length, 'node')}, ${counted(lines.length, 'line')}</desc>`,
    `<style>\n${styleOf(theme)}\n</style>`,
    `<rect class="sheet" width="${width}" height="${height}"/>`,
    ...section('groups', groups.map(groupElement)),
    ...section(
      'lines',
      [...lines.filter(isUnder), ...lines.filter((line) => !isUnder(line))].map((line) => lineElement(lab, line)),
    ),
    ...section(
      'nodes',
      nodes.map((placed) => nodeElement(lab, placed)),
    ),
    ...section('texts', lines.flatMap(textElements)),
    ...section('legend', legend.map(legendElement)),
    '</svg>',
    '',
  ].join('\n')
}

const section = (name: string, elements: readonly string[]): string[] =>
  elements.length === 0 ? [] : [`<g class="${name}">`, ...elements, '</g>']

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
const isUnder = ({ layer }: PlacedLine): boolean => layer === 'underlay'

const groupElement = ({ group, box }: PlacedGroup): string =>
  `<g class="group">${rect(box, 10)}${text('caption', box.x + 12, box.y + 18, group.label)}</g>`

function lineElement(lab: string, line: PlacedLine): string {
  const classes = ['line', line.layer, ...(line.network === null ? [] : ['network', `network-${line.network}`])]
  if (isOff(line.state)) classes.push('down')
  const [a, b] = line.ends.map((end) => `${end.node}:${end.interface}`)
  const title = `${a} – ${b}, ${line.type}, ${line.state}`
  const id = idOf(lab, 'line', line.id)
  return `<path id="${id}" class="${classes.join(' ')}" d="${pathOf(line.points)}"><title>${escapeXml(title)}</title></path>`
}

/** Lines go on for a little below the boxes at their ends, whose corners may be round. */
function pathOf(points: readonly Point[]): string {
  const longer = [extended(points[1], points[0]), ...points.slice(1, -1), extended(points.at(-2), points.at(-1))]
  return `M${longer.flatMap((point) => (point ? [`${short(point.x)} ${short(point.y)}`] : [])).join('L')}`
}

function extended(from: Point | undefined, to: Point | undefined): Point | undefined {
  if (!from || !to) return to
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  const share = 6 / length
  return { x: to.x + (to.x - from.x) * share, y: to.y + (to.y - from.y) * share }
}

const short = (number: number): number => Math.round(number * 10) / 10

function nodeElement(lab: string, { node, box }: PlacedNode): string {
  const state = node.status === 'dead' || node.status === 'paused' ? ` ${node.status}` : ''
  const kind = node.kind === 'summary' ? counted(node.count, 'node') : node.kind
  const title = `${node.lines[0] ?? node.id}: ${kind}, ${node.status}`
  return [
    `<g id="${idOf(lab, 'node', node.id)}" class="node ${node.kind}${node.isBus ? ' bus' : ''}${state}">`,
    `<title>${escapeXml(title)}</title>`,
    ...shape(node, box),
    ...inscription(node, box),
    '</g>',
  ].join('')
}

/** Hosts have corners, routers are round, switches have cut corners, and what stands for several nodes is a pile. */
function shape({ kind, isBus }: PictureNode, box: Box): string[] {
  const { x, y, width, height } = box
  if (isBus) return [rect(box, 4, 'box')]
  switch (kind) {
    case 'host':
      return [rect(box, 3, 'box')]
    case 'router':
      return [rect(box, Math.min(18, height / 2), 'box')]
    case 'switch':
      return [
        `<path class="box" d="M${x + 8} ${y}H${x + width - 8}L${x + width} ${y + 8}V${y + height - 8}L${x + width - 8} ${y + height}H${x + 8}L${x} ${y + height - 8}V${y + 8}Z"/>`,
      ]
    case 'summary':
      return [
        rect({ x: x + 5, y, width: width - 5, height: height - 5 }, 3, 'box'),
        rect({ x, y: y + 5, width: width - 5, height: height - 5 }, 3, 'box'),
      ]
    default:
      return kind satisfies never
  }
}

const ICONS: Readonly<Record<PictureNode['kind'], string>> = {
  host: 'M1.5 2.5h13v8.5h-13zM8 11v3M4.5 14h7',
  router: 'M1 8a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M4.6 4.6l6.8 6.8M11.4 4.6l-6.8 6.8M8.8 11.4h2.6v-2.6M7.2 4.6h-2.6v2.6',
  switch: 'M2 5h12M11 2l3 3l-3 3M14 11H2M5 8l-3 3l3 3',
  summary: 'M5 1.5h9.5V11M1.5 5h9.5v9.5H1.5z',
}

function inscription(node: PictureNode, box: Box): string[] {
  const lines = nodeLines(node)
  const [name = '', ...details] = lines
  // The pile of a summary has its front at the lower left.
  const pile = node.kind === 'summary' ? 5 : 0
  const middle = box.x + (box.width - pile) / 2
  const wide = lineWidth(name, FONT.name)
  const high = (FONT.name + details.length * FONT.detail) * LINE_HEIGHT
  const top = box.y + (box.height + pile - high) / 2
  const first = top + FONT.name * 0.95
  const icon = `<path class="icon" transform="translate(${short(middle - (wide + ICON_WIDTH) / 2)} ${short(top)})" d="${ICONS[node.kind]}"/>`
  return [
    icon,
    text('name', middle + ICON_WIDTH / 2, first, name, true),
    ...details.map((line, number) => {
      const isState = number === details.length - 1 && lines.length > node.lines.length
      return text(
        isState ? 'state' : 'detail',
        middle,
        first + (number + 1) * FONT.detail * LINE_HEIGHT + 1,
        line,
        true,
      )
    }),
  ]
}

function textElements({ endTexts, text: middle, state }: PlacedLine): string[] {
  const ends = endTexts.flatMap((placed) => (placed ? [textBlock(placed, 'end', false)] : []))
  return [...ends, ...(middle ? [textBlock(middle, isOff(state) ? 'middle state' : 'middle', true)] : [])]
}

function textBlock({ lines, box }: PlacedText, name: string, isCentred: boolean): string {
  const x = isCentred ? box.x + box.width / 2 : box.x
  const behind = isCentred ? rect(box, 2, 'sheet') : ''
  const written = lines
    .map((line, number) => text(name, x, box.y + number * FONT.text * LINE_HEIGHT + FONT.text * 0.9, line, isCentred))
    .join('')
  return `${behind}${written}`
}

function legendElement({ text: words, box }: PlacedNetwork, number: number): string {
  const y = box.y + box.height / 2
  return `<path class="sample network network-${number}" d="M${box.x} ${y}h24"/>${text('key', box.x + 34, y + 4, words)}`
}

const rect = ({ x, y, width, height }: Box, radius: number, name?: string): string =>
  `<rect${name ? ` class="${name}"` : ''} x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`

const text = (name: string, x: number, y: number, words: string, isCentred = false): string =>
  `<text class="${name}" x="${short(x)}" y="${short(y)}"${isCentred ? ' text-anchor="middle"' : ''}>${escapeXml(words)}</text>`
