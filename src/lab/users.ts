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
