// What is written in the boxes and at the ends of lines of a picture of characters.
import stringWidth from 'string-width'
import type { PictureEdge, PictureGraph, PictureNode } from '../../../model/picture/graph.js'
import type { PictureLabels } from '../../../model/picture/options.js'
import { endLines, statusWord } from '../../graph/words.js'

export interface TextOptions {
  labels: PictureLabels
  /** Whether lines have what belongs to their middle: impairments, VLANs, tunnels. */
  hasMiddle: boolean
  /** Long titles and names end in `...`. */
  isCut: boolean
}

/** Columns of a title or name that is cut. */
const MOST = 24

/** Text of a node's box; with fewer labels only what it is called, and its state. */
export function textOf(node: PictureNode, { labels, isCut }: TextOptions): string[] {
  const word = statusWord(node)
  const cut = (line: string) => (isCut ? cutOff(line) : line)
  if (node.kind === 'summary') return [...node.lines.map(cut), ...(word === null ? [] : [`(${word})`])]
  const [name = '', ...rest] = node.lines
  const isShort = labels === 'none' || labels === 'names'
  return [word === null ? cut(name) : `${cut(name)} (${word})`, ...(isShort ? [] : rest)]
}

/** The text at both ends; what belongs to the line is at the first. */
export function labelsOf(edge: PictureEdge, { labels, hasMiddle }: TextOptions): [string[], string[]] {
  if (labels === 'none') return [[], []]
  const [first, second] = edge.ends.map((end) => endLines(end, labels)) as [string[], string[]]
  return [[...first, ...(hasMiddle ? edge.labels : [])], second]
}

/** A line for each node and each line of the picture, with all that is written there; without labels, the names that are cut. */
export function listOf({ nodes, edges }: PictureGraph, labels: PictureLabels): string[] {
  const ofNodes = nodes.flatMap(({ lines: [name = '', ...rest] }) => {
    const isCut = cutOff(name) !== name
    if (!isCut && (rest.length === 0 || labels === 'none')) return []
    return [rest.length === 0 ? name : `${name}: ${rest.join(', ')}`]
  })
  if (labels === 'none') return ofNodes
  const ofEdges = edges.map((edge) => {
    const [a, b] = edge.ends.map((end) => [end.node, ...endLines(end, labels)].join(' '))
    const text = edge.labels.length > 0 ? ` (${edge.labels.join(', ')})` : ''
    return `${a} ── ${b}${text}`
  })
  return [...ofNodes, ...ofEdges]
}

function cutOff(line: string): string {
  if (stringWidth(line) <= MOST) return line
  let start = ''
  for (const char of line) {
    if (stringWidth(start + char) > MOST - 3) break
    start += char
  }
  return `${start.trimEnd()}...`
}

/** The graph with its texts in ASCII, so that what is drawn has room for them. */
export const plainGraph = (graph: PictureGraph): PictureGraph => ({
  ...graph,
  nodes: graph.nodes.map((node) => ({ ...node, lines: node.lines.map(plainText) })),
  edges: graph.edges.map((edge) => ({
    ...edge,
    ends: edge.ends.map((end) => ({ ...end, interface: plainText(end.interface) })) as PictureEdge['ends'],
    labels: edge.labels.map(plainText),
  })),
})

/** `?` for each character that is not in ASCII. */
export const plainText = (line: string): string =>
  line
    .replaceAll('──', '--')
    .replaceAll('→', '->')
    .replaceAll('±', '+-')
    .replace(/\p{M}+/gu, '')
    .replace(/[^ -~]/gu, '?')
