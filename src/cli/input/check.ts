// Checks many topologies and reports the faults of all of them together.
import { LabError, type TopologyIssue } from '../../errors.js'
import { loadTopology, type TopologyFlags } from './source.js'

export interface CheckedTopology {
  file: string
  lab: string
  nodes: number
  links: number
  warnings: string[]
}

/**
 * @throws LabError TOPOLOGY_INVALID with the faults of all files; FILE_UNREADABLE when all files that have faults are
 * unreadable; USAGE at the first file whose variables do not fit the flags.
 */
export function checkTopologies(files: readonly string[], flags: TopologyFlags): CheckedTopology[] {
  const checked: CheckedTopology[] = []
  const failures: { file: string; error: LabError }[] = []
  for (const file of files) {
    try {
      const { name, nodes, links, warnings } = loadTopology(file, flags)
      checked.push({ file, lab: name, nodes: nodes.length, links: links.length, warnings })
    } catch (error) {
      const isOfFile = error instanceof LabError && ['TOPOLOGY_INVALID', 'FILE_UNREADABLE'].includes(error.code)
      if (!isOfFile) throw error
      failures.push({ file, error })
    }
  }
  const [first] = failures
  if (!first) return checked
  if (failures.length === 1) throw first.error
  const unreadable = failures.every(({ error }) => error.code === 'FILE_UNREADABLE')
  const code = unreadable ? 'FILE_UNREADABLE' : 'TOPOLOGY_INVALID'
  throw new LabError(code, `${failures.length} of ${files.length} files are ${unreadable ? 'unreadable' : 'invalid'}`, {
    issues: failures.flatMap(issuesOf),
  })
}

/** A file that is missing or is not text has no lines, so its fault gets line 1, column 1. */
const issuesOf = ({ file, error }: { file: string; error: LabError }): TopologyIssue[] =>
  error.issues ?? [{ file, line: 1, column: 1, path: '', message: error.message }]
