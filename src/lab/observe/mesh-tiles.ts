// Pings a mesh by the shim's verb `mesh`, in several processes side by side: each has a share of the pairs, and reports whole
// rows of round-trip times (native-shim/README.md, "mesh").
import { availableParallelism } from 'node:os'
import { runShim, type ShimReport } from '../../kernel/shim.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { neighbourTables } from '../who/neighbour-tables.js'
import { keeperArguments } from '../who/process-identity.js'
import type { MeshMatrix } from './mesh-matrix.js'
import type { AddressesByNode } from './node-addresses.js'
import type { PingOptions } from './ping-targets.js'

/** The most requests of a pair that the verb counts. */
export const SHIM_COUNT_MOST = 65_535

/** A process of its own does not pay for fewer pairs. */
const SHARE_LEAST = 1000
/** More processes than this wait for each other in the kernel. */
const SHARES_MOST = 4
/** Nodes along a side of a tile: all ARP requests of two tiles fit into the queue of a processor (net.core.netdev_max_backlog). */
const SIDE_MOST = 22
/** The kernel's own gc_thresh3 (net/ipv4/arp.c), where the machine's is unknown. */
const TABLE_ROOM = 1024

/**
 * Pings every pair of the matrix that can be pinged, and records the outcomes there.
 *
 * @throws KernelError when a node cannot be entered; the signal's reason when aborted
 */
export async function pingTiles(
  lab: RunningLab,
  matrix: MeshMatrix,
  now: AddressesByNode,
  options: PingOptions,
): Promise<void> {
  const { senders, receivers } = matrix
  const nodes = [...new Set([...senders, ...receivers].map(({ node }) => node))]
  const numberOf = new Map(nodes.map((node, number) => [node, number]))
  const total = pairsOf(matrix)
  if (total === 0) return
  const shares = Math.max(1, Math.min(availableParallelism(), SHARES_MOST, Math.floor(total / SHARE_LEAST)))
  const words = [
    ...['count', String(options.count), 'timeout', String(options.timeoutMs)],
    ...tileWords(matrix, total, shares),
    ...nodes.flatMap((node) => nodeWords(node, now)),
    ...addressWords(matrix, numberOf),
  ]
  const reader = readerOf(matrix, nodes, (done) => options.onProgress?.(done, total))
  const run = (share: number) =>
    runShim({
      verb: 'mesh',
      args: keeperArguments(lab.state.keeper),
      spec: ['share', String(share), String(shares), ...words],
      onReport: reader,
      signal: options.signal,
      interrupt: options.interrupt,
    })
  await Promise.all(Array.from({ length: shares }, (_, share) => run(share)))
}

/** How many pairs can be pinged. */
function pairsOf(matrix: MeshMatrix): number {
  let count = 0
  for (let row = 0; row < matrix.senders.length; row++)
    for (let column = 0; column < matrix.receivers.length; column++) if (matrix.isPinged(row, column)) count += 1
  return count
}

/** Where the neighbour tables have no room for all pairs, those of each tile are forgotten, and tiles are small enough. */
function tileWords(matrix: MeshMatrix, pairs: number, shares: number): string[] {
  const tables = neighbourTables()
  const pinged = new Set(matrix.senders.flatMap(({ addresses }) => addresses))
  const roomOf = (limit: number | null, entries: number | null) => (limit ?? TABLE_ROOM) - (entries ?? 0)
  // By IPv6, a pair of nodes takes the entries of its link-local addresses as well.
  const isSix = [...pinged].some((address) => address?.includes(':'))
  const isFour = [...pinged].some((address) => address !== null && !address.includes(':'))
  const room = Math.min(
    isFour ? roomOf(tables.ipv4, tables.entries.ipv4) : Number.POSITIVE_INFINITY,
    isSix ? roomOf(tables.ipv6, tables.entries.ipv6) / 2 : Number.POSITIVE_INFINITY,
  )
  if (pairs <= room) return ['forget', '0', 'side', String(SIDE_MOST)]
  // Half of the room, above which the kernel drops entries that may be in use; two entries for each two nodes.
  const side = Math.floor(Math.sqrt(Math.max(room, 0) / 2 / 2 / shares))
  return ['forget', '1', 'side', String(Math.min(SIDE_MOST, Math.max(2, side)))]
}

const nodeWords = (node: NodeState, now: AddressesByNode): string[] =>
  now.has(node.name) ? ['node', String(node.pid), String(node.startTime)] : ['node', '0', '0']

/** The lists of addresses, and who pings which. */
function addressWords({ senders, receivers }: MeshMatrix, numberOf: ReadonlyMap<NodeState, number>): string[] {
  const lists = [...new Set(senders.filter(({ refusal }) => refusal === null).map(({ addresses }) => addresses))]
  return [
    ...lists.flatMap((addresses, list) =>
      receivers.flatMap(({ node, refusal }, column) => {
        const address = addresses[column]
        return address == null || refusal !== null ? [] : ['address', String(list), String(numberOf.get(node)), address]
      }),
    ),
    ...senders.flatMap(({ node, addresses, refusal }) =>
      refusal === null ? ['sends', String(numberOf.get(node)), String(lists.indexOf(addresses))] : [],
    ),
  ]
}

/** Records what the shim reports: a row of times of pairs without a loss, one other pair, or an error. */
function readerOf(
  matrix: MeshMatrix,
  nodes: readonly NodeState[],
  onDone: (done: number) => void,
): (report: ShimReport) => void {
  const placesIn = (ends: readonly { node: NodeState }[]) => {
    const place = new Map(ends.map(({ node }, index) => [node, index]))
    return nodes.map((node) => place.get(node) ?? -1)
  }
  const rows = placesIn(matrix.senders)
  const columns = placesIn(matrix.receivers)
  let done = 0
  return (report) => {
    const row = rows[report.from as number] ?? -1
    if (Array.isArray(report.us)) {
      const count = report.count as number
      for (const [index, rttUs] of (report.us as number[]).entries()) {
        if (rttUs < 0) continue
        matrix.set(row, columns[(report.first as number) + index] as number, { sent: count, received: count, rttUs })
        done += 1
      }
    } else {
      const column = columns[report.to as number] ?? -1
      if (typeof report.error === 'string') return matrix.setError(row, column, report.error)
      const { sent, received } = report as { sent: number; received: number }
      matrix.set(row, column, { sent, received, rttUs: typeof report.us === 'number' ? report.us : -1 })
      done += 1
    }
    onDone(done)
  }
}
