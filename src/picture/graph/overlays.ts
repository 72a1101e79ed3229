// Tunnels as lines of a picture, between the nodes of their ends.
import type { InterfaceView, LabView, LinkState, NodeView, WireguardView } from '../../model/lab-view.js'
import type { PictureEdge } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import { type EndsByName, endOf, endsByName } from './links.js'
import { oneLine } from './one-line.js'
import { hostOf } from './prefix.js'

/** An interface of a node. */
interface Device {
  node: NodeView
  each: InterfaceView
}

/**
 * A line for each pair of ends of which at least one sends to the other. A remote that no node of the lab has is not drawn. The
 * end where no interface answers has the name ''.
 */
export function overlayEdges(view: LabView, options: PictureOptions): PictureEdge[] {
  const devices = view.nodes.flatMap((node) => node.interfaces.map((each): Device => ({ node, each })))
  const tunnels = devices.filter(({ each }) => each.tunnel || each.wireguard)
  if (tunnels.length === 0) return []
  const owners = ownersOf(devices)
  const keys = new Map(tunnels.flatMap((device) => keyOf(device)))
  const ends = endsByName(view.nodes)
  const edges = new Map<string, PictureEdge>()
  for (const from of tunnels) {
    const others = from.each.wireguard
      ? wireguardPeers(from.each.wireguard, keys)
      : (from.each.tunnel?.remotes ?? []).flatMap((remote) => farEnd(from, owners.get(remote) ?? []))
    for (const other of others) {
      const pair: [string, string] = [nameOf(from), nameOf(other)]
      const id = oneLine(`${pair[0]}--${pair[1]}`)
      if (!edges.has(id) && !edges.has(oneLine(`${pair[1]}--${pair[0]}`)))
        edges.set(id, edgeOf(id, from, other, ends, options))
    }
  }
  return [...edges.values()]
}

/** The other end of a tunnel; without an interface, the node alone is known. */
type FarEnd = { node: NodeView; each: InterfaceView | null }

const nameOf = ({ node, each }: FarEnd): string => `${node.name}:${each?.name ?? ''}`

/** Devices by address, without its length. */
function ownersOf(devices: readonly Device[]): ReadonlyMap<string, Device[]> {
  const owners = new Map<string, Device[]>()
  for (const device of devices) {
    for (const { address } of device.each.addresses) {
      const host = hostOf(address)
      const those = owners.get(host)
      if (those) those.push(device)
      else owners.set(host, [device])
    }
  }
  return owners
}

/** The tunnel of an owner of the remote address that has the same type and number; an owner whose tunnel leads back wins. */
function farEnd({ node, each }: Device, owners: readonly Device[]): FarEnd[] {
  const own = new Set(node.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => hostOf(address))))
  const candidates = owners
    .filter((owner) => owner.node.name !== node.name)
    .map((owner) => {
      const twins = owner.node.interfaces.filter(
        ({ type, tunnel }) => type === each.type && tunnel && sameId(tunnel, each),
      )
      const back = twins.find(({ tunnel }) => tunnel?.remotes.some((remote) => own.has(remote)))
      return { far: { node: owner.node, each: back ?? twins[0] ?? null }, rank: back ? 0 : twins.length > 0 ? 1 : 2 }
    })
  const best = candidates.sort((a, b) => a.rank - b.rank)[0]
  return best ? [best.far] : []
}

const sameId = (tunnel: { id: number | null }, { tunnel: own }: InterfaceView): boolean =>
  tunnel.id === (own?.id ?? null)

function keyOf(device: Device): [string, Device][] {
  const key = device.each.wireguard?.publicKey
  return key == null ? [] : [[key, device]]
}

const wireguardPeers = ({ peers }: WireguardView, keys: ReadonlyMap<string, Device>): FarEnd[] =>
  peers.flatMap(({ key }) => keys.get(key) ?? [])

function edgeOf(id: string, from: Device, to: FarEnd, ends: EndsByName, options: PictureOptions): PictureEdge {
  const { type, tunnel } = from.each
  const pair = [nameOf(from), nameOf(to)] as const
  const state = lowerOf(from.each.state, to.each?.state ?? from.each.state)
  return {
    id,
    ends: [endOf(pair[0], ends, { state }, options), endOf(pair[1], ends, { state }, options)],
    layer: 'overlay',
    type,
    state,
    labels: options.labels === 'none' ? [] : [tunnel?.id == null ? type : `${type} ${tunnel.id}`],
    network: null,
  }
}

const IS_UP: ReadonlySet<LinkState> = new Set(['up', 'planned', 'unknown'])

/** A tunnel is as its worse end. */
const lowerOf = (a: LinkState, b: LinkState): LinkState => (IS_UP.has(a) ? b : a)
