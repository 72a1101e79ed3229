// Names and ids of users and groups, from /etc/passwd and /etc/group alone (passwd(5), group(5)). No name service is asked.
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'

interface Entry {
  name: string
  id: number
  /** A user's primary group; null for an entry of /etc/group. */
  group: number | null
  /** A user's home directory; empty for an entry of /etc/group, which has names of users there or nothing. */
  home: string
}

const IS_ID = /^[0-9]{1,10}$/

/** Returns a function that turns a user id into its name, or into its number when it has no name. */
export function userNames(): (uid: number) => string {
  // If an id has several names, the first one counts.
  const names = new Map(
    entriesOf('/etc/passwd')
      .map(({ name, id }) => [id, name] as const)
      .toReversed(),
  )
  return (uid) => names.get(uid) ?? String(uid)
}

/** The id of a user given by name or number; null for an unknown name. */
export const userId = (user: string): number | null => find('/etc/passwd', user)?.id ?? null

/**
 * Ids of `USER` or `USER:GROUP`, names or numbers. Without a group, it is the user's primary group.
 *
 * @returns a text such as `user alice` for a user or group that does not exist
 */
export function ownerIds(owner: string): { uid: number; gid: number } | string {
  const [user = '', group] = owner.split(':')
  const entry = find('/etc/passwd', user)
  if (!entry) return `user ${user}`
  if (group === undefined) return { uid: entry.id, gid: entry.group ?? entry.id }
  const gid = find('/etc/group', group)?.id
  return gid === undefined ? `group ${group}` : { uid: entry.id, gid }
}

/** The directories that are home for a user: that of /etc/passwd, and that of the environment. Only those that exist. */
export function homesOf(uid: number, env: NodeJS.ProcessEnv = process.env): string[] {
  const written = entriesOf('/etc/passwd').find(({ id }) => id === uid)?.home
  const homes = [written, env.HOME].filter((path) => path?.startsWith('/') && resolve(path) !== '/') as string[]
  return [...new Set(homes.map((path) => resolve(path)))].filter(isDirectory)
}

const isDirectory = (path: string): boolean =>
  attemptIf([...ABSENT, ...FORBIDDEN], 'examine', path, () => statSync(path).isDirectory()) ?? false

/** The ids of all users, or of all groups and primary groups of users, each with a name. */
export function idsOf(kind: 'uid' | 'gid'): { id: number; name: string }[] {
  const users = entriesOf('/etc/passwd')
  if (kind === 'uid') return users
  const primary = users.flatMap(({ name, group }) => (group === null ? [] : [{ id: group, name: `of ${name}` }]))
  return [...entriesOf('/etc/group'), ...primary]
}

/** Finds an entry by name. A number needs no entry. */
function find(file: '/etc/passwd' | '/etc/group', name: string): Pick<Entry, 'id' | 'group'> | undefined {
  if (IS_ID.test(name)) return { id: Number(name), group: null }
  return entriesOf(file).find((entry) => entry.name === name)
}

/**
 * Both files have the id in the third field; /etc/passwd has the primary group in the fourth. A file that may not be read is an
 * error: its users would be taken for nobody.
 */
const entriesOf = (file: '/etc/passwd' | '/etc/group'): Entry[] =>
  (attemptIf(ABSENT, 'read', file, () => readFileSync(file, 'utf8')) ?? '').split('\n').flatMap((line) => {
    const [name = '', , id = '', group = '', , home = ''] = line.split(':')
    return name !== '' && IS_ID.test(id)
      ? [{ name, id: Number(id), group: IS_ID.test(group) ? Number(group) : null, home }]
      : []
  })
