// Labs of the caller's own, written as USER:LAB.
import { callerOf } from './caller.js'
import { LAB_NAME } from './store.js'
import { userId } from './users.js'

/** The name LAB of `USER:LAB` when USER is the caller; null otherwise. */
export function ownName(text: string): string | null {
  const [user = '', name = ''] = text.split(':')
  return userId(user) === callerOf().uid && LAB_NAME.test(name) ? name : null
}
