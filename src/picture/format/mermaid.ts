// A picture as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html), which lays it out itself. It has no labels at the
// ends of lines: both ends are written in the middle.
import type { PictureEdge, PictureGraph, PictureNode } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import { endLines, isOff, statusWord } from '../graph/words.js'

/** Mermaid draws at most as many lines unless `maxEdges` of the page says more. */
export const MERMAID_EDGES = 500

/** @returns a whole file, with a line end at its end */
export function mermaid(graph: PictureGraph, { labels }: PictureOptions): string {
  const ids = new Map(graph.nodes.map(({ id }, at) => [id, `n${at}`]))
  const idOf = (node: string): string => ids.get(node) ?? ''
  const nodeLine = (node: PictureNode) => `${idOf(node.id)}${shape(node)}${classOf(node)}`
  const down = downStyles(graph.edges)
  const lines = [
    'flowchart TB',
    ...graph.groups.flatMap(({ id, label }, at) => [
      `  subgraph g${at}[${quoted([label])}]`,
      ...graph.nodes.filter(({ group }) => group === id).map((node) => `    ${nodeLine(node)}`),
      '  end',
    ]),
    ...graph.nodes.filter(({ group }) => group === null).map((node) => `  ${nodeLine(node)}`),
    ...graph.edges.map((edge) => `  ${edgeLine(edge, idOf, labels)}`),
    ...(graph.nodes.some(({ status }) => status === 'dead')
      ? ['  classDef dead stroke-dasharray: 4 4,opacity: 0.6']
      : []),
    ...down,
  ]
  return `${lines.join('\n')}\n`
}

/** Tunnels keep their dashes. */
function downStyles(edges: readonly PictureEdge[]): string[] {
  const placesOf = (layer: PictureEdge['layer']) =>
    edges.flatMap((edge, at) => (isOff(edge.state) && edge.layer === layer ? [at] : []))
  const [links, tunnels] = [placesOf('underlay'), placesOf('overlay')]
  return [
    ...(links.length > 0 ? [`  linkStyle ${links.join(',')} stroke:#c00,stroke-dasharray: 2 4`] : []),
    ...(tunnels.length > 0 ? [`  linkStyle ${tunnels.join(',')} stroke:#c00`] : []),
  ]
}

const classOf = ({ status }: PictureNode): string => (status === 'dead' ? ':::dead' : '')

function shape(node: PictureNode): string {
  const word = statusWord(node)
  const text = quoted([...node.lines, ...(word === null ? [] : [`(${word})`])])
  if (node.isBus) return `{{${text}}}`
  switch (node.kind) {
    case 'host':
      return `[${text}]`
    case 'router':
      return `([${text}])`
    case 'switch':
      return `[[${text}]]`
    case 'summary':
      return `[(${text})]`
  }
}

function edgeLine(edge: PictureEdge, idOf: (node: string) => string, labels: PictureOptions['labels']): string {
  const [a, b] = edge.ends
  const text = [
    ...bothEnds(endLines(a, labels), endLines(b, labels)),
    ...edge.labels,
    ...(isOff(edge.state) ? ['down'] : []),
  ]
  const line = edge.layer === 'overlay' ? '-.-' : '---'
  return `${idOf(a.node)} ${line}${text.length > 0 ? `|${quoted(text)}|` : ''} ${idOf(b.node)}`
}

/** On one line if that is short. */
function bothEnds(a: readonly string[], b: readonly string[]): string[] {
  if (a.length + b.length === 0) return []
  return a.length <= 1 && b.length <= 1 ? [`${a[0] ?? ''} — ${b[0] ?? ''}`] : [...a, '—', ...b]
}

/** Characters that mean something in a text of Mermaid's, or in the HTML that it makes of it, are written by their numbers. */
function quoted(lines: readonly string[]): string {
  // Mermaid takes the semicolon from what looks like a colour of a style (encodeEntities of its utils.ts).
  const isLikeStyle = lines.some((line) => /style|classDef/.test(line))
  const marks = isLikeStyle ? /["#%&<>`\\;*_~$|:]/g : /["#%&<>`\\;*_~$|]/g
  return `"${lines.map((line) => line.replace(marks, (char) => `#${char.charCodeAt(0)};`)).join('<br/>')}"`
}
