// Taking labs down by name, whoever made them: running ones, and ones that are still being built.
import { LabError } from '../../errors.js'
import { type RunningLab, selectLab } from '../record/select.js'
import { type LabRecord, listLabs, sweepLabs } from '../record/store.js'
import { endLab } from './end-lab.js'

/**
 * Takes down the named labs, all of them, or, with no name, the only one there is. Nothing in it waits for events
 * unless the lab has devices of the machine's, so a signal that arrives meanwhile takes effect when it is done.
 *
 * @returns the names of the labs that are gone
 * @throws LabError LAB_NOT_FOUND before anything is done; CLEANUP_INCOMPLETE when something is left, after the others
 * are down.
 */
export async function takeDown(names: readonly string[] | 'all'): Promise<string[]> {
  const labs = listLabs()
  const named = names === 'all' ? labs : names.length === 0 ? [selectLab()] : names.map((name) => find(labs, name))
  // One may be named twice, as LAB and as USER:LAB.
  const doomed = [...new Map(named.map((lab) => [lab.directory, lab])).values()]
  const failures: unknown[] = []
  for (const lab of doomed) {
    try {
      await endLab(standing(lab))
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  // Of labs that were dead before, what could not be removed at once.
  if (names === 'all') sweepLabs()
  return doomed.map((lab) => lab.name)
}

function find(labs: readonly LabRecord[], name: string): LabRecord {
  const lab = labs.find((each) => each.name === name)
  return lab ?? selectLab(name)
}

function standing(lab: LabRecord): RunningLab {
  const { name, state } = lab
  if (state) return { ...lab, state }
  throw new LabError('LAB_NOT_FOUND', `lab ${name} is only just being started`, { hint: 'try again in a moment' })
}
