// Labs of other users, which root may name as USER:LAB. Their directories are written by those users and not trusted: no link is
// followed, and a process counts only if it belongs to that user and is in namespaces that this user has made.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { LabError } from '../../errors.js'
import { callerOf } from '../who/caller.js'
import { foreignNamespace } from '../who/foreign-namespace.js'
import { isRunning, type ProcessIdentity, uidOf } from '../who/process-identity.js'
import { userId } from '../who/users.js'
import { LAB_NAME } from './lab-name.js'
import type { LabRecord } from './lab-record.js'
import { MAX_STATE_BYTES, withoutPrivileges } from './other-users-state.js'
import { readState } from './read-state.js'
import type { LabState } from './state.js'
import { isTrustedDirectory } from './state-directory.js'

/** Whether a text has the form USER:LAB. */
export const isOtherUsersName = (name: string): boolean => name.includes(':')

/**
 * The running lab that `USER:LAB` names.
 *
 * @param text `USER:LAB`; USER is a name or a number
 * @throws LabError PRIVILEGE_MISSING unless the caller is root, USAGE for an unknown user, LAB_NOT_FOUND, and STATE_REFUSED when
 * the lab's state names processes of other users.
 */
export function otherUsersLab(text: string): LabRecord & { state: LabState } {
  const [user = '', name = ''] = text.split(':')
  if (process.geteuid?.() !== 0 || callerOf().rootless) {
    throw new LabError('PRIVILEGE_MISSING', `only root can name the labs of another user, as in ${text}`)
  }
  if (!LAB_NAME.test(name)) throw new LabError('USAGE', `${JSON.stringify(text)} is not USER:LAB`)
  const uid = userId(user)
  if (uid === null) throw new LabError('USAGE', `there is no user ${JSON.stringify(user)}`)
  for (const stateDirectory of [`/run/user/${uid}/nslab`, `/tmp/nslab-${uid}`]) {
    const lab = isTrustedDirectory(stateDirectory, uid) ? labIn(stateDirectory, name, uid) : null
    if (lab) return lab
  }
  throw new LabError('LAB_NOT_FOUND', `user ${user} has no lab named ${name} that runs`)
}

/**
 * Removes the directory of another user's lab, in a process that runs as that user: while it is removed, the user could replace
 * parts of it by links to files that only root can remove.
 *
 * @throws LabError CLEANUP_INCOMPLETE
 */
export function removeOtherUsersDirectory(directory: string, uid: number): void {
  const { status, stderr } = spawnSync('rm', ['-rf', '--', directory], { uid, gid: uid, cwd: '/', encoding: 'utf8' })
  if (status !== 0)
    throw new LabError(
      'CLEANUP_INCOMPLETE',
      `the lab is gone, but not ${directory}: ${stderr?.trim() ?? 'rm cannot be run'}`,
    )
}

function labIn(stateDirectory: string, name: string, uid: number): (LabRecord & { state: LabState }) | null {
  const directory = join(stateDirectory, name)
  const written = isTrustedDirectory(directory, uid) ? readState(directory, MAX_STATE_BYTES) : null
  const state = written?.state ? withoutPrivileges(written.state, name) : null
  if (state === null || !isRunning(state.keeper)) return null
  for (const process of [state.keeper, ...state.nodes]) requireUsers(process, uid, labText(name, uid))
  return { name, directory, alive: true, owner: uid, state, damage: null }
}

const labText = (name: string, uid: number): string => `${uid}:${name}`

/** Checks a process that root is going to signal, or whose namespaces root is going to enter. A dead one is neither. */
function requireUsers(identity: ProcessIdentity, uid: number, lab: string): void {
  if (!isRunning(identity)) return
  const refused = (which: string) =>
    new LabError('STATE_REFUSED', `the state of ${lab} names process ${identity.pid}, which ${which}`)
  if (uidOf(identity.pid) !== uid) throw refused("is not that user's")
  if (foreignNamespace(identity.pid, uid) !== null) throw refused('is in no node')
}
