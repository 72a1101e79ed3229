// Judges checks of ports and of ways, by the probes of a lab.
import type { CheckKind } from '../../model/reach/check.js'
import type { PortReport } from '../../model/reach/port-report.js'
import type { Trace } from '../../model/reach/trace.js'
import type { CheckProbes } from './probes.js'
import { failuresOf, PASSED, pairsIn, type Verdict } from './verdict.js'

export async function judgePort(
  { kind, port, family, ...ends }: Extract<CheckKind, { kind: 'tcp' | 'udp' }>,
  probe: CheckProbes['probePort'],
): Promise<Verdict> {
  const pairs = pairsIn(ends)
  const reports = await Promise.all(pairs.map(({ from, to }) => probe(from, to, { protocol: kind, port, family })))
  return failuresOf(
    reports.flatMap((report, index) => {
      const pair = pairs[index]
      return report.state === 'open' || !pair ? [] : [{ pair, reason: portText(report) }]
    }),
    pairs.length,
  )
}

export function portText({ state, port, protocol, address, error, reportedBy }: PortReport): string {
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`
  const by = reportedBy === null ? '' : `, says ${reportedBy}`
  switch (state) {
    case 'open':
      return `${protocol} ${where} is open`
    case 'refused':
      return `${protocol} ${where} is refused: nothing listens there`
    case 'unreachable':
      return `${protocol} ${where} is unreachable: ${error}${by}`
    case 'silent':
      return `${protocol} ${where} does not answer`
  }
}

export async function judgePath(
  { from, to, via, family }: Extract<CheckKind, { kind: 'path' }>,
  trace: CheckProbes['tracePath'],
): Promise<Verdict> {
  const found = await trace(from, to, family)
  const { reason, isUncertain } = judgeWay(found, via)
  return reason === null ? PASSED : { reason, failing: { from, to }, isUncertain }
}

/**
 * Why a way is not over the nodes of a check; null if it is. With several flows, one that takes the way is enough. It is uncertain where
 * all that answered is as the check wants it: a router need not send an ICMP error each time (icmp_ratelimit, icmp(7)).
 */
export function judgeWay(
  { address: end, reached, hops }: Trace,
  via: readonly string[],
): { reason: string | null; isUncertain: boolean } {
  // Flows reach the destination at several distances when ways differ in length, or its answer at the first was not sent
  // (icmp_ratelimit, icmp(7)).
  const nearest = hops.findIndex(({ answers }) =>
    answers.some(({ address, error }) => address === end && error === null),
  )
  const way = hops.slice(0, nearest < 0 ? hops.length : nearest + 1)
  const isRefused = way.some(({ answers }) => answers.some(({ error }) => error !== null))
  const names = way.map(({ answers }) => answers.map(({ node, address }) => node ?? address))
  const answered = names.findLastIndex((each) => each.length > 0) + 1
  // What is silent at the end is not known to be there.
  const between = names.slice(0, reached ? -1 : answered)
  const fits = between.every((each, index) => each.length === 0 || each.includes(via[index] ?? ''))
  const mayBe = fits && (reached ? between.length === via.length : answered > 0)
  const reason = differenceText(between, reached, via, mayBe)
  // A distance too many at which nothing answered may be the destination's, whose answer there was not sent.
  const isOpen = fits && !isRefused && (reached ? between.length >= via.length : answered > 0)
  return { reason, isUncertain: reason !== null && isOpen }
}

/**
 * @param between names of what answered at each distance before the destination
 * @param mayBe whether nothing that answered contradicts the way that is wanted
 */
function differenceText(
  between: readonly (readonly string[])[],
  reached: boolean,
  via: readonly string[],
  mayBe: boolean,
): string | null {
  const shown = between.map((each) => (each.length === 0 ? '*' : each.join('|')))
  if (!reached && shown.length === 0) return 'neither a router on the way nor the destination answered'
  if (!reached)
    return `the destination did not answer; the last that did is ${shown.at(-1)} on the way over ${shown.join(', ')}`
  const silent = via.filter((_, index) => between[index]?.length === 0)
  if (mayBe && silent.length === 0) return null
  const wanted = via.length === 0 ? 'directly to the destination' : `over ${via.join(', ')}`
  const found = shown.length === 0 ? 'directly to the destination' : `over ${shown.join(', ')}`
  return mayBe
    ? `${silent.join(', ')} did not answer, so the way ${found} may or may not be ${wanted}`
    : `the way is ${found}, not ${wanted}`
}
