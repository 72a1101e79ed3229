// Takes labs down by name: running labs, labs that are still being built, and labs whose state is damaged.
import { dirname } from 'node:path'
import { LabError } from '../../errors.js'
import { keeperOf, type LabRecord, readRecord } from '../record/lab-record.js'
import { listAllLabs, sweepLabs } from '../record/list-labs.js'
import { selectLab } from '../record/select.js'
import { stateDirectories } from '../record/state-directory.js'
import { withStateLock } from '../record/state-lock.js'
import { endLab, type LivingLab } from './end-lab.js'

/**
 * Takes down the named labs, all labs of this user, or, without a name, the only one. It does not return to the event loop
 * unless a lab has devices of the machine, so a signal that arrives meanwhile takes effect afterwards.
 *
 * @returns the names of the labs that are down
 * @throws LabError LAB_NOT_FOUND before anything is done; CLEANUP_INCOMPLETE when something is left, after the other labs are
 * down.
 */
export async function takeDown(names: readonly string[] | 'all'): Promise<string[]> {
  const labs = listAllLabs()
  const named = names === 'all' ? labs : names.length === 0 ? [onlyOne(labs)] : names.map((name) => find(labs, name))
  // A lab may be named twice, as LAB and as USER:LAB.
  const selected = [...new Map(named.map((lab) => [lab.directory, lab])).values()]
  const failures: unknown[] = []
  for (const lab of selected) {
    try {
      await endLab(withKeeper(lab))
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  // Removes what earlier labs left and `listLabs` could not remove without waiting.
  if (names === 'all') sweepLabs()
  return selected.map((lab) => lab.name)
}

function onlyOne(labs: readonly LabRecord[]): LabRecord {
  const [only, another] = labs
  if (!only) return selectLab()
  if (!another) return only
  throw new LabError('LAB_AMBIGUOUS', `several labs run: ${labs.map(({ name }) => name).join(', ')}`, {
    hint: 'name the lab: nslab down LAB, or --all for all of them',
  })
}

function find(labs: readonly LabRecord[], name: string): LabRecord {
  const lab = labs.find((each) => each.name === name)
  return lab ?? selectLab(name)
}

/** Whether a lab has not been taken down meanwhile. */
const isAlive = ({ directory, name }: LabRecord): boolean =>
  withStateLock(dirname(directory), () => readRecord(dirname(directory), name)?.alive) === true

/** The lab with the process that holds its lock. The keeper of another user's lab is the one that its state names. */
function withKeeper(lab: LabRecord): LivingLab {
  requireOwn(lab)
  const keeper = lab.owner === process.geteuid?.() ? keeperOf(lab) : (lab.state?.keeper ?? null)
  if (keeper !== null || !isAlive(lab)) return { ...lab, keeper }
  if (lab.state === null && lab.damage === null)
    throw new LabError('LAB_NOT_FOUND', `lab ${lab.name} is only just being started`, { hint: 'try again in a moment' })
  throw new LabError(
    'CLEANUP_INCOMPLETE',
    `lab ${lab.name} is not down: a process that cannot be seen here holds ${lab.directory}/lock`,
    { hint: `run \`nslab down ${lab.name}\` in the PID namespace or container in which the lab was made` },
  )
}

/** A lab in the caller's own state directory is the caller's; somebody has changed the owner of its directory. */
function requireOwn({ name, directory, owner }: LabRecord): void {
  const uid = process.geteuid?.() ?? 0
  if (owner === uid || !stateDirectories().includes(dirname(directory))) return
  throw new LabError(
    'STATE_REFUSED',
    `the directory of lab ${name}, ${directory}, belongs to user ${owner}, not to you`,
    {
      hint: `\`chown ${uid} ${directory}\` gives it back to you, and \`nslab down ${name}\` takes the lab down then`,
    },
  )
}
