// Takes labs down by name: running labs, and labs that are still being built.
import { LabError } from '../../errors.js'
import type { LabRecord } from '../record/lab-record.js'
import { listLabs, sweepLabs } from '../record/list-labs.js'
import { type RunningLab, selectLab } from '../record/select.js'
import { endLab } from './end-lab.js'

/**
 * Takes down the named labs, all labs of this user, or, without a name, the only running one. It does not return to the event
 * loop unless a lab has devices of the machine, so a signal that arrives meanwhile takes effect afterwards.
 *
 * @returns the names of the labs that are down
 * @throws LabError LAB_NOT_FOUND before anything is done; CLEANUP_INCOMPLETE when something is left, after the other labs are
 * down.
 */
export async function takeDown(names: readonly string[] | 'all'): Promise<string[]> {
  const labs = listLabs()
  const named = names === 'all' ? labs : names.length === 0 ? [selectLab()] : names.map((name) => find(labs, name))
  // A lab may be named twice, as LAB and as USER:LAB.
  const selected = [...new Map(named.map((lab) => [lab.directory, lab])).values()]
  const failures: unknown[] = []
  for (const lab of selected) {
    try {
      await endLab(requireState(lab))
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  // Removes what earlier labs left and `listLabs` could not remove without waiting.
  if (names === 'all') sweepLabs()
  return selected.map((lab) => lab.name)
}

function find(labs: readonly LabRecord[], name: string): LabRecord {
  const lab = labs.find((each) => each.name === name)
  return lab ?? selectLab(name)
}

function requireState(lab: LabRecord): RunningLab {
  const { name, state } = lab
  if (state) return { ...lab, state }
  throw new LabError('LAB_NOT_FOUND', `lab ${name} is only just being started`, { hint: 'try again in a moment' })
}
