// The text of `link ls`. No line end after the last line.
import type { DirectionReport, LinksReport } from '../model/link-report.js'
import type { WireReport } from '../model/wire-report.js'
import { count } from './quantity.js'
import { renderTable } from './text-table.js'

const HEADINGS = ['a', 'b', 'state', 'emulation', 'from_a', 'from_b', 'packets', 'bytes', 'drops']

/** Where two values stand in a cell, the first is of what `a` sends. */
export function linksText({ links, wire, since }: LinksReport, columns?: number): string {
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
  const text = wireText(wire, since === null ? SINCE_START : 'since the last look')
  return text === null ? table : `${table}\n\n${text}`
}

const delayText = ({ delayMs }: DirectionReport): string =>
  delayMs === null ? '-' : `${delayMs.p50.toFixed(2)}/${delayMs.p99.toFixed(2)}`

const SINCE_START = 'since it was started'

/** What is not as it should be; null for nothing. @param since when `lost` counts */
export function wireText(wire: WireReport | null, since = SINCE_START): string | null {
  switch (wire?.status) {
    case undefined:
      return null
    case 'running':
      return runningText(wire as WireReport, since)
    case 'silent':
      return 'the wire of this lab does not answer, so its links carry nothing: `ps -eo pid,stat,args` shows T for a process that is stopped, and `kill -CONT PID` continues it'
    case 'ended':
      return 'the wire of this lab has ended twice, so its links are down: `nslab down` and `nslab up` make the lab again'
  }
}

function runningText({ restarts, lost }: WireReport, since: string): string | null {
  const frames = count(lost, 'frame')
  const lines = [
    ...(restarts === 0
      ? []
      : ['the wire of this lab had ended, and was started once more: frames on their way were lost']),
    ...(lost === 0
      ? []
      : [`the wire lost ${frames} of all links ${since}, before it could read them: this machine was too busy`]),
  ]
  return lines.length === 0 ? null : lines.join('\n')
}
