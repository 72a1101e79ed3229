// How a node is isolated from the host and from other nodes: for each kind of namespace whether it is the node's own, shared, or
// the host's; its users; its clocks. Combinations that cannot work are refused with the reason.

import type { IdRanges, Isolation } from '../../model/isolation.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../namespace-kinds.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { type Duration, parseDuration } from '../values/duration.js'
import { refuseBadMaps } from './id-ranges.js'
import { keysDescribing } from './key-namespaces.js'

/** By node. A node without an entry has namespaces of its own, with the default users and clocks. */
export type Isolations = ReadonlyMap<string, Isolation>

/** Why a node cannot have the namespace of the host. */
const NEVER_HOST: Partial<Record<NamespaceKind, string>> = {
  pid: 'its processes would outlive the lab, which ends only the processes in its own PID namespaces',
  net: "nslab never touches the host's network",
  mnt: 'the host would see what the node mounts over its /proc, /run, /tmp and /dev',
}

/** Why a namespace must belong to the user namespace in which the node is root. */
const NEEDS_ROOT: Partial<Record<NamespaceKind, string>> = {
  pid: 'only root of the user namespace that a PID namespace belongs to can mount its /proc',
  net: 'only root of the user namespace that a network belongs to can configure it and mount its /sys',
  mnt: 'only root of the user namespace that a mount namespace belongs to can mount anything in it',
}

/** Files of a mount namespace that show a namespace of another kind, so that nodes must share both or none. */
const ONE_OF_EACH: Partial<Record<NamespaceKind, string>> = {
  pid: '/proc, which shows one PID namespace',
  net: '/sys, which shows one network',
  ipc: '/dev/mqueue and /dev/shm, which are of one IPC namespace',
  uts: '/etc/hostname',
}

export function resolveIsolation(topology: Topology, faults: Faults): Map<string, Isolation> {
  const isolations = new Map<string, Isolation>()
  for (const [name, node] of topology.nodes) {
    if (!node.namespaces && !node.users && !node.time) continue
    const isolation = isolationOf(node)
    isolations.set(name, isolation)
    refuseAlone(['nodes', name], node, isolation, faults)
  }
  refuseTogether(topology, isolations, faults)
  return adopt(isolations)
}

function isolationOf({ namespaces = {}, users, time }: TopologyNode): Isolation {
  const defaultOf = (kind: NamespaceKind) => (kind === 'time' && !time ? 'host' : 'own')
  const entries = NAMESPACE_KINDS.map((kind) => [kind, namespaces[kind] ?? defaultOf(kind)])
  return {
    namespaces: Object.fromEntries(entries) as Isolation['namespaces'],
    users: users ? { uids: users.map, gids: users.groups ?? users.map } : null,
    time: (['boottime', 'monotonic'] as const).flatMap((clock) => {
      const offset = time?.[clock]
      return offset === undefined ? [] : [{ clock, ...(parseDuration(offset) as Duration) }]
    }),
  }
}

/** Refuses what is wrong with one node alone. */
function refuseAlone(path: Path, node: TopologyNode, { namespaces, users, time }: Isolation, faults: Faults): void {
  const at = (kind: NamespaceKind) => [...path, 'namespaces', kind]
  for (const kind of NAMESPACE_KINDS) {
    const [never, root] = [NEVER_HOST[kind], NEEDS_ROOT[kind]]
    if (never && namespaces[kind] === 'host') faults.add(at(kind), `${kind}: host is not allowed: ${never}`)
    if (root && namespaces[kind] === 'shared' && namespaces.user === 'own') {
      faults.add(at(kind), `${kind}: shared needs user: shared as well: ${root}`)
    }
    const one = ONE_OF_EACH[kind]
    if (one && namespaces.mnt === 'shared' && namespaces[kind] !== 'shared') {
      faults.add(at('mnt'), `mnt: shared needs ${kind}: shared as well: there is one ${one}`)
    }
  }
  if (namespaces.uts === 'host') {
    for (const key of keysDescribing('uts')) {
      if (node[key] !== undefined) faults.add([...path, key], `uts: host has the host’s ${key}, which is not changed`)
    }
  }
  if (namespaces.time === 'host' && time.length > 0) {
    faults.add([...path, 'time'], 'time: host has the host’s clocks, which cannot be moved')
  }
  if (namespaces.user === 'host' && users) {
    faults.add([...path, 'users'], 'user: host has the host’s users, which cannot be mapped')
  }
  if (users) refuseBadMaps([...path, 'users'], users, faults)
}

/** Refuses what is wrong between nodes that share a namespace. */
function refuseTogether(topology: Topology, isolations: Isolations, faults: Faults): void {
  for (const kind of Object.keys(NEEDS_ROOT) as NamespaceKind[]) {
    const [first, ...others] = sharing(isolations, kind)
    for (const other of others) {
      const [theirs, own] = [first, other].map((name) => isolations.get(name as string)?.namespaces.user)
      if (theirs === own || own === 'own' || theirs === 'own') continue
      const place = ['nodes', other, 'namespaces', 'user']
      faults.add(place, `${other} shares ${kind} with ${first}, whose user is ${theirs}: it must be the same for both`)
    }
  }
  const agreed = (['uts', 'user', 'time'] as const).flatMap((kind) =>
    keysDescribing(kind).map((key) => ({ kind, key })),
  )
  for (const { kind, key } of agreed) {
    const writers = sharing(isolations, kind).filter((name) => topology.nodes.get(name)?.[key] !== undefined)
    const textOf = (name: string | undefined) => JSON.stringify(topology.nodes.get(name ?? '')?.[key])
    const other = writers.find((name) => textOf(name) !== textOf(writers[0]))
    if (other === undefined) continue
    faults.add(
      ['nodes', other, key],
      `${other} shares ${kind} with ${writers[0]}: what \`${key}\` says must be the same for both`,
    )
  }
}

/** Gives `users` and `time` of one node to all nodes that share the namespace with it. */
function adopt(isolations: Map<string, Isolation>): Map<string, Isolation> {
  const users = sharing(isolations, 'user').map((name) => isolations.get(name)?.users)
  const time = sharing(isolations, 'time').map((name) => isolations.get(name)?.time ?? [])
  for (const isolation of isolations.values()) {
    if (isolation.namespaces.user === 'shared') isolation.users = users.find((each) => each) ?? null
    if (isolation.namespaces.time === 'shared') isolation.time = time.find((each) => each.length > 0) ?? []
  }
  return isolations
}

/** Names of the nodes that share a kind of namespace, in the order of the file. */
export const sharing = (isolations: Isolations, kind: NamespaceKind): string[] =>
  [...isolations].flatMap(([name, { namespaces }]) => (namespaces[kind] === 'shared' ? [name] : []))

/** Whether a user of the node is, outside, the user who runs nslab. In a lab that root made, that is root. */
export const isRootOutside = ({ namespaces, users }: Isolation): boolean =>
  namespaces.user === 'host' || (users !== null && userOf(users.uids, 0) !== null)

/** The id in the node that is mapped to an id outside; null if none is. */
export function userOf(ranges: IdRanges, outside: number): number | null {
  if (ranges === 'host') return outside
  const range = ranges.find((each) => outside >= each.outside && outside < each.outside + each.count)
  return range ? outside - range.outside + range.inside : null
}
