// FILE.layout.json, which keeps the places of the nodes of a topology beside it:
// {"version": 1, "topology": "sites", "positions": {"gw1": [120, 40]}}
import type { Point } from '../../model/picture/point.js'
import { get, type Located, textOf } from '../source/located.js'
import { readDocument } from '../source/yaml-document.js'
import { CollectedPositions } from './collected.js'

const VERSION = 1

export interface Layout {
  /** Of the nodes of the topology, those of the file alone. */
  positions: Record<string, Point>
  /** Of nodes that the topology does not have. */
  others: Record<string, Point>
  /** Whether the file is a layout of the topology; else it has no positions. */
  isOwn: boolean
  /** One sentence each, with line and column. */
  warnings: string[]
}

/**
 * Reads a layout file. JSON is YAML, so that the same reader finds the places of its values.
 *
 * @param known positions that win, by node
 */
export function readLayout(
  text: string,
  file: string,
  topology: { name: string; nodes: ReadonlySet<string> },
  known: ReadonlyMap<string, Point>,
): Layout {
  const { root, faults } = readDocument(text, file)
  const collected = new CollectedPositions(known)
  for (const { at, message } of faults) collected.warn(at, `${message}; the layout places all nodes`)
  const others = faults.length === 0 ? read(root, topology, collected) : null
  const own = [...collected.byNode].filter(([node]) => !known.has(node))
  return {
    positions: Object.fromEntries(own),
    others: Object.fromEntries(others ?? []),
    isOwn: others !== null,
    warnings: collected.warnings,
  }
}

/** @returns the positions of nodes that the topology does not have; null: this is no layout of the topology */
function read(
  root: Located,
  topology: { name: string; nodes: ReadonlySet<string> },
  collected: CollectedPositions,
): [string, Point][] | null {
  const [version, name, positions] = ['version', 'topology', 'positions'].map((key) => get(root, key))
  if (textOf(version) !== String(VERSION)) {
    collected.warn((version ?? root).at, `this is no layout of version ${VERSION}; the layout places all nodes`)
    return null
  }
  if (textOf(name) !== topology.name) {
    const other = textOf(name) ?? 'no topology'
    collected.warn(
      (name ?? root).at,
      `this is the layout of ${other}, not of ${topology.name}; the layout places all nodes`,
    )
    return null
  }
  if (positions?.type !== 'map') {
    collected.warn((positions ?? root).at, '`positions` is a map from nodes to [x, y]; the layout places all nodes')
    return null
  }
  const others: [string, Point][] = []
  for (const [node, { key, value }] of positions.entries) {
    const [x, y] = value.type === 'list' && value.items.length === 2 ? value.items.map(numberOf) : []
    if (!topology.nodes.has(node)) {
      collected.warn(key, `${topology.name} has no node ${node}; its position is left out`)
      if (x !== undefined && y !== undefined) others.push([node, { x, y }])
    } else if (x === undefined || y === undefined)
      collected.warn(value.at, `the position of ${node} is not [x, y]; the layout places it`)
    else collected.add(node, { x, y }, value.at)
  }
  return others
}

const numberOf = (value: Located): number | undefined =>
  value.type === 'scalar' && typeof value.value === 'number' ? value.value : undefined

/** The text of a layout file, a line for each node. */
export function layoutText(topology: string, positions: Readonly<Record<string, Point>>): string {
  const lines = Object.entries(positions).map(([node, { x, y }]) => `    ${JSON.stringify(node)}: [${x}, ${y}]`)
  return `{
  "version": ${VERSION},
  "topology": ${JSON.stringify(topology)},
  "positions": {
${lines.join(',\n')}
  }
}
`
}
