// The IP networks of a lab, and which of them a link carries.
import type { InterfaceView, LabView, NodeView } from '../../model/lab-view.js'
import type { PictureNetwork } from '../../model/picture/graph.js'
import { subnetOf } from './prefix.js'

export interface Networks {
  list: PictureNetwork[]
  /** Places in `list` of the networks that an interface is in, by `NODE:INTERFACE`. */
  ofEnd: (endpoint: string) => readonly number[]
}

/**
 * Networks that two or more interfaces are in, in order of appearance. The subnets of IPv4 and IPv6 that the same interfaces have are one
 * network, which is called by its first subnet.
 */
export function networksOf({ nodes }: Pick<LabView, 'nodes'>): Networks {
  const members = new Map<string, string[]>()
  for (const node of nodes) {
    for (const { name, addresses } of node.interfaces) {
      const subnets = new Set(
        addresses.flatMap(({ address, scope }) => (scope === 'global' ? (subnetOf(address) ?? []) : [])),
      )
      for (const subnet of subnets) add(members, subnet, `${node.name}:${name}`)
    }
  }
  const list: PictureNetwork[] = []
  const placeOfMembers = new Map<string, number>()
  const placesOfEnd = new Map<string, number[]>()
  for (const [prefix, ends] of members) {
    const key = ends.join()
    if (ends.length < 2 || placeOfMembers.has(key)) continue
    placeOfMembers.set(key, list.length)
    for (const end of ends) add(placesOfEnd, end, list.length)
    list.push({ prefix })
  }
  const inherited = endsAbove(nodes)
  return {
    list,
    ofEnd: (endpoint) => [endpoint, ...(inherited.get(endpoint) ?? [])].flatMap((end) => placesOfEnd.get(end) ?? []),
  }
}

/** VLANs on an interface, and the bridge or bond that it is a member of, carry its frames: by `NODE:INTERFACE`. */
function endsAbove(nodes: readonly NodeView[]): ReadonlyMap<string, string[]> {
  const above = new Map<string, string[]>()
  for (const { name, interfaces } of nodes) {
    const kinds = new Map(interfaces.map((each) => [each.name, each.type]))
    for (const each of interfaces) {
      const { parent, master } = each
      if (parent !== undefined) add(above, `${name}:${parent}`, `${name}:${each.name}`)
      if (master !== null && carriesFrames(kinds.get(master))) add(above, `${name}:${each.name}`, `${name}:${master}`)
    }
  }
  return above
}

const carriesFrames = (kind: InterfaceView['type'] | undefined): boolean => kind === 'bridge' || kind === 'bond'

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const those = map.get(key)
  if (those) those.push(value)
  else map.set(key, [value])
}
