// Which users of the host a node's users are: the uid and gid map of a node's user namespace.
import { readFileSync } from 'node:fs'

/** Lines of /proc/PID/uid_map and gid_map: `INSIDE OUTSIDE COUNT` (user_namespaces(7)). */
export interface IdMap {
  uid: string
  gid: string
}

/** Used when root has no line in /etc/subuid or /etc/subgid: the range that useradd(8) hands out first. */
const DEFAULT_RANGE = { start: 100_000, count: 65_536 }

/** The map of a node in a lab made by root: onto root's own subordinate range, else 100000–165535. */
export function rootIdMap(): IdMap {
  return { uid: mapOnto(subordinateRange('/etc/subuid')), gid: mapOnto(subordinateRange('/etc/subgid')) }
}

const mapOnto = ({ start, count }: typeof DEFAULT_RANGE): string => `0 ${start} ${count}`

/** The first range of root's in a subuid(5) or subgid(5) file. */
function subordinateRange(path: string): typeof DEFAULT_RANGE {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return DEFAULT_RANGE
  }
  const match = /^(?:root|0):([0-9]+):([0-9]+)$/m.exec(text)
  return match ? { start: Number(match[1]), count: Number(match[2]) } : DEFAULT_RANGE
}
