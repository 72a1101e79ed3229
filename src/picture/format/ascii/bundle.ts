// Puts leaves together: the hosts of a large LAN become one box with their names, where each of its own would need too much room.
import stringWidth from 'string-width'
import type { PictureEdge, PictureGraph, PictureNode } from '../../../model/picture/graph.js'
import { isOff } from '../../graph/words.js'

/** Fewer leaves stay apart. */
const LEAST = 4
/** Columns for names in a box. */
const WIDTH = 24

/**
 * Nodes of one kind with one line, to the same node and in the same state, as one node each.
 *
 * @param hasLabels whether what is written at the middle of the lines is drawn, and so must be the same, too
 */
export function bundled(graph: PictureGraph, hasLabels: boolean): PictureGraph {
  const lines = new Map<string, PictureEdge[]>()
  for (const edge of graph.edges) for (const { node } of edge.ends) lines.set(node, [...(lines.get(node) ?? []), edge])
  const bundles = new Map<string, Bundle>()
  for (const node of graph.nodes) {
    const [edge, ...more] = lines.get(node.id) ?? []
    const hub = edge?.ends.find((end) => end.node !== node.id)?.node
    if (!edge || more.length > 0 || hub === undefined || lines.get(hub)?.length === 1) continue
    const labels = hasLabels ? labelsOfAny(edge, node) : []
    const key = JSON.stringify([hub, node.kind, node.status, node.isBus, edge.layer, isOff(edge.state), labels])
    const bundle = bundles.get(key)
    if (bundle) bundle.nodes.push(node)
    else bundles.set(key, { nodes: [node], edge, labels })
  }
  const large = [...bundles.values()].filter(({ nodes }) => nodes.length >= LEAST)
  const first = new Map(large.map((bundle) => [bundle.nodes[0]?.id, bundle]))
  const gone = new Set(large.flatMap(({ nodes }) => nodes.slice(1).map(({ id }) => id)))
  return {
    ...graph,
    nodes: graph.nodes
      .filter(({ id }) => !gone.has(id))
      .map((node) => {
        const bundle = first.get(node.id)
        return bundle ? { ...node, lines: namesIn(bundle.nodes), kind: 'summary', count: bundle.nodes.length } : node
      }),
    edges: graph.edges
      .filter(({ ends }) => !ends.some(({ node }) => gone.has(node)))
      .map((edge) => {
        const bundle = edge.ends.map(({ node }) => first.get(node)).find((found) => found?.edge === edge)
        return bundle ? bundleEdge(bundle) : edge
      }),
  }
}

interface Bundle {
  nodes: PictureNode[]
  /** The line of the first of them. */
  edge: PictureEdge
  labels: string[]
}

/** A direction is called by the node that sends (`h1 → loss 5 %`): here by the kind of any of them. */
const labelsOfAny = ({ labels }: PictureEdge, { id, kind }: PictureNode): string[] =>
  labels.map((label) => (label.startsWith(`${id} → `) ? `${kind}${label.slice(id.length)}` : label))

const bundleEdge = ({ edge, nodes, labels }: Bundle): PictureEdge => ({
  ...edge,
  ends: [
    { ...edge.ends[0], interface: `${nodes.length} links`, addresses: [], master: null },
    { ...edge.ends[1], interface: '', addresses: [], master: null },
  ],
  labels,
})

function namesIn(nodes: readonly PictureNode[]): string[] {
  const lines: string[] = []
  let line = ''
  for (const {
    lines: [name = ''],
  } of nodes) {
    if (line !== '' && stringWidth(line) + stringWidth(name) + 2 > WIDTH) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? name : `  ${name}`
  }
  return [...lines, line]
}
