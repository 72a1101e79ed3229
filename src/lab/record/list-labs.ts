// Lists the labs in this user's state directories, and sweeps: removes what dead labs left there.
import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import { KernelError, LabError } from '../../errors.js'
import { ABSENT } from '../../kernel/attempt.js'
import { isAllowed } from '../../kernel/small-file.js'
import { labCgroupsHere, removeAbandoned } from './cgroup.js'
import { canonical, type FoundKeeper, findKeepers, holdsLockOf, isTitledKeeper, scanOnce } from './find-keeper.js'
import { namesIn, removeUnfinished } from './lab-directory.js'
import { hasDevices, type LabRecord, readRecord } from './lab-record.js'
import { sweepNetnsNames } from './netns-names.js'
import { removeRecord } from './remove-lab.js'
import { stateDirectories, stateDirectoryExists } from './state-directory.js'
import { withStateLock } from './state-lock.js'

/**
 * All living labs of this user, sorted by name. Files of dead labs are removed on the way, but only as far as this needs no
 * waiting; a failure to remove them is not reported here.
 */
export function listLabs(): LabRecord[] {
  const found = stateDirectories().flatMap((stateDirectory) => sweep(stateDirectory, { wait: false }).alive)
  const living = new Set(found.map(({ name }) => name))
  sweepNetnsNames((lab) => !living.has(lab))
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * All living labs of this user: those of `listLabs`, and those whose directory was removed or cannot be read, which are found by
 * the processes of all their keepers.
 */
export function listAllLabs(): LabRecord[] {
  const listed = listLabs()
  const known = new Set(listed.map(({ directory }) => canonical(directory)))
  const lost = findKeepers()
    .filter((keeper) => (isOfOwnPlace(keeper) || isOrphanOfAnyPlace(keeper)) && !known.has(keeper.directory))
    .map(lostLab)
  return [...listed, ...lost].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function lostLab(keeper: FoundKeeper): LabRecord {
  const { lab, directory } = keeper
  const isGone = isOrphaned(keeper)
  const damage = isGone ? `its directory ${directory} was removed` : `${directory} is gone or cannot be read`
  const lost = { name: lab, directory, alive: true, owner: process.geteuid?.() ?? 0, state: null, damage }
  return isGone ? { ...lost, isOrphaned: true } : lost
}

/** Whether nothing is left of the directory of a keeper's lab. A directory that cannot be seen here has its lock still. */
const isOrphaned = ({ directory, isLockRemoved }: FoundKeeper): boolean =>
  isLockRemoved && !isAllowed(directory, constants.F_OK)

/** Without NSLAB_STATE_DIR, no directory is left that could be named to find it. */
const isOrphanOfAnyPlace = (keeper: FoundKeeper): boolean => !process.env.NSLAB_STATE_DIR && isOrphaned(keeper)

/**
 * In words, running labs of this user whose directory is in none of the state directories, as after XDG_RUNTIME_DIR has changed.
 * With NSLAB_STATE_DIR, only labs in that directory are wanted.
 *
 * @param name of this lab alone
 */
export function elsewhereText(name?: string): string[] {
  if (process.env.NSLAB_STATE_DIR) return []
  return findKeepers()
    .filter((keeper) => (name === undefined || keeper.lab === name) && !isOfOwnPlace(keeper) && !isOrphaned(keeper))
    .map(
      ({ lab, directory }) => `lab ${lab} runs, with its state in ${dirname(directory)}: set NSLAB_STATE_DIR to that`,
    )
}

/** Whether a keeper's lab is in one of this user's state directories, or was until its directory was moved or replaced. */
const isOfOwnPlace = (keeper: FoundKeeper): boolean =>
  stateDirectories().some((place) => holdsLockOf(keeper, join(place, keeper.lab)))

/** Dead labs whose state names devices of the machine that have not been returned. */
export const labsWithDevices = (): LabRecord[] =>
  stateDirectories().flatMap((stateDirectory) => {
    if (!stateDirectoryExists(stateDirectory)) return []
    const keepers = scanOnce()
    const found = withStateLock(stateDirectory, () =>
      namesIn(stateDirectory)
        .map((name) => readRecord(stateDirectory, name, keepers))
        .filter((record) => record !== null && !record.alive && hasDevices(record)),
    )
    return (found ?? []) as LabRecord[]
  })

/**
 * Removes what dead labs left, except labs that still have devices of the machine. @returns their names
 *
 * @throws LabError CLEANUP_INCOMPLETE when something could not be removed, after everything else was.
 */
export function sweepLabs(): string[] {
  const sweeps = stateDirectories().map((stateDirectory) => sweep(stateDirectory, { wait: true }))
  sweepNetnsNames()
  // The directory of a dead lab may say nothing of its cgroup, or another lab's.
  for (const each of labCgroupsHere()) if (!isTitledKeeper(each.keeperPid, each.lab)) removeAbandoned(each)
  const [failure] = sweeps.flatMap(({ failures }) => failures)
  if (failure) throw failure
  return sweeps.flatMap(({ swept }) => swept)
}

interface Sweep {
  alive: LabRecord[]
  swept: string[]
  failures: LabError[]
}

function sweep(stateDirectory: string, { wait }: { wait: boolean }): Sweep {
  const result: Sweep = { alive: [], swept: [], failures: [] }
  // The lock loads koffi, which takes 7 ms: without labs, do not take it.
  if (!stateDirectoryExists(stateDirectory) || isEmpty(stateDirectory)) return result
  withStateLock(stateDirectory, () => {
    result.failures.push(...removeUnfinished(stateDirectory).map(notRemovable))
    const keepers = scanOnce()
    for (const name of namesIn(stateDirectory)) {
      const record = readRecord(stateDirectory, name, keepers)
      if (record?.alive) result.alive.push(record)
      // The state of a lab with devices is the only record of how to restore them.
      if (!record || record.alive || hasDevices(record)) continue
      try {
        removeRecord(record, { wait })
        result.swept.push(name)
      } catch (error) {
        result.failures.push(error as LabError)
      }
    }
  })
  return result
}

const notRemovable = (path: string): LabError =>
  new LabError('CLEANUP_INCOMPLETE', `${path}, which a dead lab left, has a directory of another user`, {
    hint: `as root, remove it: \`rm -r ${path}\``,
  })

/** true also when the directory has been removed meanwhile. @throws KernelError */
function isEmpty(path: string): boolean {
  try {
    return namesIn(path).length === 0
  } catch (error) {
    if (error instanceof KernelError && ABSENT.includes(error.errno)) return true
    throw error
  }
}
