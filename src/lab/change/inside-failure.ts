// What a node has made of its files, so that they cannot be changed: in words, and in the record, so that the next apply tries again.
import { constants } from 'node:os'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { InsideFailure } from '../session/insides.js'

const { EINVAL, EISDIR, ELOOP, ENXIO, EROFS, ESPIPE } = constants.errno

/** By the errno with which the shim refuses to write a file (native-shim/inside.c). */
const KINDS: Readonly<Record<number, string>> = {
  [EISDIR]: 'made it a directory',
  [ESPIPE]: 'made it a FIFO',
  [ENXIO]: 'made it a socket',
  [EINVAL]: 'made it a device',
  [ELOOP]: 'made links to it that go round in a circle',
  [EROFS]: 'mounted something read-only there, or linked it to a file of the machine',
}

/** A sentence about a file, or a name, of a node that could not be changed. */
export function insideSentence({ node, error }: InsideFailure): string {
  const kind = KINDS[error.errno]
  const isFile =
    error.step === 'write-file' ||
    error.step === 'find-target' ||
    error.step === 'own-file' ||
    error.step === 'remove-file'
  const path = error.target.startsWith(`${node}: `) ? error.target.slice(node.length + 2) : error.target
  const what =
    isFile && kind !== undefined
      ? `${node}: ${path} cannot be ${error.step === 'remove-file' ? 'removed' : 'written'}, since the node has ${kind}`
      : error.message
  return `${what}; \`nslab node restart ${node}\` makes its files anew`
}

/**
 * What is unfinished of a change that has failed inside of some nodes only: these may have of their files what they had before.
 *
 * @param known the topologies from which the change began
 * @param nodes names of those nodes
 */
export function unfinishedInsides(known: readonly ResolvedTopology[], nodes: ReadonlySet<string>): ResolvedTopology[] {
  if (nodes.size === 0) return []
  const left = known.map((topology) => JSON.stringify(insidesOf(topology, nodes)))
  return [...new Set(left)].map((text) => JSON.parse(text))
}

const insidesOf = (topology: ResolvedTopology, nodes: ReadonlySet<string>): ResolvedTopology => ({
  ...topology,
  links: [],
  nodes: topology.nodes.flatMap(({ nexthops: _, rules: __, network: ___, ...node }) =>
    nodes.has(node.name) ? [{ ...node, interfaces: [], routes: [], neighbours: [], sysctls: {} }] : [],
  ),
})
