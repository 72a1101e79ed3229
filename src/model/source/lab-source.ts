// What the topology of a running lab was read from: enough to read it again when the files have changed or are gone. Pure data,
// JSON-safe.
import type { NeighbourTables } from './neighbour-tables.js'
import type { TopologyEdit } from './topology-edit.js'

export interface LabSource {
  /** The text of the topology file. */
  text: string
  /** Its name as the user gave it; null for a text without a file. */
  file: string | null
  /** The working directory, to which relative paths belong. */
  directory: string
  /** The name of the lab where the text has none. */
  defaultName: string
  /** Values of `--set`, by variable. */
  sets: Record<string, string>
  /** Values of the environment variables that the file names. */
  environment: Record<string, string>
  /** Files that were read, by the path by which they are found from the working directory. */
  sources: Record<string, SourceFile>
  /** With which `neighbours: auto` was decided, and is decided again: how full the tables are changes while a lab runs. */
  neighbourTables: NeighbourTables
  /** Changes that were made to it since, in their order. */
  edits: TopologyEdit[]
}

export interface SourceFile {
  /** The same for the same file, whatever path leads to it. */
  identity: string
  text: string
}
