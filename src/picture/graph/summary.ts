// A very large lab in summary: groups of nodes as boxes with counts, and the links between groups as single lines.
import type { NodeStatus } from '../../model/lab-view.js'
import type { PictureEdge, PictureEnd, PictureGraph, PictureNode } from '../../model/picture/graph.js'
import { groupId } from './nodes.js'
import { isOff } from './words.js'

/** Above this many nodes, a picture shows groups: boxes would be too small to read. */
export const SUMMARY_NODES = 1500
/** More groups than this are no summary. */
export const MOST_GROUPS = 200

/** Nodes without a group are put together by kind and by the beginning of their name: `leaf` of leaf1, leaf2, … */
export function summaryOf(graph: PictureGraph): PictureGraph {
  const groupOf = grouping(graph.nodes)
  const members = new Map<string, PictureNode[]>()
  const groupOfNode = new Map<string, string>()
  for (const node of graph.nodes) {
    const group = groupOf(node)
    groupOfNode.set(node.id, group)
    const those = members.get(group)
    if (those) those.push(node)
    else members.set(group, [node])
  }
  const bundles = bundlesOf(graph.edges, groupOfNode)
  return {
    ...graph,
    nodes: [...members].map(([id, nodes]) => summaryNode(id, nodes, bundles.get(pairKey(id, id, 'underlay')) ?? [])),
    edges: [...bundles.values()].flatMap((edges) => summaryEdge(edges, groupOfNode)),
    groups: [],
    networks: [],
  }
}

/** The id of the group of each node: its own, else the beginning of its name, else its kind, whatever makes few enough groups. */
function grouping(nodes: readonly PictureNode[]): (node: PictureNode) => string {
  const byName = ({ id }: PictureNode): string => groupId(`${nameStart(id)}*`)
  const byKind = ({ kind }: PictureNode): string => groupId(kindText(kind))
  const ways = [
    (node: PictureNode) => node.group ?? byName(node),
    (node: PictureNode) => node.group ?? byKind(node),
    byName,
  ]
  return ways.find((groupOf) => new Set(nodes.map(groupOf)).size <= MOST_GROUPS) ?? byKind
}

/** What is before the first digit; of a name that begins with a digit, nothing. */
const nameStart = (name: string): string => name.slice(0, Math.max(0, name.search(/[0-9]|$/)))

const kindText = (kind: PictureNode['kind']): string => (kind === 'switch' ? 'switches' : `${kind}s`)

/** Edges by the groups at their ends and their layer. */
function bundlesOf(
  edges: readonly PictureEdge[],
  groupOfNode: ReadonlyMap<string, string>,
): Map<string, PictureEdge[]> {
  const bundles = new Map<string, PictureEdge[]>()
  for (const edge of edges) {
    const [a = '', b = ''] = edge.ends.map(({ node }) => groupOfNode.get(node) ?? '')
    const key = pairKey(a, b, edge.layer)
    const those = bundles.get(key)
    if (those) those.push(edge)
    else bundles.set(key, [edge])
  }
  return bundles
}

/** Equal for both orders of the two. */
const pairKey = (a: string, b: string, layer: PictureEdge['layer']): string =>
  JSON.stringify([...(a < b ? [a, b] : [b, a]), layer])

function summaryNode(id: string, nodes: readonly PictureNode[], inside: readonly PictureEdge[]): PictureNode {
  const kinds = countsOf(nodes.map(({ kind }) => kind))
  const statuses = countsOf(nodes.map(({ status }) => status))
  return {
    id,
    kind: 'summary',
    lines: [
      id.slice(groupId('').length),
      ...[...kinds].map(([kind, count]) => (count === 1 ? `1 ${kind}` : `${count} ${kindText(kind)}`)),
      ...[...statuses].flatMap(([status, count]) => (isRemarkable(status) ? [`${count} ${status}`] : [])),
      ...(inside.length > 0 ? [`${linksText(inside.length)} inside`] : []),
    ],
    status: statusOf(statuses),
    isBus: false,
    group: null,
    count: nodes.length,
  }
}

const isRemarkable = (status: NodeStatus): boolean => status === 'dead' || status === 'paused'

/** A group looks dead or paused when all of its nodes are. */
function statusOf(statuses: ReadonlyMap<NodeStatus, number>): NodeStatus {
  const [only] = statuses.keys()
  return statuses.size === 1 && only !== undefined ? only : statuses.has('running') ? 'running' : 'planned'
}

function countsOf<T>(all: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const each of all) counts.set(each, (counts.get(each) ?? 0) + 1)
  return counts
}

const linksText = (count: number): string => (count === 1 ? '1 link' : `${count} links`)

/** One line for links between two groups; none for those within one. */
function summaryEdge(edges: readonly PictureEdge[], groupOfNode: ReadonlyMap<string, string>): PictureEdge[] {
  const [first] = edges
  if (!first) return []
  const [a = '', b = ''] = first.ends.map(({ node }) => groupOfNode.get(node) ?? '')
  if (a === b) return []
  const down = edges.filter(({ state }) => isOff(state))
  const end = (node: string): PictureEnd => ({ node, interface: '', addresses: [], state: first.state, master: null })
  const types = countsOf(edges.map(({ type }) => type))
  const nouns =
    first.layer === 'underlay' ? [linksText(edges.length)] : [...types].map(([type, count]) => `${count} × ${type}`)
  return [
    {
      id: `${a}--${b}${first.layer === 'overlay' ? '--overlay' : ''}`,
      ends: [end(a), end(b)],
      layer: first.layer,
      type: [...types.keys()].join(', '),
      state:
        down.length === edges.length && down[0]
          ? down[0].state
          : (edges.find(({ state }) => !isOff(state)) ?? first).state,
      labels: [...nouns, ...(down.length > 0 ? [`${down.length} down`] : [])],
      network: null,
    },
  ]
}
