// Links as lines of a picture.
import type { InterfaceView, LabView, LinkView, NodeView } from '../../model/lab-view.js'
import type { PictureEdge, PictureEnd } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import { impairmentLabels } from './impairment.js'
import type { Networks } from './networks.js'
import { globalAddresses, isBus } from './nodes.js'
import { oneLine } from './one-line.js'

/** The links of a lab, which are lines of the underlay. */
export function linkEdges(view: LabView, networks: Networks, options: PictureOptions): PictureEdge[] {
  const ends = endsByName(view.nodes)
  const lans = lanNetworks(view, networks)
  return view.links.map((link) => {
    const pair = [endOf(link.a, ends, link, options), endOf(link.b, ends, link, options)] as const
    const carried = [...new Set([link.a, link.b].flatMap(networks.ofEnd))]
    const places = carried.length > 0 ? carried : (lans.get(nodeOf(link.a)) ?? [])
    return {
      id: oneLine(`${link.a}--${link.b}`),
      ends: [...pair],
      layer: 'underlay',
      type: link.type,
      state: link.state,
      labels: labelsOf(link, ends, options),
      network: places.length === 1 ? (places[0] ?? null) : null,
    }
  })
}

export type EndsByName = ReadonlyMap<string, { node: NodeView; each: InterfaceView }>

/** By `NODE:INTERFACE`. */
export const endsByName = (nodes: readonly NodeView[]): EndsByName =>
  new Map(
    nodes.flatMap((node) => node.interfaces.map((each) => [`${node.name}:${each.name}`, { node, each }] as const)),
  )

const nodeOf = (endpoint: string): string => endpoint.slice(0, endpoint.indexOf(':'))

/** The end of a line; the interfaces of a dead node cannot be read. */
export function endOf(
  endpoint: string,
  ends: EndsByName,
  { state }: Pick<LinkView, 'state'>,
  { labels }: PictureOptions,
): PictureEnd {
  const found = ends.get(endpoint)
  const node = nodeOf(endpoint)
  const hasAddresses = labels === 'addresses' || labels === 'all'
  return {
    node,
    interface: oneLine(endpoint.slice(node.length + 1)),
    addresses: found && hasAddresses ? globalAddresses(found.each) : [],
    state: found?.each.state ?? state,
    master: (found && labels === 'all' && memberOf(found.node, found.each)) || null,
  }
}

function memberOf(node: NodeView, { master }: InterfaceView): string | null {
  const owner = node.interfaces.find(({ name }) => name === master)
  return owner?.type === 'vrf' || owner?.type === 'bond' ? oneLine(owner.name) : null
}

function labelsOf(link: LinkView, ends: EndsByName, { labels }: PictureOptions): string[] {
  if (labels === 'none') return []
  return [...impairmentLabels(link), ...vlanLabels([link.a, link.b], ends)]
}

/** VLANs that the ends carry: tags of bridge ports, and of VLAN interfaces on them. */
function vlanLabels(endpoints: readonly string[], ends: EndsByName): string[] {
  const tagged = new Set<number>()
  const untagged = new Set<number>()
  for (const endpoint of endpoints) {
    const found = ends.get(endpoint)
    if (!found) continue
    const { portVlans } = found.each
    for (const id of portVlans?.tagged ?? []) tagged.add(id)
    if (portVlans?.untagged != null && portVlans.untagged !== DEFAULT_VLAN) untagged.add(portVlans.untagged)
    for (const { parent, vlan } of found.node.interfaces) if (vlan && parent === found.each.name) tagged.add(vlan.id)
  }
  return [
    ...(untagged.size > 0 ? [`VLAN ${rangesText([...untagged])}`] : []),
    ...(tagged.size > 0 ? [`trunk ${rangesText([...tagged])}`] : []),
  ]
}

/** The one that the kernel gives every port of a bridge. */
const DEFAULT_VLAN = 1

/** `10, 20, 100-199` */
function rangesText(ids: readonly number[]): string {
  const sorted = [...ids].sort((a, b) => a - b)
  const ranges: [number, number][] = []
  for (const id of sorted) {
    const last = ranges.at(-1)
    if (last && last[1] === id - 1) last[1] = id
    else ranges.push([id, id])
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ')
}

/** The networks of all interfaces that are connected to each bus, by the name of the bus: for lines between two of them. */
function lanNetworks({ nodes, links }: LabView, networks: Networks): ReadonlyMap<string, number[]> {
  const buses = new Set(nodes.filter(isBus).map(({ name }) => name))
  const leader = new Map([...buses].map((name) => [name, name]))
  const find = (name: string): string => {
    let at = name
    while (leader.get(at) !== at) at = leader.get(at) ?? at
    return at
  }
  for (const { a, b } of links) {
    if (buses.has(nodeOf(a)) && buses.has(nodeOf(b))) leader.set(find(nodeOf(a)), find(nodeOf(b)))
  }
  const places = new Map<string, Set<number>>()
  for (const { a, b } of links) {
    for (const [bus, other] of [
      [nodeOf(a), b],
      [nodeOf(b), a],
    ] as const) {
      if (!buses.has(bus)) continue
      const own = places.get(find(bus)) ?? new Set<number>()
      for (const place of networks.ofEnd(other)) own.add(place)
      places.set(find(bus), own)
    }
  }
  return new Map([...buses].map((name) => [name, [...(places.get(find(name)) ?? [])]]))
}
