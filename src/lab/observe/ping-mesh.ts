// A full mesh of pings: from every host to every other host at the same time.
import { LabError } from '../../errors.js'
import type { Family } from '../../model/family.js'
import type { PingMesh } from '../../model/reach/ping.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { globPattern } from '../who/node-glob.js'
import { MeshMatrix, type MeshReceiver, type MeshSender } from './mesh-matrix.js'
import { pingTiles, SHIM_COUNT_MOST } from './mesh-tiles.js'
import { type AddressesByNode, readAddresses } from './node-addresses.js'
import { addressOf, familiesOf, noAddressText } from './ping-target.js'
import { networkOf, type PingOptions, type PingTarget, pingTargets, witnessesOf } from './ping-targets.js'

/** The options of a mesh. Globs choose nodes by name: `*` stands for any characters and `?` for one. */
export interface MeshOptions extends PingOptions {
  /** Only these nodes send; without it, every host. */
  from?: string
  /** Only these nodes are pinged; without it, every host. */
  to?: string
}

/**
 * Pings from every host to every other host. Hosts are nodes of kind `host`; without any, all nodes that are not switches. A glob
 * chooses among all nodes that are not switches. A host that is dead or has no address has pairs that are not pinged, with the
 * reason; two that have no family in common are not pinged either, and nothing is wrong with that.
 *
 * @throws KernelError when a node cannot be entered; LabError NODE_NOT_FOUND for a glob that no node matches
 */
export const pingMesh = async (lab: RunningLab, options: MeshOptions): Promise<PingMesh> =>
  (await pingMatrix(lab, options)).document()

/** As `pingMesh`, with a result that takes little memory. */
export async function pingMatrix(lab: RunningLab, options: MeshOptions): Promise<MeshMatrix> {
  const began = performance.now()
  const now = await readAddresses(lab)
  const senders = endNodes(lab, options.from)
  const matrix = matrixOf(senders, endNodes(lab, options.to), now, options)
  const witnesses = witnessesOf(now, new Set(matrix.senders.flatMap(({ addresses }) => addresses)))
  const isPlain =
    witnesses.length === 0 &&
    options.onReply === undefined &&
    options.intervalMs === 0 &&
    options.count <= SHIM_COUNT_MOST
  if (isPlain) await pingTiles(lab, matrix, now, options)
  else await pingEach(lab, matrix, now, options, witnesses)
  matrix.elapsedMs = Math.round((performance.now() - began) * 10) / 10
  return matrix
}

/** Pings every pair on its own, so that each reply is told, and the node that sent it where several may. */
async function pingEach(
  lab: RunningLab,
  matrix: MeshMatrix,
  now: AddressesByNode,
  options: MeshOptions,
  witnesses: readonly NodeState[],
): Promise<void> {
  const networks = matrix.receivers.map(({ node }) => networkOf(now, node.name))
  const places: [row: number, column: number][] = []
  const targets: PingTarget[] = []
  for (const [row, { node: source, addresses }] of matrix.senders.entries())
    for (const [column, { node: target }] of matrix.receivers.entries()) {
      const address = addresses[column]
      if (address == null || !matrix.isPinged(row, column)) continue
      places.push([row, column])
      targets.push({ source, from: source.name, to: target.name, address, expected: networks[column] ?? null })
    }
  const outcomes = await pingTargets(lab, targets, options, witnesses)
  for (const [index, { sent, rttMs, error }] of outcomes.entries()) {
    const [row, column] = places[index] as [number, number]
    const rttUs = rttMs.length > 0 ? Math.round(Math.min(...rttMs) * 1000) : -1
    matrix.set(row, column, { sent, received: rttMs.length, rttUs })
    if (error !== null) matrix.setError(row, column, error)
  }
}

function matrixOf(
  senders: readonly NodeState[],
  receivers: readonly NodeState[],
  now: AddressesByNode,
  { family }: PingOptions,
): MeshMatrix {
  const known = new Map<string, (string | null)[]>()
  /** Each receiver's address in some families, found once and not once for each sender. */
  const addressesIn = (own: readonly Family[]): (string | null)[] => {
    const found =
      known.get(own.join()) ?? receivers.map((node) => addressOf({ node, interface: null }, now.get(node.name), own))
    known.set(own.join(), found)
    return found
  }
  const any = addressesIn([4, 6])
  return new MeshMatrix(
    senders.map((node): MeshSender => {
      const refusal = now.has(node.name) ? null : `${node.name} is dead: its first process has ended`
      return { node, addresses: addressesIn(familiesOf(now.get(node.name), family)), refusal }
    }),
    receivers.map((node, column): MeshReceiver => {
      const refusal = any[column] === null ? noAddressText({ node, interface: null }, null) : null
      return { node, refusal }
    }),
  )
}

/** The nodes at one end of the pairs: those that a glob matches, or all hosts. */
function endNodes(lab: RunningLab, glob: string | undefined): NodeState[] {
  const nodes = lab.state.nodes.filter((node) => node.kind !== 'switch')
  if (glob === undefined) {
    const hosts = nodes.filter((node) => node.kind === 'host')
    return hosts.length > 0 ? hosts : nodes
  }
  const pattern = globPattern(glob)
  const found = nodes.filter(({ name }) => pattern.test(name))
  if (found.length > 0) return found
  throw new LabError('NODE_NOT_FOUND', `lab ${lab.name} has no node ${glob} that can be pinged`, {
    hint: `quote a glob, as in 'leaf*'; \`nslab inspect ${lab.name}\` lists the nodes; switches are not pinged`,
  })
}
