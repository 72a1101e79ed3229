// Loads topologies for commands: reads the file and the files it includes, with variables from flags and environment.
import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join } from 'node:path'
import { ownerIds } from '../lab/who/users.js'
import type { ResolvedTopology } from '../model/resolved.js'
import { resolveTopology } from '../topology/resolve.js'
import type { IncludedFile } from '../topology/source/include.js'
import { parseTopology } from '../topology/source/parse.js'
import { readRegularFile, readText } from './read-input.js'
import { optimiseLater } from './v8-flags.js'

/** Values of the flags that topologies are loaded with. */
export interface TopologyFlags {
  /** The lab's name, instead of the one in the file. */
  name?: string | undefined
  /** `NAME=VALUE` each. */
  set?: readonly string[] | undefined
}

const STDIN = '<stdin>'

/**
 * Reads, checks and resolves a topology.
 *
 * @throws LabError FILE_UNREADABLE, TOPOLOGY_INVALID, USAGE for a variable that the topology does not have.
 */
export function loadTopology(file: string, { name, set = [] }: TopologyFlags): ResolvedTopology {
  optimiseLater()
  const topology = parseTopology(readText(file), {
    file: file === '-' ? STDIN : file,
    ...(file === '-' ? {} : { defaultName: basename(file, extname(file)) }),
    set: Object.fromEntries(set.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])),
    environment: (variable) => process.env[variable],
    readIncluded,
  })
  return resolveTopology(name === undefined ? topology : { ...topology, name }, { findSource, findOwnerFault })
}

/** Relative to the file that names it; to the working directory for standard input. */
function pathFrom(path: string, from: string | undefined): string {
  const isBelow = !isAbsolute(path) && from !== undefined && from !== STDIN
  return isBelow ? join(dirname(from), path) : path
}

/** The path on this machine of a source of `files` or `mounts`. */
function findSource(path: string, from: string | undefined, kind: 'file' | 'any'): string {
  const source = pathFrom(path, from)
  const stats = statSync(source, { throwIfNoEntry: false })
  if (!stats) throw new Error(`there is no ${source}`)
  if (kind === 'file' && !stats.isFile()) throw new Error(`${source} is not a regular file`)
  return source
}

function findOwnerFault(owner: string): string | null {
  const ids = ownerIds(owner)
  return typeof ids === 'string' ? ids : null
}

function readIncluded(path: string, from: string | undefined): IncludedFile {
  const file = pathFrom(path, from)
  const text = readRegularFile(file)
  return { file, identity: realpathSync(file), text }
}
