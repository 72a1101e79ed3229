// Names of users: passwd(5). Only what stands in the file; a name service is not asked.
import { readIfThere } from '../kernel/small-file.js'

/** Turns ids into names, and ids without one into their number. */
export function userNames(): (uid: number) => string {
  const names = new Map<number, string>()
  for (const line of (readIfThere('/etc/passwd') ?? '').split('\n')) {
    const [name = '', , uid = ''] = line.split(':')
    if (/^[0-9]+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name)
  }
  return (uid) => names.get(uid) ?? String(uid)
}

/** Ids of `USER` or `USER:GROUP`, names or ids; what is not there, in words, where one is not. A user's group is its own. */
export function ownerIds(owner: string): { uid: number; gid: number } | string {
  const [user = '', group] = owner.split(':')
  const entry = idsIn('/etc/passwd', user)
  if (!entry) return `user ${user}`
  if (group === undefined) return { uid: entry.id, gid: entry.group ?? entry.id }
  const gid = idsIn('/etc/group', group)?.id
  return gid === undefined ? `group ${group}` : { uid: entry.id, gid }
}

/** passwd(5), group(5): both have the id in the third field; passwd the user's group in the fourth. */
function idsIn(file: string, name: string): { id: number; group?: number } | null {
  if (/^[0-9]+$/.test(name)) return { id: Number(name) }
  for (const line of (readIfThere(file) ?? '').split('\n')) {
    const [entry, , id = '', group = ''] = line.split(':')
    if (entry === name && /^[0-9]+$/.test(id))
      return { id: Number(id), ...(/^[0-9]+$/.test(group) ? { group: Number(group) } : {}) }
  }
  return null
}
