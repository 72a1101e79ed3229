// How many keys a user may still make (keyrings(7)).
import { readIfThere } from '../small-file.js'

/** Infinity for a user without keys, whose quota is that of the machine, and on a kernel without keys. */
export const keysFree = (uid: number): number => parseKeysFree(readIfThere('/proc/key-users') ?? '', uid)

/** Parses /proc/key-users (proc_key-users(5)): `UID: usage nkeys/nikeys qnkeys/maxkeys qnbytes/maxbytes`. */
export function parseKeysFree(text: string, uid: number): number {
  const [, used, most] = new RegExp(`^ *${uid}: +\\d+ +\\S+ +(\\d+)/(\\d+) `, 'm').exec(text) ?? []
  return used === undefined ? Number.POSITIVE_INFINITY : Number(most) - Number(used)
}
