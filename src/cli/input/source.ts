// Loads topologies for commands: reads the file and the files it includes, with variables from flags and environment.
import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { LabError } from '../../errors.js'
import { Capture } from '../../lab/source/capture.js'
import { findOwnerFault, findSource, identityOf, pathFrom, STDIN } from '../../lab/source/files.js'
import { neighbourTables } from '../../lab/who/neighbour-tables.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { LabSource } from '../../model/source/lab-source.js'
import type { NeighbourTables } from '../../model/source/neighbour-tables.js'
import { DEFAULT_TABLES } from '../../topology/addresses/neighbour-tables.js'
import { checkTopology } from '../../topology/check.js'
import type { ReadSource } from '../../topology/emulation/emulations.js'
import type { FindSource } from '../../topology/node/contents.js'
import { isScenario, parseScenario, scenarioOf } from '../../topology/scenario/parse.js'
import type { Scenario } from '../../topology/scenario/scenario.js'
import { foreignKind } from '../../topology/source/foreign.js'
import type { IncludedFile } from '../../topology/source/include.js'
import { parseTopology } from '../../topology/source/parse.js'
import type { Topology } from '../../topology/source/topology.js'
import { refusePartsOfMachine } from '../../topology/untrusted.js'
import { readRegularFile, readText } from './read-input.js'
import { optimiseLater } from './v8-flags.js'

/** Values of the flags that topologies are loaded with. */
export interface TopologyFlags {
  /** The lab's name, instead of the one in the file. */
  name?: string | undefined
  /** `NAME=VALUE` each. */
  set?: readonly string[] | undefined
  /** The file is a stranger's: it gets no part of the machine but files of its own directory. */
  untrusted?: boolean | undefined
  /** The neighbour tables that decide `neighbours: auto` for a lab. Absent: the machine's present ones. */
  tablesOf?: (lab: string) => NeighbourTables
  /** Called with the path of each file before it is read, also when it cannot be read then. */
  onRead?: (path: string) => void
}

/**
 * Reads, checks and resolves a topology.
 *
 * @param onParsed called before the topology is resolved, which takes seconds for thousands of nodes; may throw
 * @throws LabError FILE_UNREADABLE, TOPOLOGY_INVALID, USAGE for a variable that the topology does not have.
 */
export function loadTopology(
  file: string,
  flags: TopologyFlags,
  onParsed: (lab: string, nodes: number) => unknown = () => {},
): ResolvedTopology {
  return loadSource(file, flags, onParsed).topology
}

/** A topology, and what it was read from. */
export interface Loaded {
  topology: ResolvedTopology
  source: LabSource
}

/** As `loadTopology`, with what the topology was read from. */
export function loadSource(
  file: string,
  flags: TopologyFlags,
  onParsed: (lab: string, nodes: number) => unknown = () => {},
): Loaded {
  optimiseLater()
  return readSource(file, flags, onParsed)
}

/** As `loadSource`, in a process that goes on: leaves the flags of V8 as they are. */
export function readSource(
  file: string,
  flags: TopologyFlags,
  onParsed: (lab: string, nodes: number) => unknown = () => {},
): Loaded {
  const sources = readSources(file, flags)
  const { topology, tables } = resolved(sources, flags, onParsed)
  return { topology, source: sources.source(tables) }
}

/** As `loadTopology`, and checks a scenario in place of a topology. */
export function loadEither(
  file: string,
  flags: TopologyFlags,
): { topology: ResolvedTopology } | { scenario: Scenario } {
  optimiseLater()
  const sources = readSources(file, flags)
  if (isScenario(sources.text)) return { scenario: parseScenario(sources.text, sources.options) }
  return { topology: resolved(sources, flags).topology }
}

function resolved(
  { file, text, options, machine }: ReturnType<typeof readSources>,
  { name, untrusted = false, tablesOf = neighbourTables }: TopologyFlags,
  onParsed: (lab: string, nodes: number) => unknown = () => {},
): { topology: ResolvedTopology; tables: NeighbourTables } {
  // Which tables decide follows from the name of the lab, which is known once the text is parsed.
  const own = { ...machine, neighbourTables: DEFAULT_TABLES }
  const adapt = (topology: Topology) => {
    if (untrusted) refusePartsOfMachine(topology)
    const lab = name ?? topology.name
    onParsed(lab, topology.nodes.size)
    own.neighbourTables = tablesOf(lab)
    return name === undefined ? topology : { ...topology, name }
  }
  const topology = orForeign(file, text, () => checkTopology(text, options, own, adapt))
  return { topology, tables: own.neighbourTables }
}

