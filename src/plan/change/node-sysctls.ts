// The kernel parameters of nodes that run: those that differ, those that are no longer written, and those that the kernel changes
// with others. Pure.
import type { ResolvedNode } from '../../model/resolved.js'
import { isDispensable, isOfNetwork } from '../../topology/node/sysctls.js'
import type { NodeSysctlSet, Replacement, SysctlSet } from '../op.js'
import type { FactIndex } from './facts/drops.js'
import { type Place, placeKey } from './facts/fact.js'
import {
  ALL_FORWARDING,
  defaultKey,
  freshValue,
  IP_FORWARD,
  isFollowedBy,
  originOf,
  partsOf,
  spreads,
} from './facts/fresh-sysctls.js'
import { sysctlText } from './facts/same.js'
import type { Removing } from './room/removing.js'

export interface SysctlChange {
  /** null: the node does not have it. */
  from: NodeSysctlSet | SysctlSet | null
  to: NodeSysctlSet | SysctlSet
}

/** Values of `default` that interfaces without one of their own follow. */
export const movedDefaults = (before: ResolvedNode, after: ResolvedNode): string[] =>
  [...new Set([...Object.keys(before.sysctls), ...Object.keys(after.sysctls)])].filter(
    (key) => partsOf(key)?.owner === 'default' && before.sysctls[key] !== after.sysctls[key],
  )

/** Parameters that the kernel writes with one, or may write. */
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
  // An interface makes its link-local address, and may look for duplicates of it, as soon as it has IPv6.
  const late: Replacement[] = []
  const write = (from: SysctlChange['to'], to: SysctlChange['to']) => {
    const op: Replacement = { op: 'replace', node: node.name, from, to }
    if (partsOf(to.key)?.leaf === 'disable_ipv6') late.push(op)
    else removing.add(node.name, op)
  }
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
  const keys = changes.map(({ to }) => to.key)
  for (const change of interfaceChanges(context, kernel)) {
    write(change.from ?? change.to, change.to)
    changes.push(change)
  }
  for (const op of spreadOver(context, keys)) write(op, op)
  for (const op of late) removing.add(node.name, op)
  return changes
}

/** What is written, and the values of a new node for what no longer is. */
function wantedOf({ node, last, pristine }: SysctlContext): [string, string][] {
  const dropped = last.flatMap(({ sysctls }) => Object.keys(sysctls)).filter((key) => !(key in node.sysctls))
  const values = [...new Set(dropped)].flatMap((key): [string, string][] => {
    const value = freshValue(key, node.sysctls, pristine)
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

/** Interfaces follow `default` where it changes, and get the value of a new one where they have no value of their own any more. */
function* interfaceChanges({ node, last, kept, pristine }: SysctlContext, kernel: FactIndex): Generator<SysctlChange> {
  const moved = last.flatMap((before) => movedDefaults(before, node))
  for (const { place, name, kind, own, last: before } of kept) {
    const ownDefaults = new Set(Object.keys(own).map(defaultKey))
    const dropped = Object.keys(before).flatMap((key) => defaultKey(key) ?? [])
    for (const key of new Set([...moved.filter((each) => isFollowedBy(each, kind)), ...dropped])) {
      const parts = partsOf(key)
      const value = freshValue(originOf(key, kind) ?? key, node.sysctls, pristine)
      if (ownDefaults.has(key) || parts === null || value === undefined) continue
      const from = kernel.get(`sysctl ${placeKey(place)} ${parts.family}.*.${parts.leaf}`)
      if (from?.op !== 'sysctl.set' || sysctlText(from.value) === sysctlText(value)) continue
      const now = { ...from, interface: name, key: interfaceKey(parts, name) }
      yield { from: now, to: { ...now, value } }
    }
  }
}

const interfaceKey = ({ family, leaf }: { family: string; leaf: string }, name: string): string =>
  `${family}.${name.replaceAll('.', '/')}.${leaf}`

/** What interfaces without a value of their own have in a new node, where the kernel writes another one with what is written. */
function* spreadOver({ node, kept, pristine }: SysctlContext, keys: readonly string[]): Generator<SysctlSet> {
  for (const key of keys) {
    const parts = key === IP_FORWARD ? partsOf(ALL_FORWARDING) : partsOf(key)
    if (parts === null) continue
    for (const { place, name, kind, own } of kept) {
      const of = interfaceKey(parts, name)
      const origin = originOf(of, kind)
      if (origin === null || !spreads(key, of) || Object.keys(own).some((each) => originOf(each, kind) === origin))
        continue
      const value = freshValue(origin, node.sysctls, pristine)
      if (value !== undefined && value !== node.sysctls[key])
        yield { op: 'sysctl.set', ...place, interface: name, key: of, value }
    }
  }
}
