// Results in the Test Anything Protocol, version 14: https://testanything.org/tap-version-14-specification.html
import type { CheckResult } from '../../model/reach/check.js'
import type { TestedLab, TestReport } from '../../model/reach/test-report.js'
import { printable } from '../printable.js'
import { failureLines, titleOf, troubleLines } from './report.js'

/** One test point for each check; one for a file without results. */
interface Point {
  ok: boolean
  description: string
  skip: string | null
  diagnostics: Record<string, unknown>
}

export function tapText({ labs }: TestReport): string {
  const points = labs.flatMap(pointsOf)
  const lines = points.flatMap(({ ok, description, skip, diagnostics }, index) => [
    `${ok ? 'ok' : 'not ok'} ${index + 1} - ${escaped(description)}${skip === null ? '' : ` # SKIP ${oneLine(skip)}`}`,
    ...yamlLines(diagnostics),
  ])
  return ['TAP version 14', `1..${points.length}`, ...lines].join('\n')
}

function pointsOf(lab: TestedLab): Point[] {
  const title = titleOf(lab)
  const results = lab.results.map((result) => pointOf(title, result))
  const trouble = troubleLines(lab).join('; ')
  switch (lab.status) {
    case 'passed':
    case 'failed':
      return lab.error === null ? results : [...results, { ...broken(title, trouble) }]
    case 'unchecked':
    case 'skipped':
      return [{ ok: true, description: title, skip: trouble, diagnostics: {} }]
    case 'invalid':
    case 'error':
      return [...results, broken(title, trouble)]
  }
}

const broken = (description: string, message: string): Point => ({
  ...{ ok: false, description, skip: null },
  diagnostics: { message, severity: 'fail' },
})

const pointOf = (title: string, result: CheckResult): Point => ({
  ok: result.passed,
  description: `${title}: ${result.text}`,
  skip: null,
  diagnostics: {
    ...(result.passed ? {} : { message: failureLines(result).join('; '), severity: 'fail' }),
    duration_ms: result.elapsedMs,
    ...(result.passed ? {} : { line: result.line, attempts: result.attempts }),
  },
})

const oneLine = (text: string): string => printable(text.replaceAll('\n', ' '))

/** A `#` would begin a directive. */
const escaped = (text: string): string => oneLine(text).replace(/[\\#]/g, '\\$&')

/** JSON values are YAML, too. */
function yamlLines(diagnostics: Record<string, unknown>): string[] {
  const lines = Object.entries(diagnostics).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`)
  return lines.length === 0 ? [] : ['  ---', ...lines, '  ...']
}
