// The text of `doctor`: a verdict, then one table of all checks. No line end after the last line.
import type { Check } from '../machine/check.js'
import { type Diagnosis, isObstacle } from '../machine/diagnosis.js'
import { printable } from './printable.js'
import { count } from './quantity.js'
import { renderTable } from './text-table.js'

export function doctorText({ ok, checks, nodes }: Diagnosis, columns?: number): string {
  const obstacles = checks.filter(isObstacle).map(({ name, detail }) => printable(`  ${name}: ${detail}`))
  const verdict = ok
    ? `labs can be made here; about ${nodes.fit.toLocaleString('en')} nodes fit (limited by ${nodes.limitedBy})`
    : ['no lab can be made here:', ...obstacles].join('\n')
  const table = renderTable(['CHECK', 'STATUS', 'FOUND'], checks.flatMap(rowsOf), columns)
  return [verdict, table, summary(checks)].join('\n\n')
}

/** The rows of a check: cost and remedy are below it, since beside it they would not fit into a terminal. */
function rowsOf({ name, status, detail, cost, remedy }: Check): string[][] {
  const below = [...(cost === null ? [] : [`cost: ${cost}`]), ...(remedy === null ? [] : [`remedy: ${remedy}`])]
  return [[name, status, detail], ...below.map((text) => ['', '', `  ${text}`])]
}

function summary(checks: readonly Check[]): string {
  const of = (status: Check['status']) => checks.filter((check) => check.status === status).length
  return `${count(checks.length, 'check')}: ${of('ok')} ok, ${of('limited')} limited, ${of('missing')} missing`
}
