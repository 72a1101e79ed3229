// Labs of other users, which root may name as USER:LAB. What is in their directories was written by that user, and nothing
// of it is believed: no link is followed, and a process counts only when it is that user's, in a user namespace of its own.
import { spawnSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../errors.js'
import { callerOf } from './caller.js'
import { FOREIGN_STATE_MAX, soundState } from './foreign-state.js'
import { isPlaceOf } from './place.js'
import { isRunning, type ProcessIdentity, uidOf } from './process.js'
import { type LabState, readState } from './state.js'
import { LAB_NAME, type LabRecord } from './store.js'
import { userId } from './users.js'

export const isForeignName = (name: string): boolean => name.includes(':')

/**
 * The running lab that `USER:LAB` names.
 *
 * @param user name or number
 * @throws LabError PRIVILEGE_MISSING for anyone but root, USAGE for a user that is not there, LAB_NOT_FOUND, and
 * STATE_REFUSED when its state names processes that are not that user's.
 */
export function foreignLab(text: string): LabRecord & { state: LabState } {
  const [user = '', name = ''] = text.split(':')
  if (process.geteuid?.() !== 0 || callerOf().rootless) {
    throw new LabError('PRIVILEGE_MISSING', `only root can name the labs of another user, as in ${text}`)
  }
  if (!LAB_NAME.test(name)) throw new LabError('USAGE', `${JSON.stringify(text)} is not USER:LAB`)
  const uid = userId(user)
  if (uid === null) throw new LabError('USAGE', `there is no user ${JSON.stringify(user)}`)
  for (const place of [`/run/user/${uid}/nslab`, `/tmp/nslab-${uid}`]) {
    const lab = isPlaceOf(place, uid) ? labIn(place, name, uid) : null
    if (lab) return lab
  }
  throw new LabError('LAB_NOT_FOUND', `user ${user} has no lab named ${name} that runs`)
}

/** Removes the directory of another user's lab: as that user, who could exchange parts of it for links meanwhile. */
export function removeForeignDirectory(directory: string, uid: number): void {
  const { status, stderr } = spawnSync('rm', ['-rf', '--', directory], { uid, gid: uid, cwd: '/', encoding: 'utf8' })
  if (status !== 0) throw new LabError('CLEANUP_INCOMPLETE', `the lab is gone, but not ${directory}: ${stderr.trim()}`)
}

function labIn(place: string, name: string, uid: number): (LabRecord & { state: LabState }) | null {
  const directory = join(place, name)
  const written = isPlaceOf(directory, uid) ? readState(directory, FOREIGN_STATE_MAX) : null
  const state = written && soundState(written, name)
  if (state === null || !isRunning(state.keeper)) return null
  for (const process of [state.keeper, ...state.nodes]) requireOwner(process, uid, text(name, uid))
  for (const node of state.nodes) requireOwnUsers(node, text(name, uid))
  return { name, directory, alive: true, owner: uid, state }
}

const text = (name: string, uid: number): string => `${uid}:${name}`

function requireOwner(identity: ProcessIdentity, uid: number, lab: string): void {
  if (!isRunning(identity) || uidOf(identity.pid) === uid) return
  throw new LabError('STATE_REFUSED', `the state of ${lab} names process ${identity.pid}, which is not that user's`)
}

/** Root would otherwise run a command for that user in the host's own namespaces. */
function requireOwnUsers({ pid }: ProcessIdentity, lab: string): void {
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
