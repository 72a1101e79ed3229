// Names of users and groups: passwd(5), group(5). Only what stands in the files; a name service is not asked.
import { readIfThere } from '../../kernel/small-file.js'

interface Entry {
  name: string
  id: number
  /** Of a user, its own. */
  group: number | null
}

const IS_ID = /^[0-9]{1,10}$/

/** Turns ids into names, and ids without one into their number. */
export function userNames(): (uid: number) => string {
  // Of several names for one id, the first counts.
  const names = new Map(
    entriesOf('/etc/passwd')
      .map(({ name, id }) => [id, name] as const)
      .toReversed(),
  )
  return (uid) => names.get(uid) ?? String(uid)
}

/** The id of a user, by name or by number; null for a name that is not there. */
export const userId = (user: string): number | null => find('/etc/passwd', user)?.id ?? null

/** Ids of `USER` or `USER:GROUP`, names or ids; what is not there, in words, where one is not. A user's group is its own. */
export function ownerIds(owner: string): { uid: number; gid: number } | string {
  const [user = '', group] = owner.split(':')
  const entry = find('/etc/passwd', user)
  if (!entry) return `user ${user}`
  if (group === undefined) return { uid: entry.id, gid: entry.group ?? entry.id }
  const gid = find('/etc/group', group)?.id
  return gid === undefined ? `group ${group}` : { uid: entry.id, gid }
}

/** A number needs no entry. */
function find(file: '/etc/passwd' | '/etc/group', name: string): Pick<Entry, 'id' | 'group'> | undefined {
  if (IS_ID.test(name)) return { id: Number(name), group: null }
  return entriesOf(file).find((entry) => entry.name === name)
}

/** Both have the id in the third field; passwd the user's group in the fourth. */
const entriesOf = (file: '/etc/passwd' | '/etc/group'): Entry[] =>
  (readIfThere(file) ?? '').split('\n').flatMap((line) => {
    const [name = '', , id = '', group = ''] = line.split(':')
    return name !== '' && IS_ID.test(id)
      ? [{ name, id: Number(id), group: IS_ID.test(group) ? Number(group) : null }]
      : []
  })
