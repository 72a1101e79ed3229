// What a picture is made from: a lab, and the places that its nodes are to have.
import { existsSync } from 'node:fs'
import { LabError } from '../../errors.js'
import type { LabView } from '../../model/lab-view.js'
import type { Point } from '../../model/picture/point.js'
import type { Sheet } from '../../model/picture/sheet.js'
import { viewOfResolved } from '../../present/view.js'
import { type Layout, layoutText, readLayout } from '../../topology/positions/layout-file.js'
import { readRegularFile } from '../input/read-input.js'
import { loadTopology, type TopologyFlags } from '../input/source.js'
import { writeOutput } from '../output.js'
import { isFile, viewOf } from './view.js'

export interface PictureSource {
  view: LabView
  /** Of the layout file. */
  positions: Record<string, Point>
  /** One sentence each. */
  warnings: string[]
  /** null for a running lab and for standard input. */
  file: string | null
  /** What is beside the file; null: nothing. */
  layout: Pick<Layout, 'others' | 'isOwn'> | null
}

/**
 * Reads a running lab, or a topology file with the layout file beside it.
 *
 * @throws LabError as `loadTopology` and `Lab.inspect` do
 */
export async function pictureSource(source: string | undefined, flags: TopologyFlags): Promise<PictureSource> {
  const none = { positions: {}, layout: null }
  if (!isFile(source)) return { ...none, view: await viewOf(source, flags, []), warnings: [], file: null }
  const topology = loadTopology(source, flags)
  const view = viewOfResolved(topology)
  const { warnings } = topology
  if (source === '-') return { ...none, view, warnings, file: null }
  const file = layoutFileOf(source)
  if (!existsSync(file)) return { ...none, view, warnings, file: source }
  const known = positionsIn(view)
  const nodes = new Set(view.nodes.map(({ name }) => name))
  const layout = readLayout(readRegularFile(file), file, { name: view.lab, nodes }, known)
  return { view, positions: layout.positions, warnings: [...warnings, ...layout.warnings], file: source, layout }
}

const positionsIn = ({ nodes }: LabView): ReadonlyMap<string, Point> =>
  new Map(nodes.flatMap(({ name, position }) => (position ? [[name, position] as const] : [])))

export const layoutFileOf = (file: string): string => `${file}.layout.json`

/**
 * Writes the places of the nodes of a sheet beside a topology file. Positions that nodes have already stay as they are, also those of
 * nodes that the topology does not have.
 *
 * @returns what is written
 * @throws LabError USAGE for a running lab, for standard input, and where a file is that is no layout of the topology;
 *   FILE_UNREADABLE when it cannot be written
 */
export function saveLayout(
  { file, layout, view, positions: read }: PictureSource,
  { nodes }: Sheet,
): Record<string, Point> {
  if (file === null) throw new LabError('USAGE', '--save-layout writes beside a topology file, and there is none')
  const path = layoutFileOf(file)
  if (layout && !layout.isOwn) {
    throw new LabError('USAGE', `--save-layout does not replace ${path}: it is no layout of ${view.lab}`, {
      hint: 'move it to another name first',
    })
  }
  const centres = nodes.map(({ node, box }): [string, Point] => [
    node.id,
    { x: box.x + box.width / 2, y: box.y + box.height / 2 },
  ])
  const known = new Map([...positionsIn(view), ...Object.entries(read)])
  const move = moveOf(centres, known)
  const places = centres.map(([node, { x, y }]): [string, Point] => [
    node,
    known.get(node) ?? { x: rounded(x - move.x), y: rounded(y - move.y) },
  ])
  const positions = { ...layout?.others, ...Object.fromEntries(places) }
  writeOutput(layoutText(view.lab, positions), path)
  return positions
}

/** How far a sheet has moved all nodes to have room for texts at its edges: most of those with positions have moved alike. */
function moveOf(centres: readonly [string, Point][], known: ReadonlyMap<string, Point>): Point {
  const counts = new Map<string, { move: Point; count: number }>()
  for (const [node, { x, y }] of centres) {
    const wanted = known.get(node)
    if (!wanted) continue
    const move = { x: Math.round(x - wanted.x), y: Math.round(y - wanted.y) }
    const key = `${move.x} ${move.y}`
    counts.set(key, { move, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count)
  return most?.move ?? { x: 0, y: 0 }
}

const rounded = (value: number): number => Math.round(value * 100) / 100
