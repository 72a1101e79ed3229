// Labs of the caller, written as USER:LAB.
import { callerOf } from '../who/caller.js'
import { userId } from '../who/users.js'
import { LAB_NAME } from './lab-name.js'

/** The name LAB of `USER:LAB` when USER is the caller; null otherwise. */
export function ownLabName(text: string): string | null {
  const [user = '', name = ''] = text.split(':')
  return userId(user) === callerOf().uid && LAB_NAME.test(name) ? name : null
}
