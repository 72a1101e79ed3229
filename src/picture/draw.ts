// From the view of a lab to its picture in one format.
import { LabError } from '../errors.js'
import type { LabView } from '../model/lab-view.js'
import type { PictureGraph } from '../model/picture/graph.js'
import { PICTURE_DEFAULTS, PICTURE_FORMATS, type PictureFormat, type PictureOptions } from '../model/picture/options.js'
import type { Sheet } from '../model/picture/sheet.js'
import { ascii } from './format/ascii/ascii.js'
import { dot } from './format/dot.js'
import { drawio } from './format/drawio.js'
import { html } from './format/html.js'
import { MERMAID_EDGES, mermaid } from './format/mermaid.js'
import { svgOf } from './format/svg.js'
import { graphOf } from './graph/graph.js'
import { MOST_GROUPS, SUMMARY_NODES } from './graph/summary.js'
import { layoutSheet } from './layout/layout-sheet.js'

/** Labs of more nodes are drawn with names of interfaces only, and of more than the second, without. */
const MOST_WITH_ALL = 30
const MOST_WITH_NAMES = 150

export interface Picture {
  format: PictureFormat
  content: string | Uint8Array
  /** One sentence each: what could not be drawn as it was wanted. */
  warnings: string[]
}

/**
 * Draws a lab. The same view and options give the same bytes.
 *
 * @param options those left out are: all labels up to 30 nodes, names up to 150, none above; all layers; no groups; 80 columns
 * @throws LabError USAGE for a format that does not exist, a layer without lines, and for `ascii` when there is no room;
 *   FEATURE_MISSING for `png` without the package or a font that makes it
 */
export async function drawLab(
  view: LabView,
  format: PictureFormat,
  options: Partial<PictureOptions> = {},
): Promise<Picture> {
  const whole = wholeOptions(view, options)
  const graph = drawnGraph(view, whole)
  const ofOptions = [...groupWarnings(view, whole), ...unusedWarnings(format, whole)]
  switch (format) {
    case 'dot':
      return { format, content: dot(graph, whole), warnings: ofOptions }
    case 'mermaid':
      return { format, content: mermaid(graph, whole), warnings: [...ofOptions, ...edgeWarnings(graph)] }
    case 'ascii':
      return { format, content: ascii(graph, whole), warnings: ofOptions }
  }
  const sheet = layoutSheet(graph, whole)
  const warnings = [...ofOptions, ...sheet.warnings]
  switch (format) {
    case 'svg':
      return { format, content: svgOf(sheet, whole.theme), warnings }
    case 'html':
      return { format, content: html(graph, svgOf(sheet, whole.theme)), warnings }
    case 'drawio':
      return { format, content: drawio(sheet), warnings }
    case 'png': {
      const { pngOf } = await import('./png/png.js')
      return { format, content: await pngOf(svgOf(sheet, whole.theme === 'dark' ? 'dark' : 'light'), sheet), warnings }
    }
    default:
      throw new LabError('USAGE', `there is no format ${format}: ${PICTURE_FORMATS.join(', ')}`)
  }
}

/** The picture as data: boxes of nodes, routes of lines, and places of texts, as `nslab graph --json` gives them. */
export function sheetOfLab(view: LabView, options: Partial<PictureOptions> = {}): Sheet {
  const whole = wholeOptions(view, options)
  const sheet = layoutSheet(drawnGraph(view, whole), whole)
  return { ...sheet, warnings: [...groupWarnings(view, whole), ...unusedWarnings('a sheet', whole), ...sheet.warnings] }
}

/**
 * The sheet whose places of nodes are kept for later pictures: all nodes and lines, also of a layer that is not drawn. Boxes are as large
 * as in the layer that is drawn; as long as no node has a position, they have room for all labels, too.
 */
export function sheetToKeep(view: LabView, options: Partial<PictureOptions> = {}): Sheet {
  const isPlaced = Object.keys(options.positions ?? {}).length > 0 || view.nodes.some(({ position }) => position)
  const whole = wholeOptions(view, { ...options, ...(isPlaced ? {} : { labels: 'all' }), full: true })
  const drawn = new Map(graphOf(view, whole).nodes.map((node) => [node.id, node]))
  const graph = graphOf(view, { ...whole, layer: 'all' })
  return layoutSheet({ ...graph, nodes: graph.nodes.map((node) => drawn.get(node.id) ?? node) }, whole)
}

/** A label that no node has makes no groups, and one with a value for each node makes too many for a summary. */
function groupWarnings({ nodes }: LabView, { groupBy, full }: PictureOptions): string[] {
  if (groupBy === null) return []
  const values = new Set(nodes.flatMap(({ labels }) => (Object.hasOwn(labels, groupBy) ? [labels[groupBy]] : [])))
  if (nodes.length > SUMMARY_NODES && !full && values.size > MOST_GROUPS) {
    return [`the label ${groupBy} has ${values.size} values, more than ${MOST_GROUPS}: the summary is not by it`]
  }
  if (values.size > 0) return []
  const known = [...new Set(nodes.flatMap(({ labels }) => Object.keys(labels)))]
  return [`no node has the label ${groupBy}; ${known.length === 0 ? 'none has any' : `there are ${known.join(', ')}`}`]
}

/** Options that a format has no use for. */
function unusedWarnings(format: PictureFormat | 'a sheet', { groupBy, theme }: PictureOptions): string[] {
  const hasTheme = format === 'svg' || format === 'png' || format === 'html'
  return [
    ...(format === 'ascii' && groupBy !== null ? ['ascii draws no frames around groups'] : []),
    ...(theme !== 'auto' && !hasTheme ? [`${format} has no theme: svg, png and html have`] : []),
  ]
}

const edgeWarnings = ({ edges }: PictureGraph): string[] =>
  edges.length <= MERMAID_EDGES
    ? []
    : [
        `Mermaid draws ${MERMAID_EDGES} lines unless maxEdges of the page says more, and this picture has ${edges.length}`,
      ]

function drawnGraph(view: LabView, options: PictureOptions) {
  const graph = graphOf(view, options)
  if (options.layer === 'overlay' && graph.edges.length === 0) {
    throw new LabError('USAGE', `${view.lab} has no tunnels between its nodes, so its layer overlay is empty`, {
      hint: '--layer all or underlay draws its links',
    })
  }
  return graph
}

function wholeOptions({ nodes }: LabView, options: Partial<PictureOptions>): PictureOptions {
  const isSummary = nodes.length > SUMMARY_NODES && options.full !== true
  const count = isSummary ? 0 : nodes.length
  return {
    ...PICTURE_DEFAULTS,
    labels: count <= MOST_WITH_ALL ? 'all' : count <= MOST_WITH_NAMES ? 'names' : 'none',
    ...options,
  }
}
