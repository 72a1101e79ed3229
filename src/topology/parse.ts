// From YAML text to a checked topology: shapes and single values are right, every place in the file can be found again.
import { readDocument } from './document.js'
import { Faults, type Locate } from './fault.js'
import { topology as schema, type TopologyFile, type TopologyNode } from './schema.js'
import { addSchemaFaults } from './schema-faults.js'

/** A topology as written, with defaults filled in. */
export interface Topology extends Omit<TopologyFile, 'nodes'> {
  name: string
  /** By name, in the file's order. */
  nodes: ReadonlyMap<string, TopologyNode>
  /** The file's name, for messages. */
  file: string | undefined
  locate: Locate
}

export interface ParseOptions {
  /** The file's name, for messages. */
  file?: string
  /** Name of the lab when the file has none. */
  defaultName?: string
}

/**
 * Reads and checks a topology. All faults are told at once.
 *
 * @throws LabError TOPOLOGY_INVALID with line and column of each fault.
 */
export function parseTopology(text: string, options: ParseOptions = {}): Topology {
  const { file, defaultName = 'lab' } = options
  const document = readDocument(text)
  const faults = new Faults(document.locate, file)
  for (const fault of document.faults) faults.addAt(fault, [], fault.message)
  if (document.faults.length === 0 && document.value === null) {
    faults.add([], 'the file is empty; a topology has at least `nodes:`')
  }
  faults.throwIfAny()
  const result = schema.safeParse(document.value, { reportInput: true })
  if (!result.success) {
    addSchemaFaults(faults, result.error.issues)
    faults.throwIfAny()
    throw result.error
  }
  const { nodes, name = nameFrom(defaultName), ...rest } = result.data
  const ordered = new Map(document.keysAt(['nodes']).map((key) => [key, nodes[key] as TopologyNode]))
  return { ...rest, name, nodes: ordered, file, locate: document.locate }
}

/** A file's base name made into a lab's name: what a name cannot have becomes a hyphen. */
const nameFrom = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '') || 'lab'
