// The one sysctl that holds group ids, net.ipv4.ping_group_range: the kernel shows them as ids of the reader's user namespace
// (ipv4_ping_group_range in net/ipv4/sysctl_net_ipv4.c), and a file has those of the node.
import { readIfThere } from '../../kernel/small-file.js'

export const GROUP_RANGE = '/proc/sys/net/ipv4/ping_group_range'
/** What the kernel shows for an id that a user namespace does not have (overflowgid, user_namespaces(7)). */
const OVERFLOW = 65_534

/**
 * The range in ids of the node.
 *
 * @param pid of the node's first process; null for a dead node, whose ids nobody knows
 */
export function groupRangeIn(pid: number | null, range: string): string | null {
  const map = pid === null ? null : readIfThere(`/proc/${pid}/gid_map`)
  if (map === null) return null
  return range
    .split(' ')
    .map((id) => inside(map, Number(id)))
    .join(' ')
}

/** @param map lines of `INSIDE OUTSIDE LENGTH` */
export function inside(map: string, id: number): number {
  for (const line of map.split('\n')) {
    const [first = 0, outside = 0, length = 0] = line.trim().split(/ +/).map(Number)
    if (id >= outside && id < outside + length) return first + id - outside
  }
  return OVERFLOW
}
