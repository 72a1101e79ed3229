// The table of `link verify`. No line end after the last line.
import type { CheckedDirection, LinkChecks, LinkTest, Quantity } from '../model/link-check.js'
import { count, duration } from './quantity.js'
import { renderTable } from './text-table.js'

const HEADINGS = ['frames', 'what', 'configured', 'expected', 'observed', 'interval', 'samples', 'verdict']

export function checksText(checks: LinkChecks, columns: number): string {
  const rows = checks.directions.flatMap((direction) => direction.tests.map((test) => rowOf(direction, test)))
  const table = renderTable(HEADINGS, rows, columns)
  return [table, '', summaryOf(checks)].join('\n')
}

function rowOf(direction: CheckedDirection, test: LinkTest): string[] {
  const { quantity, configured, expected, observed, low, high, samples, verdict } = test
  const say = (value: number) => amount(quantity, value)
  const source = direction.source === null ? '' : ` of ${direction.source}`
  const backend = direction.backend === null ? '' : ` (${direction.backend})`
  return [
    `${direction.from} → ${direction.to}${source}${backend}`,
    quantity,
    configured === null ? '-' : say(configured),
    say(expected),
    observed === null ? '-' : say(observed),
    observed === null ? '-' : `${say(low)} to ${say(high)}`,
    String(samples),
    verdict,
  ]
}

function summaryOf({ directions, alpha, tolerance, elapsedMs }: LinkChecks): string {
  const tests = directions.flatMap((each) => each.tests)
  const verdicts = (['ok', 'differs', 'not enough probes'] as const)
    .map((verdict) => [verdict, tests.filter((test) => test.verdict === verdict).length] as const)
    .filter(([, number]) => number > 0)
    .map(([verdict, number]) => `${number} ${verdict}`)
  const level = `${(100 * (1 - alpha)).toFixed(1)} %`
  const allowed = [
    `${tolerance.delayNs / 1e6} ms of delay`,
    `${tolerance.jitterShare * 100} % of jitter`,
    `${tolerance.rateShare * 100} % of rate`,
    `${tolerance.reorderShare * 100} % of frames reordered`,
  ]
  return [
    `${count(tests.length, 'test')} in ${duration(elapsedMs)}: ${verdicts.join(', ')}`,
    `Intervals hold with ${level} for all tests together. Beyond them are allowed, for this machine: ${allowed.join(', ')}.`,
  ].join('\n')
}

/** With its unit. */
function amount(quantity: Quantity, value: number): string {
  switch (quantity) {
    case 'delay':
    case 'jitter':
      return `${digits(value / 1e6)} ms`
    case 'rate':
      return rate(value)
    case 'loss':
    case 'duplicate':
    case 'reorder':
    case 'corrupt':
      return `${digits(value * 100)} %`
  }
}

function rate(bits: number): string {
  if (bits >= 999.5e6) return `${digits(bits / 1e9)} Gbit/s`
  return bits >= 999.5e3 ? `${digits(bits / 1e6)} Mbit/s` : `${digits(bits / 1e3)} kbit/s`
}

/** Four digits that count, at most four places after the point. */
const digits = (value: number): string => String(Number(Number(value.toPrecision(4)).toFixed(4)))
