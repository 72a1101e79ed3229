// Turns a YAML text into a checked topology: its keys and single values are right, and the place of each value is known.

import { LabError } from '../../errors.js'
import { expandedTopology, expansionKeys, type TopologyNode } from '../schema/topology.js'
import { expand } from './expand.js'
import { Faults } from './faults.js'
import { Includes, type ReadIncluded } from './include.js'
import type { Locate } from './located.js'
import { get, isNothing, type Located, map, originAt, without } from './located.js'
import { toPlain } from './plain.js'
import { addSchemaFaults } from './schema-faults.js'
import type { Topology } from './topology.js'
import { type VariableSources, Variables } from './variables.js'
import { withoutFaulty } from './without-faulty.js'
import { readDocument } from './yaml-document.js'

export interface ParseOptions extends VariableSources {
  /** The name of the file, for messages. */
  file?: string
  /** The name of a lab whose file has none. */
  defaultName?: string
  /** Reads the files under `include`. Without it, no file can be included. */
  readIncluded?: ReadIncluded
}

/** A topology whose faults have not been reported yet. */
export interface ReadTopology {
  /** Without what is wrong in its shape; null if nothing can be said about the rest. */
  topology: Topology | null
  faults: Faults
}

/**
 * Reads and checks a topology. All faults are reported at once.
 *
 * @throws LabError TOPOLOGY_INVALID with line and column of each fault; USAGE if a value is set for an unknown variable
 */
export function parseTopology(text: string, options: ParseOptions = {}): Topology {
  const { topology, faults } = readTopology(text, options)
  faults.throwIfAny()
  // Not reached as far as we know: everything that the schema refuses has a place, and so is a fault.
  if (topology === null) throw new LabError('INTERNAL', 'a topology is refused without a fault')
  return topology
}

/**
 * Reads a topology, and collects its faults.
 *
 * @throws LabError TOPOLOGY_INVALID if it is no YAML, or too large; USAGE if a value is set for an unknown variable
 */
export function readTopology(text: string, options: ParseOptions = {}): ReadTopology {
  const { file, defaultName = 'lab' } = options
  const { root: written, faults: yamlFaults } = readDocument(text, file)
  let root: Located = written
  const locate: Locate = (path, part = 'value') => originAt(root, path, part)
  const faults = new Faults(locate, file)
  for (const { at, message } of yamlFaults) faults.addAt(at, message)
  if (yamlFaults.length === 0 && isNothing(written)) {
    faults.add([], 'the file is empty; a topology has at least `nodes:`')
  }
  faults.throwIfAny()
  const variables = new Variables(options, faults)
  root = expand(new Includes(options.readIncluded, faults).resolve(written, []), variables, faults)
  const { expansion, rest: expanded } = parted(root)
  const expansionResult = expansionKeys.safeParse(expansion, { reportInput: true })
  const result = expandedTopology.safeParse(expanded, { reportInput: true })
  for (const each of [expansionResult, result]) if (!each.success) addSchemaFaults(faults, each.error.issues)
  if (faults.paths().length === 0) variables.refuseUnknown(file)
  const sound = result.success ? result : expandedTopology.safeParse(withoutFaulty(expanded, result.error.issues))
  if (!sound.success) return { topology: null, faults }
  const { nodes, name = nameFrom(defaultName), ...rest } = sound.data
  const order = get(root, 'nodes')
  const names = order?.type === 'map' ? [...order.entries.keys()] : []
  // Without a node, ends of links would lead nowhere.
  if (names.some((key) => !Object.hasOwn(nodes, key))) return { topology: null, faults }
  const ordered = new Map(names.map((key) => [key, nodes[key] as TopologyNode]))
  return { topology: { ...rest, name, nodes: ordered, file, locate }, faults }
}

/** Parts a topology into the keys that expanding has used, which are only checked, and the rest. */
function parted(root: Located): { expansion: unknown; rest: unknown } {
  if (root.type !== 'map') return { expansion: {}, rest: toPlain(root, expandedTopology) }
  const keys = Object.keys(expansionKeys.shape)
  const own = [...root.entries].filter(([key]) => keys.includes(key))
  return {
    expansion: toPlain(map(new Map(own), root.at), expansionKeys),
    rest: toPlain(without(root, ...keys), expandedTopology),
  }
}

/** Makes the name of a lab from that of a file. Characters that a name cannot have become hyphens. */
const nameFrom = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '') || 'lab'
