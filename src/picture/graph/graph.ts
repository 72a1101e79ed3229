// From the view of a lab to the graph of its picture: what is drawn, and what is written beside it.
import type { LabView } from '../../model/lab-view.js'
import type { PictureEdge, PictureGraph, PictureGroup, PictureNode } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import { linkEdges } from './links.js'
import { networksOf } from './networks.js'
import { groupId, pictureNode } from './nodes.js'
import { overlayEdges } from './overlays.js'
import { SUMMARY_NODES, summaryOf } from './summary.js'

/**
 * The nodes of the layers that are wanted, in the order of the lab: those of the overlay are the ends of its tunnels. A lab of more than
 * 1,500 nodes becomes groups with counts, unless `full`.
 */
export function graphOf(view: LabView, options: PictureOptions): PictureGraph {
  const networks = networksOf(view)
  const edges = edgesOf(view, networks, options)
  const ends = linkedInterfaces(edges)
  const isDrawn = (name: string) => options.layer !== 'overlay' || ends.has(name)
  const nodes = view.nodes
    .filter(({ name }) => isDrawn(name))
    .map((node) => pictureNode(node, ends.get(node.name) ?? NONE, options))
  const graph: PictureGraph = {
    lab: view.lab,
    status: view.status,
    nodes,
    edges,
    groups: groupsOf(nodes),
    networks: networks.list,
  }
  return nodes.length > SUMMARY_NODES && !options.full ? summaryOf(graph) : graph
}

const NONE: ReadonlySet<string> = new Set()

function edgesOf(view: LabView, networks: ReturnType<typeof networksOf>, options: PictureOptions): PictureEdge[] {
  switch (options.layer) {
    case 'underlay':
      return linkEdges(view, networks, options)
    case 'overlay':
      return overlayEdges(view, options)
    case 'all':
      return [...linkEdges(view, networks, options), ...overlayEdges(view, options)]
  }
}

/** The interfaces that lines end at, by node. */
function linkedInterfaces(edges: readonly PictureEdge[]): ReadonlyMap<string, Set<string>> {
  const ends = new Map<string, Set<string>>()
  for (const end of edges.flatMap((edge) => edge.ends)) {
    const names = ends.get(end.node)
    if (names) names.add(end.interface)
    else ends.set(end.node, new Set([end.interface]))
  }
  return ends
}

function groupsOf(nodes: readonly PictureNode[]): PictureGroup[] {
  const ids = new Set(nodes.flatMap(({ group }) => group ?? []))
  return [...ids].map((id) => ({ id, label: id.slice(groupId('').length) }))
}
