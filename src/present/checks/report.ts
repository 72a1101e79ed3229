// Sums the results of labs up, and says in words what all reporters say.
import type { CheckReport, CheckResult } from '../../model/reach/check.js'
import type { TestedLab, TestReport } from '../../model/reach/test-report.js'

export function testReport(labs: TestedLab[], elapsedMs: number): TestReport {
  const sum = (key: 'passed' | 'failed') => labs.reduce((total, lab) => total + lab[key], 0)
  const amount = (...statuses: TestedLab['status'][]) => labs.filter(({ status }) => statuses.includes(status)).length
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: amount('skipped'),
    unchecked: amount('unchecked'),
    broken: amount('invalid', 'error'),
    elapsedMs: Math.round(elapsedMs * 10) / 10,
    labs,
  }
}

/** The entry of a lab that was checked. */
export const checkedLab = (report: CheckReport): TestedLab => ({
  ...report,
  status: report.results.length === 0 ? 'unchecked' : report.failed > 0 ? 'failed' : 'passed',
  skipped: null,
  issues: [],
  kept: null,
})

/** What a lab is called. */
export const titleOf = ({ file, lab }: TestedLab): string => file ?? lab

/** Why a check failed, on lines of its own. */
export function failureLines({ reason, explanation, attempts }: CheckResult): string[] {
  const tries = attempts > 1 ? ` (at attempt ${attempts})` : ''
  return [
    `${reason ?? ''}${tries}`,
    ...(explanation === null ? [] : [explanation.sentence]),
    ...(explanation?.cause?.command ? [`try: ${explanation.cause.command}`] : []),
  ]
}

/** Why a file has no results, on lines of its own; none if it has. */
export function troubleLines({ status, skipped, error, issues, file }: TestedLab): string[] {
  switch (status) {
    case 'passed':
    case 'failed':
      return error === null ? [] : [error]
    case 'unchecked':
      return error === null ? ['the file has no checks'] : [error]
    case 'skipped':
      return [skipped ?? '']
    case 'invalid':
    case 'error': {
      const faults = issues.map((issue) => `${issue.file ?? file}:${issue.line}:${issue.column}: ${issue.message}`)
      return [error ?? '', ...faults]
    }
  }
}
