// The ids that /etc/subuid and /etc/subgid grant a user for use in user namespaces.
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'

export interface SubordinateIds {
  start: number
  count: number
}

/** Used when root has no line: the range that useradd(8) hands out first. */
const DEFAULT_FOR_ROOT: SubordinateIds = { start: 100_000, count: 65_536 }

/**
 * The first range that a subuid(5) or subgid(5) file grants the user this process runs as.
 *
 * @returns null for an ordinary user without one; root may map what it likes.
 */
export function subordinateIds(path: '/etc/subuid' | '/etc/subgid'): SubordinateIds | null {
  const uid = process.geteuid?.() ?? 0
  const fallback = uid === 0 ? DEFAULT_FOR_ROOT : null
  const owners = ownersOf(uid)
  for (const line of linesOf(path)) {
    const [owner = '', start, count] = line.split(':')
    if (owners.includes(owner) && Number(count) > 0) return { start: Number(start), count: Number(count) }
  }
  return fallback
}

/** What the user is called in these files: by name or by number. */
function ownersOf(uid: number): string[] {
  try {
    return [userInfo().username, String(uid)]
  } catch {
    return [String(uid)]
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}
