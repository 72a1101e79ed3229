// What is said of a node with unusual namespaces: its host name, and what the user should know.

import type { IdRanges, Isolation } from '../../model/isolation.js'
import type { ResolvedNode } from '../../model/resolved.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Topology } from '../source/topology.js'
import { type Isolations, isRootOutside, sharing, userOf } from './isolation.js'

/** Nodes that share a UTS namespace have one name: the one that is written for any of them, else the lab's. */
export function hostNames(
  topology: Topology,
  isolations: Isolations,
  name: string,
  node: TopologyNode,
): Pick<ResolvedNode, 'hostname' | 'domainname'> {
  if (isolations.get(name)?.namespaces.uts !== 'shared') {
    return { hostname: node.hostname ?? name, domainname: node.domainname ?? null }
  }
  const members = sharing(isolations, 'uts').map((each) => topology.nodes.get(each))
  return {
    hostname: members.find((each) => each?.hostname !== undefined)?.hostname ?? topology.name,
    domainname: members.find((each) => each?.domainname !== undefined)?.domainname ?? null,
  }
}

/** Ids below it are a machine's own users and groups (SYS_UID_MAX of login.defs(5)). */
const FIRST_ORDINARY_ID = 1000

/** Where a node's users are users of the machine's own, and not some that nobody else is. */
export function isolationWarnings(name: string, isolation: Isolation): string[] {
  const { uids, gids } = isolation.users ?? { uids: 'host', gids: 'host' }
  if (isRootOutside(isolation)) {
    const user = isolation.users && userOf(uids, 0)
    return [
      `${user ? `user ${user}` : 'root'} in ${name} is not confined: outside it is the user who runs nslab; where that is root, it can read /etc/shadow and change the host's settings`,
    ]
  }
  if (!isolation.users) return []
  const found = [...systemIds('user', uids), ...systemIds('group', gids)]
  if (found.length === 0) return []
  return [`${name} has ${found.join(' and ')} of the machine's own: when root runs nslab, what is theirs is open to it`]
}

/** `groups 0–99` */
function systemIds(noun: 'user' | 'group', ranges: IdRanges): string[] {
  if (ranges === 'host') return [`all ${noun}s`]
  const spans = ranges
    .filter(({ outside }) => outside < FIRST_ORDINARY_ID)
    .map(({ outside, count }) => [outside, Math.min(outside + count, FIRST_ORDINARY_ID) - 1] as const)
  const [only, ...more] = spans.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`))
  if (only === undefined) return []
  return [`${noun}${more.length === 0 && !only.includes('–') ? '' : 's'} ${[only, ...more].join(', ')}`]
}
