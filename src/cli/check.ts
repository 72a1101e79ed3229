// Checks many topologies and tells the faults of all of them at once.
import { LabError, type TopologyIssue } from '../errors.js'
import { loadTopology, type TopologyFlags } from './source.js'

export interface CheckedTopology {
  file: string
  lab: string
  nodes: number
  links: number
  warnings: string[]
}

/** @throws LabError TOPOLOGY_INVALID with the faults of all files; FILE_UNREADABLE, USAGE as soon as they come up. */
export function checkTopologies(files: readonly string[], flags: TopologyFlags): CheckedTopology[] {
  const checked: CheckedTopology[] = []
  const failures: LabError[] = []
  for (const file of files) {
    try {
      const { name, nodes, links, warnings } = loadTopology(file, flags)
      checked.push({ file, lab: name, nodes: nodes.length, links: links.length, warnings })
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'TOPOLOGY_INVALID') throw error
      failures.push(error)
    }
  }
  const [first] = failures
  if (!first) return checked
  if (failures.length === 1) throw first
  throw new LabError('TOPOLOGY_INVALID', `${failures.length} of ${files.length} files are invalid`, {
    issues: failures.flatMap(issuesOf),
  })
}

/** A file that is no text at all has no lines to point at. */
const issuesOf = ({ issues, message }: LabError): TopologyIssue[] =>
  issues ?? [{ line: 1, column: 1, path: '', message }]
