// The reporters by name.
import type { TestReport } from '../../model/reach/test-report.js'
import { jsonText } from './json.js'
import { junitText } from './junit.js'
import { tableText } from './table.js'
import { tapText } from './tap.js'

export const REPORTERS = ['table', 'tap', 'junit', 'json'] as const
export type Reporter = (typeof REPORTERS)[number]

/** The text of a report, without the last line feed. */
export function reportText(report: TestReport, reporter: Reporter): string {
  switch (reporter) {
    case 'table':
      return tableText(report)
    case 'tap':
      return tapText(report)
    case 'junit':
      return junitText(report)
    case 'json':
      return jsonText(report)
  }
}
