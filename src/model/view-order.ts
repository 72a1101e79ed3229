// The order in which a lab is shown, whether it is a file or runs: the kernel lists what it has in orders of its own. Nodes and
// links are in the order of the file already.
import { BRIDGE_INDEX } from './ifindexes.js'
import type { AddressView, InterfaceView, LabView, NeighbourView, NodeView, RouteView } from './lab-view.js'

/** A view with interfaces in the order of the file, and addresses, routes and neighbours by family and number. */
export const inOrder = (view: LabView): LabView => ({ ...view, nodes: view.nodes.map(nodeInOrder) })

function nodeInOrder(node: NodeView): NodeView {
  const interfaces = sorted(node.interfaces, interfaceKey)
  const places = new Map(interfaces.map(({ name }, place) => [name, place]))
  return {
    ...node,
    interfaces: interfaces.map((each) => ({ ...each, addresses: sorted(each.addresses, addressKey) })),
    routes: sorted(node.routes, routeKey),
    neighbours: sorted(node.neighbours, (each) => neighbourKey(each, places)),
  }
}

/** What is compared of an object: its parts one after the other, a number with a number, a text with a text. */
type Key = readonly (number | string)[]

/** `lo` and the bridge of a switch, then the ends of links, then all others. */
const interfaceKey = ({ index, peer }: InterfaceView): Key => [index > BRIDGE_INDEX && peer === null ? 1 : 0, index]

const addressKey = ({ family, address }: AddressView): Key => [family, ...prefixKey(address)]

/** By destination, then by what the kernel would choose among routes to the same one. */
const routeKey = ({ family, destination, metric, table, protocol, type, interfaces, gateways }: RouteView): Key => [
  family,
  ...prefixKey(destination),
  metric ?? 0,
  table,
  protocol,
  type,
  interfaces.join(),
  gateways.join(),
]

const neighbourKey = (each: NeighbourView, places: ReadonlyMap<string, number>): Key => [
  places.get(each.interface) ?? places.size,
  each.family,
  numberText(each.address),
  each.state,
]

function prefixKey(prefix: string): Key {
  const [address = '', length] = prefix.split('/')
  return [numberText(address), Number(length)]
}

/** Eight groups of an IPv6 address (RFC 4291, section 2.2). */
const GROUPS = 8

/** A text that sorts as the number of an address does, among addresses of its family. */
function numberText(address: string): string {
  if (!address.includes(':')) return String.fromCharCode(...address.split('.').map(Number))
  const [before = [], after = []] = address.split('::').map((half) => half.split(':').flatMap(groupsOf))
  const zeros = Array<number>(Math.max(0, GROUPS - before.length - after.length)).fill(0)
  return String.fromCharCode(...before, ...zeros, ...after)
}

/** The groups of a part between colons: none of an empty one, two of an IPv4 address. */
function groupsOf(part: string): number[] {
  if (part === '') return []
  if (!part.includes('.')) return [Number.parseInt(part, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
  return [(a << 8) | b, (c << 8) | d]
}

/** A sorted copy; what has equal keys stays in order. */
function sorted<T>(all: readonly T[], keyOf: (each: T) => Key): T[] {
  const keyed = all.map((each) => ({ each, key: keyOf(each) }))
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ each }) => each)
}

function compare(a: Key, b: Key): number {
  const at = a.findIndex((part, index) => part !== b[index])
  if (at < 0) return 0
  return (a[at] as number | string) < (b[at] as number | string) ? -1 : 1
}
