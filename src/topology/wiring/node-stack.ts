// How the interfaces of a node stand on each other: which is a member of which, and which another one needs.
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'

export type MasterKind = Extract<WrittenDevice, { members: string[] }>['kind']

/** The interface that another one is a member of. */
export interface Master {
  name: string
  kind: MasterKind
}

export interface NodeStack {
  /** What is written under `interfaces`, what others stand on before them. */
  devices: ReadonlyMap<string, WrittenDevice>
  /** By member. */
  masters: ReadonlyMap<string, Master>
}

/** By node; one without `interfaces` that is no switch is not in it. */
export type Stacks = ReadonlyMap<string, NodeStack>

/** Kinds that carry IP alone, and so cannot be part of an Ethernet network. */
const WITHOUT_ETHERNET: ReadonlySet<string> = new Set([
  'gre',
  'ip6gre',
  'ipip',
  'sit',
  'ip6tnl',
  'tun',
  'vrf',
  'wireguard',
])

export const hasEthernet = (kind: string): boolean => !WITHOUT_ETHERNET.has(kind)

/** Interfaces that one needs to be there when it is made. */
export function neededBy(device: WrittenDevice): [key: 'parent' | 'dev' | 'primary', name: string][] {
  const { parent, dev, primary } = device as { parent?: string; dev?: string; primary?: string }
  return Object.entries({ parent, dev, primary }).flatMap(([key, name]) =>
    name === undefined ? [] : [[key as 'parent', name]],
  )
}

/** The bridges and bonds that an interface is in, from the bottom up: what comes in arrives at the last. */
export function topOf(
  stacks: Stacks,
  node: string,
  name: string,
): { names: string[]; bridges: string[]; hasBond: boolean } {
  const masters = stacks.get(node)?.masters
  const found: Master[] = []
  for (let master = masters?.get(name); master && master.kind !== 'vrf'; master = masters?.get(master.name)) {
    if (found.includes(master)) break
    found.push(master)
  }
  const namesOf = (those: readonly Master[]) => those.map((each) => each.name)
  return {
    names: namesOf(found),
    bridges: namesOf(found.filter(({ kind }) => kind === 'bridge')),
    hasBond: found.some(({ kind }) => kind === 'bond'),
  }
}
