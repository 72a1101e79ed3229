// What comes of topologies that are tested: the JSON document of `test`, and of `check` with one lab. Pure data, JSON-safe.

import type { TopologyIssue } from '../../errors.js'
import type { CheckReport } from './check.js'

/**
 * `unchecked`: the file has no checks. `skipped`: this kernel lacks something that the lab is made of. `invalid`: the file has faults,
 * or cannot be read. `error`: the lab did not come up, or did not go down.
 */
export type TestStatus = 'passed' | 'failed' | 'unchecked' | 'skipped' | 'invalid' | 'error'

/** One file, or one running lab. */
export interface TestedLab extends CheckReport {
  status: TestStatus
  /** Why it was skipped; null if it was not. */
  skipped: string | null
  /** The faults of the file. */
  issues: Omit<TopologyIssue, 'quote'>[]
  /** The name of the lab that was left running; null if none was. */
  kept: string | null
}

export interface TestReport {
  /** Checks. */
  passed: number
  failed: number
  /** Files that were skipped, files without checks, and files with faults or whose lab did not come up. */
  skipped: number
  unchecked: number
  broken: number
  elapsedMs: number
  /** In the order in which they were named. */
  labs: TestedLab[]
}
