// The permanent neighbours of a network namespace. The kernel has one table a family for the whole machine, whose buckets never become
// fewer, and walks all of them to list the neighbours of one namespace: 4 ms where a large network has run before. One neighbour whose
// address is known is found at once.
import { KernelError } from '../../errors.js'
import type { ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import { EOPNOTSUPP } from '../../kernel/netlink/rtnl/constants.js'
import { getNeighbour, isPermanent, listNeighbours, parseNeighbour } from '../../kernel/netlink/rtnl/neighbour.js'
import type { NeighbourAdd } from '../../plan/op.js'
import type { LinkTable } from './links.js'

/** An address that may be in the table of an interface. */
export interface NeighbourRef {
  index: number
  address: string
}

/** @param wanted those that are looked up; null for all that there are @throws KernelError */
export function readNeighbours(
  socket: ReadingSocket,
  table: LinkTable,
  wanted: readonly NeighbourRef[] | null,
): NeighbourAdd[] {
  if (wanted === null) return socket.dump(listNeighbours(), (payload) => entryOf(payload, table))
  const there = wanted.filter(({ index }) => table.links.has(index))
  const requests = there.map(({ index, address }) => getNeighbour({ target: table.nameOf(index), index, address }))
  try {
    return socket.getAll(requests, (payload) => entryOf(payload, table)).flatMap((entry) => entry ?? [])
  } catch (error) {
    // Before Linux 5.0.
    if (error instanceof KernelError && error.errno === EOPNOTSUPP) return readNeighbours(socket, table, null)
    throw error
  }
}

function entryOf(payload: Buffer, { node, nameOf }: LinkTable): NeighbourAdd | undefined {
  const neighbour = isPermanent(payload) ? parseNeighbour(payload) : null
  if (!neighbour || neighbour.mac === null) return undefined
  const { index, address, mac } = neighbour
  return { op: 'neighbour.add', node, interface: nameOf(index), index, address, mac }
}
