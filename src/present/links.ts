// The text of `link ls`. No line end after the last line.
import type { DirectionReport, LinksReport } from '../model/link-report.js'
import type { WireReport } from '../model/wire-report.js'
import { renderTable } from './text-table.js'

const HEADINGS = ['a', 'b', 'state', 'emulation', 'from_a', 'from_b', 'packets', 'bytes', 'drops']

/** Where two values stand in a cell, the first is of what `a` sends. */
export function linksText({ links, wire }: LinksReport, columns?: number): string {
  const hasDelays = links.some(({ directions }) => directions.some(({ delayMs }) => delayMs !== null))
  const table = renderTable(
    [...HEADINGS, ...(hasDelays ? ['p50/p99 ms'] : [])],
    links.map(({ a, b, state, emulation, from_a, from_b, directions }) => [
      ...[a, b, state, emulation, from_a, from_b],
      ...(['packets', 'bytes', 'drops'] as const).map((key) =>
        directions.map((direction) => direction[key]).join(' / '),
      ),
      ...(hasDelays ? [directions.map(delayText).join(', ')] : []),
    ]),
    columns,
  )
  const text = wireText(wire)
  return text === null ? table : `${table}\n\n${text}`
}

const delayText = ({ delayMs }: DirectionReport): string =>
  delayMs === null ? '-' : `${delayMs.p50.toFixed(2)}/${delayMs.p99.toFixed(2)}`

/** What is not as it should be; null for nothing. */
export function wireText(wire: WireReport | null): string | null {
  switch (wire?.status) {
    case undefined:
      return null
    case 'running':
      return wire?.restarts === 0
        ? null
        : 'the wire of this lab had ended, and was started once more: frames on their way were lost'
    case 'silent':
      return 'the wire of this lab does not answer, so its links carry nothing: `ps -eo pid,stat,args` shows T for a process that is stopped, and `kill -CONT PID` continues it'
    case 'ended':
      return 'the wire of this lab has ended twice, so its links are down: `nslab down` and `nslab up` make the lab again'
  }
}
