// Checks many topologies and scenarios, and reports the faults of all of them together.
import { LabError, type TopologyIssue } from '../../errors.js'
import { loadEither, type TopologyFlags } from './source.js'

export interface CheckedTopology {
  file: string
  lab: string
  nodes: number
  links: number
  warnings: string[]
}

export interface CheckedScenario {
  file: string
  /** null when the file names none. */
  lab: string | null
  steps: number
  warnings: string[]
}

export interface Checked {
  /** The files without faults. */
  valid: (CheckedTopology | CheckedScenario)[]
  /** TOPOLOGY_INVALID with the faults of all other files; FILE_UNREADABLE when all of them are unreadable; null for none. */
  failure: LabError | null
}

/** @throws LabError USAGE at the first file whose variables do not fit the flags. */
export function checkTopologies(files: readonly string[], flags: TopologyFlags): Checked {
  const checked: Checked['valid'] = []
  const failures: { file: string; error: LabError }[] = []
  for (const file of files) {
    try {
      checked.push(check(file, flags))
    } catch (error) {
      const isOfFile = error instanceof LabError && ['TOPOLOGY_INVALID', 'FILE_UNREADABLE'].includes(error.code)
      if (!isOfFile) throw error
      failures.push({ file, error })
    }
  }
  const [first] = failures
  if (!first) return { valid: checked, failure: null }
  if (failures.length === 1) return { valid: checked, failure: first.error }
  const unreadable = failures.every(({ error }) => error.code === 'FILE_UNREADABLE')
  const code = unreadable ? 'FILE_UNREADABLE' : 'TOPOLOGY_INVALID'
  const what = unreadable ? 'unreadable' : 'invalid'
  const failure = new LabError(code, `${failures.length} of ${files.length} files are ${what}`, {
    issues: failures.flatMap(issuesOf),
  })
  return { valid: checked, failure }
}

function check(file: string, flags: TopologyFlags): Checked['valid'][number] {
  const loaded = loadEither(file, flags)
  if ('scenario' in loaded) return { file, lab: loaded.scenario.lab, steps: loaded.scenario.steps.length, warnings: [] }
  const { name, nodes, links, warnings } = loaded.topology
  return { file, lab: name, nodes: nodes.length, links: links.length, warnings }
}

/** A file that is missing or is not text has no lines, so its fault gets line 1, column 1. */
const issuesOf = ({ file, error }: { file: string; error: LabError }): TopologyIssue[] =>
  error.issues ?? [{ file, line: 1, column: 1, path: '', message: error.message }]
