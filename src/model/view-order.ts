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

/** A text that sorts as the number of an address does, among addresses of its family: a character for each byte, or group of two. */
function numberText(address: string): string {
  if (!address.includes(':')) return bytesText(address)
  const gap = address.indexOf('::')
  if (gap < 0) return groupsText(address)
  const before = groupsText(address.slice(0, gap))
  const after = groupsText(address.slice(gap + 2))
  return before + '\0'.repeat(Math.max(0, GROUPS - before.length - after.length)) + after
}

function bytesText(address: string): string {
  const [a, b, c, d] = address.split('.')
  return String.fromCharCode(Number(a), Number(b), Number(c), Number(d))
}

/** The groups between colons, of which the last may be an IPv4 address. */
function groupsText(half: string): string {
  if (half === '') return ''
  let text = ''
  for (const part of half.split(':')) {
    if (!part.includes('.')) text += String.fromCharCode(Number.parseInt(part, 16))
    else {
      const bytes = bytesText(part)
      for (let at = 0; at < bytes.length; at += 2)
        text += String.fromCharCode((bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1))
    }
  }
  return text
}

/** A sorted copy; what has equal keys stays in order. */
function sorted<T>(all: readonly T[], keyOf: (each: T) => Key): T[] {
  if (all.length < 2) return [...all]
  const keyed = all.map((each) => ({ each, key: keyOf(each) }))
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ each }) => each)
}

function compare(a: Key, b: Key): number {
  const at = a.findIndex((part, index) => part !== b[index])
  if (at < 0) return 0
  return (a[at] as number | string) < (b[at] as number | string) ? -1 : 1
}
