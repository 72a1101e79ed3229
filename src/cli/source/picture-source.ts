// What a picture is made from: a lab, and the places that its nodes are to have.
import { existsSync } from 'node:fs'
import { LabError } from '../../errors.js'
import type { LabView } from '../../model/lab-view.js'
import type { Point } from '../../model/picture/point.js'
import type { Sheet } from '../../model/picture/sheet.js'
import { viewOfResolved } from '../../present/view.js'
import { layoutText, readLayout } from '../../topology/positions/layout-file.js'
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
}

/**
 * Reads a running lab, or a topology file with the layout file beside it.
 *
 * @throws LabError as `loadTopology` and `Lab.inspect` do
 */
export async function pictureSource(source: string | undefined, flags: TopologyFlags): Promise<PictureSource> {
  if (!isFile(source)) return { view: await viewOf(source, flags, []), positions: {}, warnings: [], file: null }
  const topology = loadTopology(source, flags)
  const view = viewOfResolved(topology)
  const { warnings } = topology
  if (source === '-') return { view, positions: {}, warnings, file: null }
  const layout = layoutFileOf(source)
  if (!existsSync(layout)) return { view, positions: {}, warnings, file: source }
  const known = new Map(view.nodes.flatMap(({ name, position }) => (position ? [[name, position] as const] : [])))
  const nodes = new Set(view.nodes.map(({ name }) => name))
  const read = readLayout(readRegularFile(layout), layout, { name: view.lab, nodes }, known)
  return { view, positions: read.positions, warnings: [...warnings, ...read.warnings], file: source }
}

const layoutFileOf = (file: string): string => `${file}.layout.json`

/**
 * Writes the places of all nodes of a sheet beside a topology file.
 *
 * @throws LabError USAGE for a running lab and for standard input; FILE_UNREADABLE when it cannot be written
 */
export function saveLayout(file: string | null, lab: string, { nodes }: Sheet): void {
  if (file === null) throw new LabError('USAGE', '--save-layout writes beside a topology file, and there is none')
  const places = nodes.map(({ node, box }): [string, Point] => [
    node.id,
    { x: rounded(box.x + box.width / 2), y: rounded(box.y + box.height / 2) },
  ])
  writeOutput(layoutText(lab, Object.fromEntries(places)), layoutFileOf(file))
}

const rounded = (value: number): number => Math.round(value * 10) / 10
