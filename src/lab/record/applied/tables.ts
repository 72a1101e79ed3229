// The neighbour tables that decide `neighbours: auto` for a lab.
import { LabError } from '../../../errors.js'
import type { NeighbourTables } from '../../../model/source/neighbour-tables.js'
import { neighbourTables } from '../../who/neighbour-tables.js'
import { type RunningLab, selectLab } from '../select.js'
import { readApplied } from './applied.js'

/**
 * Those with which a running lab was made; the machine's present ones for a lab that a program has resolved, or whose record cannot be
 * read. By the present ones, the entries of the lab itself would change what its file means.
 */
export function tablesOf(lab: RunningLab): NeighbourTables {
  return unlessRefused(() => readApplied(lab).source?.neighbourTables) ?? neighbourTables()
}

/** The same for the lab of this name; the machine's present ones where none runs. */
export function tablesFor(name: string): NeighbourTables {
  const lab = unlessRefused(() => selectLab(name))
  return lab === undefined ? neighbourTables() : tablesOf(lab)
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof LabError) return undefined
    throw error
  }
}
