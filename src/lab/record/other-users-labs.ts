// Labs of other users, which root may name as USER:LAB. Their directories are written by those users and not trusted: no link is
// followed, and a process counts only if it belongs to that user and is in another user namespace than root's.
import { spawnSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../../errors.js'
import { callerOf } from '../who/caller.js'
import { isRunning, type ProcessIdentity, uidOf } from '../who/process-identity.js'
import { userId } from '../who/users.js'
import { LAB_NAME } from './lab-name.js'
import type { LabRecord } from './lab-record.js'
import { MAX_STATE_BYTES, withoutPrivileges } from './other-users-state.js'
import { type LabState, readState } from './state.js'
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
  if (status !== 0) throw new LabError('CLEANUP_INCOMPLETE', `the lab is gone, but not ${directory}: ${stderr.trim()}`)
}

function labIn(stateDirectory: string, name: string, uid: number): (LabRecord & { state: LabState }) | null {
  const directory = join(stateDirectory, name)
  const written = isTrustedDirectory(directory, uid) ? readState(directory, MAX_STATE_BYTES) : null
  const state = written?.state ? withoutPrivileges(written.state, name) : null
  if (state === null || !isRunning(state.keeper)) return null
  for (const process of [state.keeper, ...state.nodes]) requireOwner(process, uid, labText(name, uid))
  for (const node of state.nodes) requireNodeNamespace(node, labText(name, uid))
  return { name, directory, alive: true, owner: uid, state, damage: null }
}

const labText = (name: string, uid: number): string => `${uid}:${name}`

function requireOwner(identity: ProcessIdentity, uid: number, lab: string): void {
  if (!isRunning(identity) || uidOf(identity.pid) === uid) return
  throw new LabError('STATE_REFUSED', `the state of ${lab} names process ${identity.pid}, which is not that user's`)
}

/** Checks that a process is in a user namespace below root's, so that root runs no command in the host's own namespaces. */
function requireNodeNamespace({ pid }: ProcessIdentity, lab: string): void {
  if (readlinkOrNull(`/proc/${pid}/ns/user`) !== readlinkSync('/proc/self/ns/user')) return
  throw new LabError('STATE_REFUSED', `the state of ${lab} names process ${pid}, which is in no node`)
}

function readlinkOrNull(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