/**
 * Reads and checks the scenario of a file: the file itself, or the key `scenario` of a topology. Of a topology, the meaning is not
 * checked: the running lab has been made from it.
 *
 * @throws LabError FILE_UNREADABLE, TOPOLOGY_INVALID, USAGE for a variable that the file does not have and a topology without scenario
 */
export function loadScenario(file: string, flags: Pick<TopologyFlags, 'set'>): Scenario {
  const { text, options } = readSources(file, flags)
  if (isScenario(text)) return parseScenario(text, options)
  const scenario = scenarioOf(orForeign(file, text, () => parseTopology(text, options)))
  if (scenario) return scenario
  throw new LabError('USAGE', `${options.file} is a topology without a scenario`, {
    hint: 'a scenario has `steps`, a topology has one under `scenario`; see docs/scenarios.md',
  })
}

/** Reads files that are named in a file, relative to it. */
export const sourcesOf =
  (file: string): ReadSource =>
  (path) => {
    const source = pathFrom(path, file)
    return { file: source, text: readRegularFile(source) }
  }

/** A file, and how it and the files that it names are read. */
function readSources(file: string, { set = [], untrusted = false, onRead = () => {} }: TopologyFlags) {
  const isAllowed = untrusted ? onlyBelow(file) : () => {}
  const requireAllowed = (path: string) => {
    onRead(path)
    isAllowed(path)
  }
  onRead(file)
  const text = readText(file)
  const capture = new Capture()
  const options = {
    file: file === '-' ? STDIN : file,
    defaultName: file === '-' ? 'lab' : basename(file, extname(file)),
    set: Object.fromEntries(set.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])),
    ...(untrusted ? {} : { environment: (variable: string) => capture.variable(variable, process.env[variable]) }),
    readIncluded: (path: string, from: string | undefined) => {
      requireAllowed(pathFrom(path, from))
      const included = readIncluded(path, from)
      capture.file(included.file, included)
      return included
    },
  }
  const allowedSource: FindSource = (path, from, kind) => {
    requireAllowed(pathFrom(path, from))
    return findSource(pathFrom(path, from), kind)
  }
  const readNamed: ReadSource = (path, from) => {
    const source = pathFrom(path, from)
    requireAllowed(source)
    const read = { file: source, text: readRegularFile(source), identity: identityOf(source) }
    capture.file(source, read)
    return read
  }
  const source = (neighbourTables: NeighbourTables) =>
    capture.source(text, {
      ...{ file: options.file, defaultName: options.defaultName, sets: options.set },
      neighbourTables,
    })
  return { file, text, options, source, machine: { readSource: readNamed, findSource: allowedSource, findOwnerFault } }
}

/** A file of another tool is called that, since its faults as a topology of nslab would mean nothing. */
function orForeign<T>(file: string, text: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof LabError) || cause.code !== 'TOPOLOGY_INVALID') throw cause
    const name = file === '-' ? STDIN : file
    if (isScenario(text)) {
      const hint = '`nslab run` runs it on a running lab'
      throw new LabError('TOPOLOGY_INVALID', `${name} is a scenario, not a topology`, { cause, hint })
    }
    const kind = foreignKind(text)
    if (kind === null) throw cause
    throw new LabError('TOPOLOGY_INVALID', `${name} is ${kind}, not a topology of nslab`, {
      cause,
      hint: '`nslab schema` prints what a topology may have, `nslab generate` writes one to begin with',
    })
  }
}

/**
 * Returns a function that throws for a path outside of the directory of a topology file, also when a symbolic link leads out
 * of it. A topology on standard input has no directory.
 */
function onlyBelow(file: string): (path: string) => void {
  const directory = file === '-' ? null : realpathSync(dirname(file))
  return (path) => {
    // A path that is not there leads nowhere; that is reported when it is read.
    const target = statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : resolve(path)
    const isBelow = directory !== null && target.startsWith(directory.endsWith('/') ? directory : `${directory}/`)
    if (!isBelow) throw new Error(`${path} is not in the directory of the topology, which --untrusted refuses`)
  }
}

function readIncluded(path: string, from: string | undefined): IncludedFile {
  const file = pathFrom(path, from)
  const text = readRegularFile(file)
  return { file, identity: identityOf(file), text }
}
