// Gives a topology the ifindexes and link numbers that its parts have in a running lab. Pure.
import { LOOPBACK_INDEX } from '../../../model/ifindexes.js'
import { type DeviceSettings, referencesOf } from '../../../model/interfaces/kinds.js'
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../../../model/resolved.js'
import { plainSettings, settingChanges, written } from '../facts/settings.js'
import type { ObservedInterface } from '../observed.js'
import { type MatchedLink, matchLinks } from './match-links.js'
import type { Running } from './running.js'

export interface Match {
  target: ResolvedTopology
  lastIndex: number
  /** By place in `target.links`: the links that stay. */
  links: ReadonlyMap<number, MatchedLink>
}

/** What was written of an interface when it was last applied, by node and ifindex. */
export type WrittenBefore = (node: string, index: number) => ResolvedInterface | undefined

/** Interfaces are taken by ifindex where the topology that was applied has the name, then by name and kind. */
export function match(
  desired: ResolvedTopology,
  running: Running,
  before: WrittenBefore,
  last: { index: number; link: number },
): Match {
  const links = matchLinks(desired.links, running)
  const ofLinks = new Map<string, number>()
  for (const [at, { ends }] of links) {
    for (const [side, { node, index }] of ends.entries()) {
      const end = desired.links[at]?.endpoints[side]
      if (end) ofLinks.set(`${node}:${end.interface}`, index)
    }
  }
  let { index: lastIndex, link: lastLink } = last
  const nodes = desired.nodes.map((node): ResolvedNode => {
    const found = matchInterfaces(node, running, before, ofLinks)
    return {
      ...node,
      interfaces: node.interfaces.map((each) => ({
        ...each,
        index: each.kind === 'loopback' ? LOOPBACK_INDEX : (found.get(each.name) ?? ++lastIndex),
      })),
    }
  })
  const numbered = desired.links.map((link, at) => ({ ...link, number: links.get(at)?.running.number ?? ++lastLink }))
  return { target: { ...desired, nodes, links: numbered }, lastIndex, links }
}

function matchInterfaces(
  node: ResolvedNode,
  running: Running,
  before: WrittenBefore,
  ofLinks: ReadonlyMap<string, number>,
): Map<string, number> {
  const found = new Map<string, number>()
  if (!running.hasNode(node.name) || node.network !== undefined) return found
  for (const { name, kind } of node.interfaces) {
    const index = kind === 'loopback' ? 1 : ofLinks.get(`${node.name}:${name}`)
    if (index !== undefined) found.set(name, index)
  }
  const isFree = (each: ObservedInterface): boolean => ![...found.values()].includes(each.index)
  const fits = (wanted: ResolvedInterface, each: ObservedInterface): boolean =>
    isFree(each) && isChangeable(wanted, each, before(node.name, each.index), found)
  const own = node.interfaces.filter(({ kind }) => kind !== 'loopback' && kind !== 'veth')
  for (const wanted of own) {
    const candidates = running
      .indexesOf(node.name, wanted.name)
      .flatMap((index) => running.at({ node: node.name, index }) ?? [])
    const same = candidates.find((each) => fits(wanted, each))
    if (same) found.set(wanted.name, same.index)
  }
  // Those that are left were renamed, where there is one of the kind on each side.
  const names = new Set(node.interfaces.map(({ name }) => name))
  for (const wanted of own.filter(({ name }) => !found.has(name))) {
    if (running.indexesOf(node.name, wanted.name).length > 0) continue
    if (own.filter(({ name, kind }) => kind === wanted.kind && !found.has(name)).length > 1) continue
    const left = running.of(node.name).filter((each) => {
      const isOurs = running.isKnown({ node: node.name, index: each.index })
      return isOurs && isFree(each) && each.kind === wanted.kind && !names.has(each.name)
    })
    const [only] = left
    if (left.length === 1 && only && fits(wanted, only)) found.set(wanted.name, only.index)
  }
  return found
}

/** Whether the kernel can make of an interface what is wanted. */
function isChangeable(
  wanted: ResolvedInterface,
  each: ObservedInterface,
  before: ResolvedInterface | undefined,
  found: ReadonlyMap<string, number>,
): boolean {
  if (each.kind !== wanted.kind) return false
  if (wanted.mac === null && before !== undefined && before.mac !== null) return false
  const indexed = (settings: DeviceSettings | undefined): Record<string, number> =>
    settings === undefined
      ? {}
      : // An interface that is made anew has an ifindex that nothing in the kernel refers to.
        Object.fromEntries(referencesOf(settings).map(({ name }) => [name, found.get(name) ?? -1]))
  const plain = (of: ResolvedInterface) =>
    of.settings === undefined || of.settings.kind === 'device'
      ? {}
      : plainSettings({ op: 'link.add', settings: of.settings, indexes: indexed(of.settings) } as never)
  const now = written({ ...each.settings, ...plainRemote(each) })
  return settingChanges(wanted.kind, now, before ? plain(before) : null, plain(wanted)) !== null
}

const plainRemote = ({ settings }: ObservedInterface) =>
  Array.isArray(settings?.remote) ? { remote: settings.remote[0] } : {}
