// The inverse of an operation, for rolling back a change. Pure.
import type { ConfigOp, DeviceOp, NeighbourAdd, NeighboursAdd, WireguardSet, WireguardStart } from '../op.js'

/** What undoes an operation that was carried out. The inverse of the inverse is the operation itself. */
export function inverseOf(op: DeviceOp | ConfigOp): DeviceOp | ConfigOp {
  switch (op.op) {
    case 'remove':
      return op.what.op === 'neighbour.add' ? asNeighbours(op.what) : op.what
    case 'replace':
      return { op: 'replace', node: op.node, from: op.to, to: op.from }
    default:
      return { op: 'remove', node: op.node, what: op }
  }
}

/** Keys and allowed addresses are set without endpoints: what gives a device that was set again those that its settings have. */
export function startAgain({
  node,
  interface: name,
  index,
  settings: { publicKey, peers },
}: WireguardSet): WireguardStart {
  const all = peers.map(({ key, endpoint, keepaliveSeconds }) => ({ key, endpoint, keepaliveSeconds }))
  const known = all.filter(({ endpoint, keepaliveSeconds }) => endpoint !== null || keepaliveSeconds !== undefined)
  return { op: 'wireguard.start', node, interface: name, index, publicKey, peers: known, opens: [] }
}

/** A plan adds neighbours by interface. */
const asNeighbours = ({ node, interface: name, index, address, mac }: NeighbourAdd): NeighboursAdd => ({
  ...{ op: 'neighbours.add', node, interface: name, index, entries: [{ address, mac }] },
})
