// What commands that show either a running lab or a topology file read.
import { existsSync } from 'node:fs'
import type { NetworkTable } from '../../lab/observe/inspect.js'
import type { LabView } from '../../model/lab-view.js'
import { viewOfResolved } from '../../present/view.js'
import { loadTopology, type TopologyFlags } from '../input/source.js'
import { argument } from '../oclif.js'

export const sourceArgument = argument('name of a running lab, or a topology file; - reads standard input')

/** Whether a source is a file. One that is both a file and a running lab means the file. */
export const isFile = (source: string | undefined): source is string =>
  source !== undefined && (source === '-' || existsSync(source) || /[/.]/.test(source))

/** @param tables of a running lab that are read */
export async function viewOf(
  source: string | undefined,
  flags: TopologyFlags,
  tables: readonly NetworkTable[],
): Promise<LabView> {
  if (isFile(source)) return viewOfResolved(loadTopology(source, flags))
  const { Lab } = await import('../../lab/lab.js')
  return await Lab.attach(source).inspect(tables)
}
