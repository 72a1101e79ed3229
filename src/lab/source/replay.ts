// Reads a topology again from what was remembered of it, whatever has become of its files.
import { resolve } from 'node:path'
import type { LabSource, SourceFile } from '../../model/source/lab-source.js'
import type { Machine } from '../../topology/resolve.js'
import type { ParseOptions } from '../../topology/source/parse.js'
import { findOwnerFault, findSource, pathFrom } from './files.js'

export interface Replay {
  options: ParseOptions
  machine: Machine
  /** The files that were not remembered, by their absolute paths: those that edits name. */
  read: Record<string, SourceFile>
}

/** @param readFile reads a file that is not remembered, by its absolute path; may throw */
export function replay(
  { file, directory, defaultName, sets, environment, sources, neighbourTables }: LabSource,
  readFile: (path: string) => SourceFile,
): Replay {
  const read: Record<string, SourceFile> = {}
  const find = (path: string, from: string | undefined) => {
    const relative = pathFrom(path, from)
    const absolute = resolve(directory, relative)
    const known = sources[relative] ?? sources[absolute] ?? read[absolute]
    if (known) return { file: relative, ...known }
    const fresh = readFile(absolute)
    read[absolute] = fresh
    return { file: absolute, ...fresh }
  }
  const machine: Machine = {
    neighbourTables,
    readSource: find,
    findSource: (path, from, kind) => findSource(pathFrom(path, from), kind, directory),
    findOwnerFault,
  }
  const options: ParseOptions = {
    ...(file === null ? {} : { file, readIncluded: find }),
    ...{ defaultName, set: sets, environment: (name: string) => environment[name] },
  }
  return { options, machine, read }
}
