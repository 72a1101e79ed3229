// Takes a name for a new lab: makes its directory and holds its lock. It starts no process.
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../../errors.js'
import { lstatIfThere } from '../../kernel/small-file.js'
import { holderText, readHolder } from '../turn/holder.js'
import { type Turn, tryTurn } from '../turn/turn.js'
import { findKeepers, holdsLockOf } from './find-keeper.js'
import { makeLabDirectory, removeLabDirectory } from './lab-directory.js'
import { LAB_NAME } from './lab-name.js'
import { hasDevices, type LabRecord, readRecord, UNRETURNED_HINT, unreturnedText } from './lab-record.js'
import { sweepNetnsNames } from './netns-names.js'
import { removeRecord } from './remove-lab.js'
import { ensureStateDirectory, stateDirectories, stateDirectoryExists } from './state-directory.js'
import { whenStateLocked } from './state-lock.js'

/** A name taken for a new lab. The caller closes `lockFd` once the keeper has inherited it, and ends the turn when the lab is up. */
export interface Claim {
  directory: string
  lockFd: number
  /** Tells other commands who builds the lab. */
  turn: Turn | null
}

/**
 * Takes a name for a new lab: makes its directory and locks it. Files that a dead lab of this name left are removed.
 *
 * @throws LabError USAGE for a name that no lab can have, LAB_EXISTS when a lab of this name is alive, CLEANUP_INCOMPLETE when
 * a dead one still has devices of the machine, STATE_REFUSED when the state directory cannot be trusted; the signal's reason
 * when aborted while it waits for other commands.
 */
export async function claimLab(name: string, signal?: AbortSignal): Promise<Claim> {
  checkName(name)
  for (const other of stateDirectories().slice(1)) {
    if (!stateDirectoryExists(other)) continue
    if (await whenStateLocked(other, () => readRecord(other, name)?.alive, signal)) throw labExists(name)
  }
  const stateDirectory = stateDirectories()[0] as string
  for (;;) {
    ensureStateDirectory(stateDirectory)
    const claim = await whenStateLocked(stateDirectory, () => claimIn(stateDirectory, name), signal)
    if (claim) return claim
  }
}

function claimIn(stateDirectory: string, name: string): Claim {
  const found = readRecord(stateDirectory, name)
  const directory = join(stateDirectory, name)
  // The directory of a lab that runs may have been removed.
  if (found?.alive || (!found && findKeepers().some((each) => holdsLockOf(each, directory))))
    throw (found && beingBuilt(found)) ?? labExists(name)
  if (found && hasDevices(found)) throw unreturned(found)
  if (found) removeRecord(found)
  sweepNetnsNames((lab) => lab === name)
  if (lstatIfThere(directory)) throw notALab(directory, name)
  const lockFd = makeLabDirectory(directory)
  try {
    return { directory, lockFd, turn: tryTurn({ name, directory }) }
  } catch (error) {
    closeSync(lockFd)
    removeLabDirectory(directory)
    throw error
  }
}

function checkName(name: string): void {
  if (LAB_NAME.test(name)) return
  throw new LabError('USAGE', `${JSON.stringify(name)} is not a lab name`, {
    hint: 'letters, digits and inner hyphens, at most 63',
  })
}

const unreturned = (lab: LabRecord): LabError =>
  new LabError('CLEANUP_INCOMPLETE', unreturnedText(lab), { hint: UNRETURNED_HINT })

const notALab = (directory: string, name: string): LabError =>
  new LabError('STATE_REFUSED', `${directory} exists and is not the directory of a lab`, {
    hint: `give the lab another name than ${name} with --name; or, if nothing in it is needed, remove it: \`rm -r ${directory}\``,
  })

/** null for a lab that is up, and for one whose state is lost. */
function beingBuilt({ name, directory, state }: LabRecord): LabError | null {
  const holder = state?.status === 'running' ? null : readHolder(directory)
  if (holder === null) return null
  const hint = `wait for it, or end it with \`nslab down ${name}\``
  return new LabError('LAB_EXISTS', `lab ${name} is being built by ${holderText(holder)}`, { hint })
}

const labExists = (name: string): LabError =>
  new LabError('LAB_EXISTS', `a lab named ${name} runs already`, {
    hint: `take it down with \`nslab down ${name}\`, or give this one another name with --name`,
  })
