// Results for people: a line for each check, and what was found below those that failed.
import type { TestedLab, TestReport } from '../../model/reach/test-report.js'
import { printable } from '../printable.js'
import { count, duration } from '../quantity.js'
import { failureLines, titleOf, troubleLines } from './report.js'

const INDENT = '        '

/** The lines of one lab, without the last line feed. */
export function labText(lab: TestedLab): string {
  const head = `${titleOf(lab)}: ${verdictText(lab)}`
  const results = lab.results.flatMap((result) => [
    `  ${result.passed ? 'ok  ' : 'FAIL'}  ${printable(result.text)}  (${duration(result.elapsedMs)})`,
    ...(result.passed ? [] : failureLines(result).map((line) => `${INDENT}${printable(line)}`)),
  ])
  const trouble = lab.status === 'unchecked' && lab.error === null ? [] : troubleLines(lab)
  const kept =
    lab.kept === null
      ? []
      : [`  lab ${lab.kept} is left running: \`nslab check ${lab.kept}\`, \`nslab down ${lab.kept}\``]
  return [head, ...results, ...trouble.map((line) => `  ${printable(line)}`), ...kept].join('\n')
}

function verdictText({ status, passed, failed, elapsedMs }: TestedLab): string {
  switch (status) {
    case 'passed':
      return `${count(passed, 'check')} passed in ${duration(elapsedMs)}`
    case 'failed':
      return `${failed} of ${count(passed + failed, 'check')} FAILED in ${duration(elapsedMs)}`
    case 'unchecked':
      return 'no checks'
    case 'skipped':
      return 'skipped'
    case 'invalid':
      return 'INVALID'
    case 'error':
      return 'ERROR'
  }
}

export function summaryText({ labs, passed, failed, skipped, unchecked, broken, elapsedMs }: TestReport): string {
  const parts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(skipped > 0 ? [`${count(skipped, 'file')} skipped`] : []),
    ...(unchecked > 0 ? [`${count(unchecked, 'file')} without checks`] : []),
    ...(broken > 0 ? [`${count(broken, 'file')} BROKEN`] : []),
  ]
  return `${count(labs.length, 'file')}, ${count(passed + failed, 'check')}: ${parts.join(', ')}, in ${duration(elapsedMs)}`
}

export const tableText = (report: TestReport): string =>
  [...report.labs.map(labText), ...(report.labs.length > 1 ? [summaryText(report)] : [])].join('\n')
