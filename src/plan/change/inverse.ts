// The inverse of an operation, for rolling back a change. Pure.
import type { ConfigOp, DeviceOp } from '../op.js'

/** What undoes an operation that was carried out. The inverse of the inverse is the operation itself. */
export function inverseOf(op: DeviceOp | ConfigOp): DeviceOp | ConfigOp {
  switch (op.op) {
    case 'remove':
      return op.what.op === 'neighbour.add' ? { ...asNeighbours(op.what) } : op.what
    case 'replace':
      return { op: 'replace', node: op.node, from: op.to, to: op.from }
    default:
      return { op: 'remove', node: op.node, what: op }
  }
}

/** A plan adds neighbours by interface. */
const asNeighbours = ({ node, interface: name, index, address, mac }: import('../op.js').NeighbourAdd) =>
  ({ op: 'neighbours.add', node, interface: name, index, entries: [{ address, mac }] }) as const
