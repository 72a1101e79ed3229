// The neighbour tables that decide `neighbours: auto` for a lab.
import { join } from 'node:path'
import { LabError } from '../../../errors.js'
import { lstatIfThere } from '../../../kernel/small-file.js'
import type { NeighbourTables } from '../../../model/source/neighbour-tables.js'
import { neighbourTables } from '../../who/neighbour-tables.js'
import { isRunning } from '../../who/process-identity.js'
import { readState } from '../read-state.js'
import type { RunningLab } from '../select.js'
import { stateDirectories } from '../state-directory.js'
import { readApplied } from './applied.js'

/**
 * Those with which a running lab was made; the machine's present ones for a lab that a program has resolved, or whose record cannot be
 * read. By the present ones, the entries of the lab itself would change what its file means.
 */
export function tablesOf(lab: Pick<RunningLab, 'name' | 'directory' | 'state'>): NeighbourTables {
  return unlessRefused(() => readApplied(lab).source?.neighbourTables) ?? neighbourTables()
}

/** The same for the lab of this name; the machine's present ones where none of this user's runs. */
export function tablesFor(name: string): NeighbourTables {
  for (const stateDirectory of stateDirectories()) {
    const directory = join(stateDirectory, name)
    // The directory may be damaged: to say so is the command's own task.
    const state = unlessRefused(() => (lstatIfThere(directory) ? readState(directory).state : null))
    if (state?.status === 'running' && isRunning(state.keeper)) return tablesOf({ name, directory, state })
  }
  return neighbourTables()
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof LabError) return undefined
    throw error
  }
}
