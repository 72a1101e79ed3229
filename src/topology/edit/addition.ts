// Nodes and links that are added to a topology: each is read as if the file had it, with the file's variables, kinds and defaults.
import type { LinkAddition, NodeAddition, WrittenKeys } from '../../model/source/topology-edit.js'
import type { TopologyLink, TopologyNode } from '../schema/topology.js'
import { Faults } from '../source/faults.js'
import { type Entry, get, type Located, list, map, type Origin, scalar, without } from '../source/located.js'
import { type ParseOptions, readPart } from '../source/parse.js'
import { SourceText } from '../source/source-text.js'
import type { Topology } from '../source/topology.js'
import { readSource } from '../source/yaml-document.js'
import { CommandWord } from './command-text.js'
import { linksIn, placesOf } from './places.js'

/** The file that a topology was read from. */
export interface EditedFile {
  /** With all that it includes. */
  whole: Located
  options: ParseOptions
}

/** Keys that would make several of one, or that say what the words of the command say. */
const NOT_ADDED = ['repeat', 'count', 'endpoints']

/** @throws LabError TOPOLOGY_INVALID for keys and values that a node cannot have */
export function addNode(topology: Topology, { node, keys, directory }: NodeAddition, file: EditedFile): Topology {
  const body = bodyOf(`node add ${node}`, keys, directory)
  const part = read(file, map(new Map([[node, { key: body.at, value: body }]]), body.at), null, body.at)
  const added = part.nodes.get(node) as TopologyNode
  const place = { locate: part.locate, path: ['nodes', node] }
  return {
    ...topology,
    nodes: new Map([...topology.nodes, [node, added]]),
    locate: placesOf(topology.locate, linksIn(topology), new Map([[node, place]])),
  }
}

/** @throws LabError TOPOLOGY_INVALID for keys and values that a link cannot have */
export function addLink(topology: Topology, { ends, keys, directory }: LinkAddition, file: EditedFile): Topology {
  const { at, entries } = bodyOf(`link add ${ends.join(' ')}`, keys, directory)
  const endpoints = list(
    ends.map((end) => scalar(end, at)),
    at,
  )
  const link = map(new Map([['endpoints', { key: at, value: endpoints }], ...entries]), at)
  // Its nodes are looked for in the whole topology.
  const names = new Set(ends.map((end) => end.replace(/:.*$/, '')))
  const nodes = map(
    new Map([...names].map((name): [string, Entry] => [name, { key: at, value: map(new Map(), at) }])),
    at,
  )
  const part = read(file, nodes, list([link], at), at)
  const place = { locate: part.locate, path: ['links', 0] }
  return {
    ...topology,
    links: [...topology.links, part.links[0] as TopologyLink],
    locate: placesOf(topology.locate, [...linksIn(topology), place]),
  }
}

/** Reads the file with these nodes and links in place of its own. */
function read({ whole, options }: EditedFile, nodes: Located, links: Located | null, at: Origin): Topology {
  const rest = whole.type === 'map' ? without(whole, 'nodes', 'links', 'scenario') : map(new Map(), at)
  const { file: _, ...others } = options
  const entries = [
    ...rest.entries,
    ['nodes', { key: at, value: nodes }] as const,
    ...(links === null ? [] : [['links', { key: at, value: links }] as const]),
  ]
  const { topology, faults } = readPart(map(new Map(entries), rest.at), others)
  faults.throwIfAny()
  return topology as Topology
}

/**
 * The keys as a map that is written in a text of its own.
 *
 * @param directory to which relative paths belong
 */
function bodyOf(command: string, keys: WrittenKeys, directory: string | undefined) {
  const own = `nslab ${command}`
  const text = [own, ...Object.entries(keys).map(([key, value]) => `${key}=${value}`)].join(' ')
  // Files are found from the place of the text that names them.
  const source = new SourceText(text, own, false, directory === undefined ? undefined : `${directory}/command`)
  const at: Origin = { source, start: 0, end: own.length, path: '' }
  const faults = new Faults(() => ({ origin: at, missing: [] }), undefined, command)
  let from = own.length + 1
  const entries = new Map<string, Entry>()
  for (const [key, value] of Object.entries(keys)) {
    const document = readSource(new CommandWord(key, value, source, from))
    from += `${key}=${value} `.length
    for (const fault of document.faults) faults.addAt(fault.at, fault.message)
    if (NOT_ADDED.includes(key)) faults.addAt(document.root.at, `${key} is not for one that is added by a command`)
    const found = get(document.root, key)
    if (found) entries.set(key, { key: document.root.at, value: found })
    else if (document.faults.length === 0) faults.addAt(document.root.at, `${JSON.stringify(key)} is not a key`)
  }
  faults.throwIfAny()
  return map(entries, at)
}
