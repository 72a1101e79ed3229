// The one sysctl that holds group ids, net.ipv4.ping_group_range: the kernel shows them as ids of the reader's user namespace
// (ipv4_ping_group_range in net/ipv4/sysctl_net_ipv4.c), and a file has those of the node.
import { readIfThere } from '../../kernel/small-file.js'

export const GROUP_RANGE = '/proc/sys/net/ipv4/ping_group_range'
/** No group: what a new namespace has (icmp(7)), in ids that every node has. */
export const NO_GROUP = '1 0'

/**
 * The range in ids of the node; NO_GROUP for one that begins or ends with an id that the node does not have.
 *
 * @param pid of the node's first process; null for a dead node, whose ids nobody knows
 */
export function groupRangeIn(pid: number | null, range: string): string | null {
  const map = pid === null ? null : readIfThere(`/proc/${pid}/gid_map`)
  return map === null ? null : groupRangeOf(map, range)
}

/** @param map lines of `INSIDE OUTSIDE LENGTH` (user_namespaces(7)) */
export function groupRangeOf(map: string, range: string): string {
  const [low = 0, high = 0] = range.split(' ').map(Number)
  const [first, last] = [insideOf(map, low), insideOf(map, high)]
  return low > high || first === null || last === null ? NO_GROUP : `${first} ${last}`
}

function insideOf(map: string, id: number): number | null {
  for (const line of map.split('\n')) {
    const [first = 0, outside = 0, length = 0] = line.trim().split(/ +/).map(Number)
    if (id >= outside && id < outside + length) return first + id - outside
  }
  return null
}
