// Results as a JSON document.
import type { TestReport } from '../../model/reach/test-report.js'

export const jsonText = (report: TestReport): string => JSON.stringify(report, null, 2)
