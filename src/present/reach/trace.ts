// The text of `traceroute`: one line a distance, as traceroute(8) prints them, with names of nodes and interfaces.
import type { Trace, TraceAnswer, TraceHop } from '../../model/reach/trace.js'
import { printable } from '../printable.js'
import { milliseconds } from './milliseconds.js'

/** A first line with the destination, then one line for each distance. Silent distances at the end share one line. */
export function traceText({ from, to, address, error, hops }: Trace): string {
  const title = `--- ${from} → ${to}${to === address ? '' : ` (${address})`} ---`
  const answered = hops.findLastIndex(({ answers }) => answers.length > 0) + 1
  const flows = new Set(hops.flatMap((hop) => hop.answers.flatMap((answer) => answer.flows)))
  const width = hops.length > answered + 1 ? `${answered + 1}-${hops.length}`.length : String(hops.length).length
  const lines = hops
    .slice(0, answered)
    .map((hop) => `${String(hop.distance).padStart(width)}  ${hopText(hop, flows.size)}`)
  const silent = answered + 1 === hops.length ? `${hops.length}` : `${answered + 1}-${hops.length}`
  return [
    title,
    ...lines,
    ...(answered < hops.length ? [`${silent.padStart(width)}  *`] : []),
    ...(error === null ? [] : [`not sent: ${error}`]),
  ]
    .map(printable)
    .join('\n')
}

function hopText({ answers }: TraceHop, flows: number): string {
  if (answers.length === 0) return '*'
  return answers.map((answer) => answerText(answer, answers.length > 1, flows)).join('  ')
}

function answerText(
  { address, node, interface: name, flows, rttMs, error }: TraceAnswer,
  isOneOfMany: boolean,
  all: number,
): string {
  const who = node === null ? address : `${node}${name === null ? '' : `:${name}`} (${address})`
  const which = isOneOfMany && flows.length < all ? `  flow${flows.length === 1 ? '' : 's'} ${flows.join(',')}` : ''
  return `${who}  ${milliseconds(rttMs)} ms${which}${error === null ? '' : `  ${error}`}`
}
