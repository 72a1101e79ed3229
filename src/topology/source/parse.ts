// From YAML text to a checked topology: shapes and single values are right, every place in the file can be found again.

import { inner, outer, type TopologyNode } from '../schema/topology.js'
import { expand } from './expand.js'
import { Faults } from './faults.js'
import { Includes, type ReadIncluded } from './include.js'
import type { Locate } from './located.js'
import { get, isNothing, type Located, map, originAt, toPlain, without } from './located.js'
import { addSchemaFaults } from './schema-faults.js'
import type { Topology } from './topology.js'
import { type VariableSources, Variables } from './variables.js'
import { readDocument } from './yaml-document.js'

export interface ParseOptions extends VariableSources {
  /** The file's name, for messages. */
  file?: string
  /** Name of the lab when the file has none. */
  defaultName?: string
  /** Reads what `include` names; without it, nothing can be included. */
  readIncluded?: ReadIncluded
}

/**
 * Reads and checks a topology. All faults are told at once.
 *
 * @throws LabError TOPOLOGY_INVALID with line and column of each fault; USAGE for a variable that is not there.
 */
export function parseTopology(text: string, options: ParseOptions = {}): Topology {
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
  const { outerPart, innerPart } = parted(root)
  const outerResult = outer.safeParse(outerPart, { reportInput: true })
  const result = inner.safeParse(innerPart, { reportInput: true })
  for (const each of [outerResult, result]) if (!each.success) addSchemaFaults(faults, each.error.issues)
  faults.throwIfAny()
  variables.refuseUnknown(file)
  // Nothing is known to come here: what the schema refuses has a place and so is a fault.
  if (!result.success) throw result.error
  const { nodes, name = nameFrom(defaultName), ...rest } = result.data
  const order = get(root, 'nodes')
  const names = order?.type === 'map' ? [...order.entries.keys()] : []
  const ordered = new Map(names.map((key) => [key, nodes[key] as TopologyNode]))
  return {
    ...rest,
    name,
    nodes: ordered,
    file,
    locate,
  }
}

/** The part that is filled in by now, and is only checked; and the rest, which is the topology. */
function parted(root: Located): { outerPart: unknown; innerPart: unknown } {
  if (root.type !== 'map') return { outerPart: {}, innerPart: toPlain(root) }
  const keys = Object.keys(outer.shape)
  const own = [...root.entries].filter(([key]) => keys.includes(key))
  return { outerPart: toPlain(map(new Map(own), root.at)), innerPart: toPlain(without(root, ...keys)) }
}

/** A file's base name made into a lab's name: what a name cannot have becomes a hyphen. */
const nameFrom = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '') || 'lab'
