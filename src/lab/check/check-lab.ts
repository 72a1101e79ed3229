// Checks a running lab against what its file promises.
import type { CheckReport } from '../../model/reach/check.js'
import { readApplied } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import { probesOf } from './lab-probes.js'
import { type CheckOptions, runChecks } from './run-checks.js'

/**
 * Runs the checks that the file of a lab has, as it was built or applied last.
 *
 * @throws LabError STATE_REFUSED for a lab that an older nslab made; as `runChecks`
 */
export async function checkLab(lab: RunningLab, options: CheckOptions = {}): Promise<CheckReport> {
  const began = performance.now()
  const { checks = { withinMs: 0, checks: [] } } = readApplied(lab).topology
  const results = await runChecks(lab, checks, probesOf(lab), options)
  const passed = results.filter((each) => each.passed).length
  return {
    lab: lab.name,
    file: null,
    passed,
    failed: results.length - passed,
    elapsedMs: Math.round((performance.now() - began) * 10) / 10,
    results,
    error: null,
  }
}
