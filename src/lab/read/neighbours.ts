// The permanent neighbours of a network namespace. The kernel lists neighbours by walking the table of the whole machine, which took
// 4 ms a namespace where a large network had run before; most namespaces have no permanent ones. So where that table is large, the
// neighbours are counted first, and those that the kernel makes by itself are looked up one by one.
import { KernelError } from '../../errors.js'
import type { ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import { addressBytes, addressText } from '../../kernel/netlink/rtnl/ip.js'
import { getNeighbour, isPermanent, listNeighbours, parseNeighbour } from '../../kernel/netlink/rtnl/neighbour.js'
import {
  listNeighbourCounts,
  type NeighbourCount,
  parseNeighbourCount,
} from '../../kernel/netlink/rtnl/neighbour-tables.js'
import type { NeighbourAdd } from '../../plan/op.js'
import type { ReadAddress } from './addressing.js'
import type { LinkTable } from './links.js'

/** A table with more buckets is slower to walk than the list of all interfaces of the machine, with which the counts come. */
const FEW_BUCKETS = 32_768
/** All nodes, all routers, and MLDv2 (RFC 4291, RFC 3810): addresses that a node itself sends to when an interface comes up. */
const MULTICAST = ['ff02::1', 'ff02::2', 'ff02::16']
/** Prefix of solicited-node addresses (RFC 4291, section 2.7.1). */
const SOLICITED_NODE = addressBytes('ff02::1:ff00:0')

/** The addresses of the namespace: what it has in its neighbour table by itself follows from them. */
type Addresses = readonly Pick<ReadAddress, 'index' | 'address'>[]

export class NeighbourReader {
  /** null: not known yet. */
  private isTableLarge: boolean | null = null

  /** @throws KernelError */
  read(socket: ReadingSocket, table: LinkTable, addresses: Addresses): NeighbourAdd[] {
    if (this.isTableLarge !== false && this.hasOnlyKernels(socket, table, addresses)) return []
    return socket.dump(listNeighbours(), (payload) => entryOf(payload, table))
  }

  private hasOnlyKernels(socket: ReadingSocket, table: LinkTable, addresses: Addresses): boolean {
    const counts = socket.dump(listNeighbourCounts(), parseNeighbourCount)
    this.isTableLarge = counts.some(({ buckets }) => buckets > FEW_BUCKETS)
    if (!this.isTableLarge) return false
    const own = counts.filter(({ index, neighbours }) => index !== null && neighbours > 0)
    if (own.length === 0) return true
    const candidates = own.flatMap((count) => candidatesOf(count, addresses).map((address) => ({ count, address })))
    const requests = candidates.map(({ count, address }) =>
      getNeighbour({ target: table.nameOf(count.index ?? 0), index: count.index ?? 0, address }),
    )
    const found = gotten(socket, requests)
    if (found === null) return false
    const explained = new Map<NeighbourCount, number>()
    for (const [at, isFound] of found.entries()) {
      const count = candidates[at]?.count
      if (isFound && count) explained.set(count, (explained.get(count) ?? 0) + 1)
    }
    return own.every((count) => explained.get(count) === count.neighbours)
  }
}

/** Addresses that the kernel may have in the neighbour table of an interface without anybody having added them. */
function candidatesOf({ family, index }: NeighbourCount, addresses: Addresses): string[] {
  if (family === 4) return ['224.0.0.22']
  const own = addresses.filter((each) => each.index === index && each.address.includes(':'))
  return [...new Set([...MULTICAST, ...own.map(({ address }) => solicitedNode(address))])]
}

function solicitedNode(address: string): string {
  const bytes = Uint8Array.from(SOLICITED_NODE)
  bytes.set(addressBytes(address).subarray(13), 13)
  return addressText(bytes)
}

/** Whether each is there, and not permanent; null where the kernel cannot be asked so (before Linux 5.0). */
function gotten(socket: ReadingSocket, requests: Parameters<ReadingSocket['getAll']>[0]): boolean[] | null {
  try {
    return socket.getAll(requests, (payload) => !isPermanent(payload)).map((isKernels) => isKernels === true)
  } catch (error) {
    if (error instanceof KernelError) return null
    throw error
  }
}

function entryOf(payload: Buffer, { node, nameOf }: LinkTable): NeighbourAdd | undefined {
  if (!isPermanent(payload)) return undefined
  const neighbour = parseNeighbour(payload)
  if (!neighbour || neighbour.mac === null) return undefined
  const { index, address, mac } = neighbour
  return { op: 'neighbour.add', node, interface: nameOf(index), index, address, mac }
}
