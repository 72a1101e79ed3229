// The texts of `ping`: results of one path as ping(8) prints them, and a full mesh as a matrix. No line end after the last line.
import type { PingPair, PingReply, PingResult } from '../../model/reach/ping.js'
import { printable } from '../printable.js'
import { count, duration } from '../quantity.js'
import { renderTable } from '../text-table.js'
import { type HeatColours, heatOf, NO_HEAT } from './heat.js'
import type { MeshReading } from './mesh-json.js'
import { milliseconds } from './milliseconds.js'

/** One line for a reply, or for the error that came instead. Sequence numbers count from 1, as ping(8) prints them. */
export function replyText({ address, sequence, rttMs, ttl, answeredBy, error, reportedBy }: PingReply): string {
  const number = `icmp_seq=${sequence + 1}`
  if (rttMs === null && reportedBy === null) return printable(`not sent to ${address}: ${number} ${error ?? ''}`)
  if (rttMs === null) return printable(`from ${reportedBy}: ${number} ${error ?? ''}`)
  return printable(
    `reply from ${address}${answeredBy === null ? '' : ` (${answeredBy})`}: ${number}${ttl === null ? '' : ` ttl=${ttl}`} time=${milliseconds(rttMs)} ms`,
  )
}

/** The last lines for one path, after its replies. */
export function summaryText({ from, to, address, sent, received, lossPercent, rttMs }: PingResult): string {
  const path = printable(`--- ${from} → ${to}${to === address ? '' : ` (${address})`} ---`)
  const lost = `${count(sent, 'packet')} sent, ${received} received, ${percent(lossPercent)} lost`
  if (rttMs === null) return [path, lost].join('\n')
  const times = [rttMs.min, rttMs.avg, rttMs.max, rttMs.mdev].map((value) => value.toFixed(3))
  return [path, lost, `rtt min/avg/max/mdev = ${times.join('/')} ms`].join('\n')
}

/** Longer lists of failures are cut; the JSON document has all of them. */
const FAILURES_SHOWN = 40

/** A matrix of more senders or receivers is too large to be read, however wide the terminal is. */
const NODES_SHOWN = 30
/** Of two matrices, one for each address family. */
const PAIRS_SHOWN = 2 * NODES_SHOWN * NODES_SHOWN

/**
 * One matrix for each address family: rows are senders, columns are receivers. If a matrix is wider than `columns`, or has more
 * than 30 nodes, all failures are listed instead.
 */
export function meshText(mesh: MeshReading, columns: number, colours: HeatColours = NO_HEAT): string {
  const { pairs, total, failed, failedCount, refusals } = gather(mesh.pairs)
  const matrices =
    pairs === null ? [null] : familiesOf(pairs).map((each) => matrix(each.title, each.pairs, columns, colours))
  const fits = matrices.every((text) => text !== null)
  const failures = [...notPinged(refusals), ...failureLines(failed, failedCount)].join('\n')
  const body = [...(fits ? matrices : []), failures, overflowHint(failed)].filter((text) => text !== '')
  return [...body, meshSummary(mesh, total)].join('\n\n')
}

/** What the text of a mesh needs of its pairs. */
interface Gathered {
  /** All pairs; null when a matrix of them is too large. */
  pairs: PingPair[] | null
  total: number
  /** The first of those that lost packets. */
  failed: PingPair[]
  failedCount: number
  /** How many pairs were not pinged, by reason. */
  refusals: Map<string, number>
}

/** Reads the pairs once, and keeps no more of them than are shown. */
function gather(all: Iterable<PingPair>): Gathered {
  const found: Gathered = { pairs: [], total: 0, failed: [], failedCount: 0, refusals: new Map() }
  for (const pair of all) {
    found.total += 1
    found.pairs?.push(pair)
    if (found.pairs && found.pairs.length > PAIRS_SHOWN) found.pairs = null
    const { sent, received, error } = pair
    if (sent === 0 && error !== null) found.refusals.set(error, (found.refusals.get(error) ?? 0) + 1)
    if (received === sent) continue
    found.failedCount += 1
    if (found.failed.length < FAILURES_SHOWN) found.failed.push(pair)
  }
  return found
}

