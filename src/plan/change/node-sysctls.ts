// The kernel parameters of nodes that run: those that differ, those that are no longer written, and those that the kernel changes
// with others. Pure.
import type { ResolvedNode } from '../../model/resolved.js'
import { isDispensable, isOfNetwork } from '../../topology/node/sysctls.js'
import type { NodeSysctlSet, SysctlSet } from '../op.js'
import type { FactIndex } from './facts/drops.js'
import { type Place, placeKey } from './facts/fact.js'
import { sysctlText } from './facts/same.js'
import type { Removing } from './room/removing.js'

export interface SysctlChange {
  /** null: the node does not have it. */
  from: NodeSysctlSet | SysctlSet | null
  to: NodeSysctlSet | SysctlSet
}

/** `net.ipv4.conf.eth0.rp_filter` in parts; null for a parameter that is not of an interface. */
function partsOf(key: string): { family: string; owner: string; leaf: string } | null {
  const [, family, , owner, leaf] =
    /^(net[./](?:ipv4|ipv6|mpls)[./](?:conf|neigh))([./])(.+)[./]([a-z0-9_]+)$/.exec(key) ?? []
  if (family === undefined || owner === undefined || leaf === undefined) return null
  return { family: family.replaceAll('/', '.'), owner, leaf }
}

/** An address keeps IPv4 parameters of an interface from following `default` (ipv4_devconf_setall). A new node's `lo` has none yet. */
export const isFollowedBy = (key: string, kind: string): boolean =>
  kind !== 'loopback' || partsOf(key)?.family === 'net.ipv4.conf'

export const defaultKey = (key: string): string | null => {
  const parts = partsOf(key)
  return parts === null ? null : `${parts.family}.default.${parts.leaf}`
}

/** Values of `default` that interfaces without one of their own follow. */
export const movedDefaults = (before: ResolvedNode, after: ResolvedNode): string[] =>
  [...new Set([...Object.keys(before.sysctls), ...Object.keys(after.sysctls)])].filter(
    (key) => partsOf(key)?.owner === 'default' && before.sysctls[key] !== after.sysctls[key],
  )

/** Parameters that the kernel writes with one (inet_forward_change, addrconf_fixup_forwarding, addrconf_disable_ipv6). */
function spreadsTo(key: string): (other: string) => boolean {
  const ofFamily = (family: string, leaves: readonly string[]) => (other: string) => {
    const parts = partsOf(other)
    return other !== key && parts !== null && parts.family === family && leaves.includes(parts.leaf)
  }
  if (key === 'net.ipv4.ip_forward' || key === 'net.ipv4.conf.all.forwarding')
    return ofFamily('net.ipv4.conf', ['forwarding', 'accept_redirects'])
  const parts = partsOf(key)
  if (parts?.owner !== 'all') return () => false
  return ofFamily(parts.family, [parts.leaf])
}

export interface SysctlContext {
  node: ResolvedNode
  /** As it was written last, and by a change that was killed. */
  last: readonly ResolvedNode[]
  /** The interfaces that stay, with their names and what they had written last. */
  kept: readonly {
    place: Place
    name: string
    kind: string
    own: Readonly<Record<string, string>>
    last: Readonly<Record<string, string>>
  }[]
  pristine: ReadonlyMap<string, string>
  /** Only its network namespace stays. */
  isRestarted: boolean
}

/**
 * Adds what is written to what comes before new interfaces, which get the values of `default`.
 *
 * @returns for people, what differs
 */
export function changeSysctls(context: SysctlContext, kernel: FactIndex, removing: Removing): SysctlChange[] {
  const { node, isRestarted } = context
  const changes: SysctlChange[] = []
  const isMeant = (key: string): boolean => !isRestarted || isOfNetwork(key)
  const write = (from: SysctlChange['to'], to: SysctlChange['to']) =>
    removing.add(node.name, { op: 'replace', node: node.name, from, to })
  for (const [key, value] of wantedOf(context)) {
    const to: NodeSysctlSet = { op: 'node-sysctl.set', node: node.name, key, value }
    const from = kernel.get(`node-sysctl ${node.name} ${key}`)
    if (!isMeant(key)) continue
    if (from?.op !== 'node-sysctl.set') {
      if (isDispensable(node.kind, key, value)) continue
      removing.add(node.name, to)
      changes.push({ from: null, to })
      continue
    }
    if (sysctlText(from.value) === sysctlText(value)) continue
    // Before and after, so that a rollback, too, writes them last.
    const dependents = dependentsOf(context, key)
    for (const each of dependents) write(each, each)
    write(from, to)
    for (const each of dependents) write(each, each)
    changes.push({ from, to })
  }
  for (const change of interfaceChanges(context, kernel)) {
    write(change.from ?? change.to, change.to)
    changes.push(change)
  }
  return changes
}

/** What is written, and the values of a new node for what no longer is. */
function wantedOf({ node, last, pristine }: SysctlContext): [string, string][] {
  const dropped = last.flatMap(({ sysctls }) => Object.keys(sysctls)).filter((key) => !(key in node.sysctls))
  const values = [...new Set(dropped)].flatMap((key): [string, string][] => {
    const value = pristine.get(key)
    return value === undefined ? [] : [[key, value]]
  })
  // What is written comes later, so that it wins.
  return [...values, ...Object.entries(node.sysctls)]
}

function dependentsOf({ node, kept }: SysctlContext, key: string): SysctlChange['to'][] {
  const isDependent = spreadsTo(key)
  const own = Object.entries(node.sysctls).flatMap(([other, value]): SysctlChange['to'][] =>
    isDependent(other) ? [{ op: 'node-sysctl.set', node: node.name, key: other, value }] : [],
  )
  const ofInterfaces = kept.flatMap(({ place, name, own }) =>
    Object.entries(own).flatMap(([other, value]): SysctlChange['to'][] =>
      isDependent(other) ? [{ op: 'sysctl.set', ...place, interface: name, key: other, value }] : [],
    ),
  )
  return [...own, ...ofInterfaces]
}

/** Interfaces follow `default` where it changes, and where they have no value of their own any more. */
function* interfaceChanges({ node, last, kept, pristine }: SysctlContext, kernel: FactIndex): Generator<SysctlChange> {
  const written = (key: string): string | undefined => node.sysctls[key] ?? pristine.get(key)
  const moved = last.flatMap((before) => movedDefaults(before, node))
  for (const { place, name, kind, own, last: before } of kept) {
    const ownDefaults = new Set(Object.keys(own).map(defaultKey))
    const dropped = Object.keys(before).flatMap((key) => defaultKey(key) ?? [])
    for (const key of new Set([...moved, ...dropped])) {
      const parts = partsOf(key)
      const value = written(key)
      if (ownDefaults.has(key) || parts === null || value === undefined || !isFollowedBy(key, kind)) continue
      const from = kernel.get(`sysctl ${placeKey(place)} ${parts.family}.*.${parts.leaf}`)
      if (from?.op !== 'sysctl.set' || sysctlText(from.value) === sysctlText(value)) continue
      const now = { ...from, interface: name, key: `${parts.family}.${name.replaceAll('.', '/')}.${parts.leaf}` }
      yield { from: now, to: { ...now, value } }
    }
  }
}
