// Turns a YAML text into a checked topology: its keys and single values are right, and the place of each value is known.

import { LabError } from '../../errors.js'
import { expandedTopology, expansionKeys, type TopologyNode, topology as topologySchema } from '../schema/topology.js'
import { expand } from './expand.js'
import { Faults } from './faults.js'
import { Includes, type ReadIncluded } from './include.js'
import { type LeftOut, partsRefused, partsWithIssues, textsOf, without, withoutPlaceholders } from './left-out.js'
import type { Locate } from './located.js'
import { get, isNothing, type Located, map, originAt, type Path, without as withoutKeys } from './located.js'
import { toPlain } from './plain.js'
import { addSchemaFaults } from './schema-faults.js'
import type { Topology } from './topology.js'
import { type VariableSources, Variables } from './variables.js'
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
  leftOut: readonly LeftOut[]
  /** The file with all that it includes, before anything is expanded. */
  whole: Located
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
  const { file } = options
  const { root: written, faults: yamlFaults } = readDocument(text, file)
  const place = { root: written }
  const faults = faultsIn(place, file)
  for (const { at, message } of yamlFaults) faults.addAt(at, message)
  if (yamlFaults.length === 0 && isNothing(written)) {
    faults.add([], 'the file is empty; a topology has at least `nodes:`')
  }
  faults.throwIfAny()
  const whole = new Includes(options.readIncluded, faults).resolve(written, [])
  return { ...readExpanded(whole, options, place, faults), whole }
}

/**
 * Reads a part of a topology that has been read: the same file with other nodes and links.
 *
 * @param root with all that is included
 */
export function readPart(root: Located, options: ParseOptions): ReadTopology {
  const place = { root }
  const faults = faultsIn(place, options.file)
  return { ...readExpanded(root, options, place, faults, { isPart: true }), whole: root }
}

/** The root of the topology as it is at present, in which faults are located. */
interface Place {
  root: Located
}

const locateIn =
  (place: Place): Locate =>
  (path, part = 'value') =>
    originAt(place.root, path, part)

const faultsIn = (place: Place, file: string | undefined): Faults => new Faults(locateIn(place), file)

function readExpanded(
  whole: Located,
  options: ParseOptions,
  place: Place,
  faults: Faults,
  { isPart } = { isPart: false },
): Omit<ReadTopology, 'whole'> {
  const { file, defaultName = 'lab' } = options
  const variables = new Variables(options, faults)
  const root = expand(whole, variables, faults)
  place.root = root
  const refused = partsRefused(root, faults.origins)
  const { expansion, rest: expanded } = parted(root)
  const expansionResult = expansionKeys.safeParse(expansion, { reportInput: true })
  const result = expandedTopology.safeParse(expanded, { reportInput: true })
  for (const each of [expansionResult, result])
    if (!each.success) addSchemaFaults(faults, each.error.issues, topologySchema)
  // What is left out may be all that a variable is for.
  if (faults.isEmpty && !isPart) variables.refuseUnknown(file)
  const outside = refused.rest.map(({ path }) => path.split('.'))
  const issuesOutside = expansionResult.success ? [] : expansionResult.error.issues
  if (![...outside, ...issuesOutside.map(({ path }) => path)].every(leavesRest))
    return { topology: null, faults, leftOut: [] }
  const parts = [...refused.parts, ...(result.success ? [] : partsWithIssues(result.error.issues))]
  const sound = parts.length === 0 ? result : expandedTopology.safeParse(without(expanded, parts))
  if (!sound.success) return { topology: null, faults, leftOut: [] }
  const { nodes, links, name = nameFrom(defaultName), ...rest } = sound.data
  const order = get(root, 'nodes')
  const names = order?.type === 'map' ? [...order.entries.keys()] : []
  const ordered = new Map(
    names.flatMap((key) => (Object.hasOwn(nodes, key) ? [[key, nodes[key] as TopologyNode] as const] : [])),
  )
  const repeated = outside.flatMap(([key = '']) => (REPEATED.includes(key) ? [[key]] : []))
  const leftOut = [...parts, ...repeated].map((path) => ({ path, texts: textsOf(expanded, path) }))
  const topology = {
    ...rest,
    name,
    nodes: ordered,
    links: withoutPlaceholders(links, parts),
    file,
    locate: locateIn(place),
  }
  return { topology, faults, leftOut }
}

/** The keys with descriptions that `repeat` makes several of. */
const REPEATED: readonly string[] = ['nodes', 'links']

/** Whether something can be said about the rest after a fault of what a topology is expanded from. Most are faults of nodes as well. */
const leavesRest = ([key, , what]: Path): boolean =>
  key === 'vars' ||
  REPEATED.includes(String(key)) ||
  (['kinds', 'defaults'].includes(String(key)) && what !== undefined && what !== 'extends')

/** Parts a topology into the keys that expanding has used, which are only checked, and the rest. */
function parted(root: Located): { expansion: unknown; rest: unknown } {
  if (root.type !== 'map') return { expansion: {}, rest: toPlain(root, expandedTopology) }
  const keys = Object.keys(expansionKeys.shape)
  const own = [...root.entries].filter(([key]) => keys.includes(key))
  return {
    expansion: toPlain(map(new Map(own), root.at), expansionKeys),
    rest: toPlain(withoutKeys(root, ...keys), expandedTopology),
  }
}

/** Makes the name of a lab from that of a file. Characters that a name cannot have become hyphens. */
const nameFrom = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '') || 'lab'