/** The pairs of each family. Those that were not pinged are in the first matrix. */
function familiesOf(pairs: readonly PingPair[]): { title: string; pairs: PingPair[] }[] {
  const six = pairs.filter(({ address }) => address?.includes(':'))
  const four = pairs.filter(({ address }) => address !== null && !address.includes(':'))
  const none = pairs.filter(({ address }) => address === null)
  const isFirst = four.length > 0 || six.length === 0
  return [
    { title: 'IPv4', pairs: isFirst ? [...four, ...none] : [] },
    { title: 'IPv6', pairs: isFirst ? six : [...six, ...none] },
  ].filter(({ pairs: own }) => own.length > 0)
}

/** Least width of a receiver's column: one character, and two blanks between columns. */
const NARROWEST = 3

/** The matrix of one address family; null when it is wider than `columns`, or has too many nodes. */
function matrix(title: string, pairs: readonly PingPair[], columns: number, colours: HeatColours): string | null {
  const senders = [...new Set(pairs.map(({ from }) => from))]
  const receivers = [...new Set(pairs.map(({ to }) => to))]
  if (Math.max(senders.length, receivers.length) > NODES_SHOWN) return null
  if (receivers.length * NARROWEST > columns) return null
  // The same order as the senders', so that the empty cells are on the diagonal.
  receivers.sort((a, b) => senders.indexOf(a) - senders.indexOf(b))
  const cells = new Map(pairs.map((pair) => [`${pair.from} ${pair.to}`, cell(pair)]))
  const lines = senders.map((from) => [from, ...receivers.map((to) => cells.get(`${from} ${to}`) ?? '·')])
  const text = renderTable([`${title}, ms`, ...receivers], lines, Number.POSITIVE_INFINITY, 'right')
  if (text.split('\n').some((line) => line.length > columns)) return null
  return colours.end === '' ? text : heated(text, pairs, senders, receivers, colours)
}

/** Colours the cells of a matrix after it was laid out, since escape sequences would count as characters. No cell has blanks. */
function heated(
  text: string,
  pairs: readonly PingPair[],
  senders: readonly string[],
  receivers: readonly string[],
  colours: HeatColours,
): string {
  const least = Math.min(...pairs.flatMap(({ rttMs }) => rttMs ?? []))
  const colourOf = new Map(
    pairs
      .filter(({ sent }) => sent > 0)
      .map((pair) => [
        `${pair.from} ${pair.to}`,
        heatOf(pair.received < pair.sent ? null : pair.rttMs, least, colours),
      ]),
  )
  const [heading = '', rule = '', ...rows] = text.split('\n')
  const coloured = rows.map((row, line) => {
    let column = -2
    return row.replace(/\S+/g, (cellText) => {
      column += 1
      const colour = colourOf.get(`${senders[line]} ${receivers[column]}`)
      return colour === undefined ? cellText : `${colour}${cellText}${colours.end}`
    })
  })
  return [heading, rule, ...coloured].join('\n')
}

/** – for a pair that was not pinged, ✗ if nothing was received, received/sent if some were lost, else the round-trip time. */
function cell({ sent, received, rttMs }: PingPair): string {
  if (sent === 0) return '–'
  if (received === 0) return '✗'
  return received < sent ? `${received}/${sent}` : rttMs === null ? '✓' : milliseconds(rttMs)
}

/** One line for each reason for which pairs were not pinged. */
const notPinged = (refusals: ReadonlyMap<string, number>): string[] =>
  [...refusals].map(([error, pairs]) => printable(`– ${error}: ${count(pairs, 'pair')} not pinged`))

function failureLines(failed: readonly PingPair[], all: number): string[] {
  const lines = failed.map(({ from, to, address, sent, received, error }) =>
    printable(`✗ ${from} → ${to} (${address}): ${received} of ${sent}, ${error ?? 'no answer'}`),
  )
  const more = all - lines.length
  return more > 0 ? [...lines, `… and ${more} more`] : lines
}

/** A full neighbour table (arp(7)) makes sending fail with EINVAL, since there is no entry for the next hop. */
const overflowHint = (failed: readonly PingPair[]): string =>
  failed.some(({ error }) => error === 'Invalid argument')
    ? 'Invalid argument: the neighbour table of the machine is full; `neighbours: static` in the topology does without'
    : ''

function meshSummary({ sent, received, elapsedMs }: MeshReading, pairs: number): string {
  const loss = sent === 0 ? 100 : (100 * (sent - received)) / sent
  return `${count(pairs, 'pair')}: ${count(sent, 'packet')} sent, ${received} received, ${percent(loss)} lost, in ${duration(elapsedMs)}`
}

/** Rounds to whole percents, but not a small loss to 0. */
const percent = (value: number): string => `${value > 0 && value < 1 ? value.toPrecision(1) : Math.round(value)} %`
