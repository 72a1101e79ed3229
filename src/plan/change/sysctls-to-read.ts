// Which kernel parameters are read before a change: those that a topology writes, or wrote. Pure.
import type { ResolvedNode, ResolvedTopology } from '../../model/resolved.js'
import { isFollowedBy, originOf, originsOf } from './facts/fresh-sysctls.js'
import { movedDefaults } from './node-sysctls.js'

export interface SysctlsToRead {
  /** What is to be read of a node; also of one that the topologies do not have. */
  of: (node: string) => SysctlsOfNode
  /** Keys whose values in a new node are needed: they are no longer written. */
  pristine: readonly string[]
}

export interface SysctlsOfNode {
  /** As in sysctl(8): `net.ipv4.ip_forward`. */
  node: readonly string[]
  /** By ifindex; the keys have `name` for the interface, which can have another name by now. */
  interfaces: readonly { index: number; name: string; keys: readonly string[] }[]
}

const NAMES = ['kernel.hostname', 'kernel.domainname']

export function sysctlsToRead(
  desired: ResolvedTopology,
  applied: ResolvedTopology,
  unfinished: readonly ResolvedTopology[],
): SysctlsToRead {
  const known = [applied, ...unfinished]
  const byName = [desired, ...known].map(({ nodes }) => new Map(nodes.map((node) => [node.name, node])))
  const [wanted, ...before] = byName as [Map<string, ResolvedNode>, ...Map<string, ResolvedNode>[]]
  const pristine = new Set<string>()
  for (const nodes of before) {
    for (const [name, node] of nodes) {
      const next = wanted.get(name)
      if (next) for (const key of droppedKeys(node, next)) pristine.add(key)
    }
  }
  const of = (name: string): SysctlsOfNode => {
    const versions = byName.flatMap((nodes) => nodes.get(name) ?? [])
    const next = wanted.get(name)
    const last = before.flatMap((nodes) => nodes.get(name) ?? [])
    if (!next || last.length === 0) return { node: [], interfaces: [] }
    return {
      node: [...new Set([...NAMES, ...versions.flatMap(({ sysctls }) => Object.keys(sysctls))])],
      interfaces: interfacesToRead(next, last),
    }
  }
  return { of, pristine: [...pristine] }
}

/** Keys that were written and are not any more; of an interface, those of a new interface. */
function droppedKeys(before: ResolvedNode, after: ResolvedNode): string[] {
  const own = Object.keys(before.sysctls).filter((key) => !(key in after.sysctls))
  const written = new Set(after.interfaces.flatMap(({ sysctls = {} }) => Object.keys(sysctls)))
  const ofInterfaces = before.interfaces.flatMap(({ kind, sysctls = {} }) =>
    Object.keys(sysctls)
      .filter((key) => !written.has(key))
      .flatMap((key) => originOf(key, kind) ?? []),
  )
  // What follows `default` of a node that has written it.
  const moved = movedDefaults(before, after).flatMap((key) => [key, originOf(key, 'loopback') ?? key])
  return [...own, ...ofInterfaces, ...moved].flatMap(originsOf)
}

function interfacesToRead(next: ResolvedNode, last: readonly ResolvedNode[]): SysctlsOfNode['interfaces'] {
  const moved = last.flatMap((node) => movedDefaults(node, next))
  const found = new Map<number, { index: number; name: string; keys: Set<string> }>()
  for (const { interfaces } of last) {
    for (const { index, name, kind, sysctls = {} } of interfaces) {
      const wanted = next.interfaces.find((each) => each.name === name)?.sysctls ?? {}
      const followed = moved.filter((key) => isFollowedBy(key, kind)).map((key) => keyOf(key, name))
      const keys = [...Object.keys(sysctls), ...Object.keys(wanted), ...followed]
      if (keys.length === 0) continue
      const own = found.get(index) ?? { index, name, keys: new Set() }
      // A key has the name that its interface is asked by.
      for (const key of keys) if (own.name === name) own.keys.add(key)
      found.set(index, own)
    }
  }
  return [...found.values()].map(({ keys, ...each }) => ({ ...each, keys: [...keys] }))
}

const keyOf = (key: string, name: string): string => key.replace('.default.', `.${name.replaceAll('.', '/')}.`)
