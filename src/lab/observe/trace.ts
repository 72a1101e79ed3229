// The ways that packets take from one node to another node or address, as the routers on them answer.
import { runShim, type ShimReport } from '../../kernel/shim.js'
import type { Family } from '../../model/family.js'
import type { Trace, TraceAnswer, TraceHop } from '../../model/reach/trace.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { keeperArguments, requireAlive } from '../who/process-identity.js'
import { ownerOf } from './address-owner.js'
import { type AddressesByNode, readAddresses } from './node-addresses.js'
import { resolveTarget } from './ping.js'

export interface TraceOptions {
  /** The address family to use; null means IPv4 if the target has an IPv4 address, else IPv6. */
  family: Family | null
  /** How many flows, which differ in their source port: 1 to 64. Routers may send each another way. */
  flows: number
  /** The greatest distance: 1 to 255. */
  maxHops: number
  /** Longest time to wait for each answer. A datagram without an answer is sent once more. */
  timeoutMs: number
  /** Ends the trace when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
}

export const TRACE_DEFAULTS: TraceOptions = { family: null, flows: 4, maxHops: 30, timeoutMs: 1000 }

/** What the shim's verb `trace` reports of one datagram (native-shim/README.md). */
interface Reported {
  flow: number
  hop?: number
  from?: string
  rttMs?: number
  error?: string
  portUnreachable?: boolean
}

/**
 * Sends UDP datagrams of growing TTL to a node of the same lab, to one of its interfaces, or to an address.
 *
 * @param to `NODE`, `NODE:INTERFACE`, `NODE-INTERFACE` or an address
 * @throws LabError NODE_NOT_FOUND when `to` is no node of the lab, or has no address of a family that the sender has, or when
 * `from` is dead; USAGE for an address of the other family; KernelError when the node cannot be entered.
 */
export async function tracePath(lab: RunningLab, from: NodeState, to: string, options: TraceOptions): Promise<Trace> {
  const { family, flows, maxHops, timeoutMs, signal } = options
  requireAlive(from)
  const now = await readAddresses(lab)
  const target = resolveTarget(lab, from, to, family, now)
  const reports: Reported[] = []
  await runShim({
    verb: 'trace',
    args: keeperArguments(lab.state.keeper),
    spec: [
      ...['flows', String(flows), 'max-hops', String(maxHops), 'timeout', String(timeoutMs)],
      ...['from', String(from.pid), String(from.startTime), 'to', target.address],
    ],
    onReport: (report: ShimReport) => reports.push(report as unknown as Reported),
    signal,
  })
  const { address } = target
  const isEnd = (report: Reported) => report.portUnreachable === true && report.from === address.replace(/%.*$/, '')
  const hops = hopsOf(withoutLate(reports, isEnd), maxHops, now, isEnd)
  return {
    ...{ from: from.name, to: target.to, address, family: address.includes(':') ? 6 : 4 },
    reached: reports.some(isEnd),
    error: reports.find(({ hop }) => hop === undefined)?.error ?? null,
    hops,
  }
}

/** One entry a distance: up to the last that answered if a flow came to an end, else to the greatest. */
function hopsOf(
  reports: readonly Reported[],
  maxHops: number,
  now: AddressesByNode,
  isEnd: (report: Reported) => boolean,
): TraceHop[] {
  const distances = reports.map(({ hop = 0 }) => hop)
  const isEnded = reports.some(({ error }) => error !== undefined)
  return Array.from({ length: isEnded ? Math.max(...distances) : maxHops }, (_, index) => {
    const at = reports.filter(({ hop }) => hop === index + 1)
    return { distance: index + 1, answers: answersOf(at, now, isEnd) }
  })
}

/**
 * The reports without answers of the destination at a distance that is too great. The kernel limits how often a node sends
 * errors (icmp_ratelimit, icmp(7)), so the answer at the right distance may be missing: then no router answered before it.
 */
function withoutLate(reports: readonly Reported[], isEnd: (report: Reported) => boolean): Reported[] {
  const nearest = Math.min(...reports.filter(isEnd).map(({ hop = 0 }) => hop))
  const answered = new Set(reports.map(({ flow, hop }) => `${flow} ${hop}`))
  return reports.filter(
    (report) => !isEnd(report) || report.hop === nearest || answered.has(`${report.flow} ${(report.hop ?? 0) - 1}`),
  )
}

/** The answers at one distance, one an address and error, in the order of their first flows. */
function answersOf(
  reports: readonly Reported[],
  now: AddressesByNode,
  isEnd: (report: Reported) => boolean,
): TraceAnswer[] {
  const answers = new Map<string, TraceAnswer>()
  for (const report of [...reports].sort((a, b) => a.flow - b.flow)) {
    const { flow, from = '', rttMs = 0 } = report
    const error = isEnd(report) ? null : (report.error ?? null)
    const key = `${from} ${error}`
    const owner = ownerOf(now, from)
    const answer = answers.get(key) ?? {
      ...{ address: from, node: owner?.node ?? null, interface: owner?.interface ?? null, flows: [] },
      ...{ rttMs, error },
    }
    answer.flows.push(flow)
    answer.rttMs = Math.min(answer.rttMs, rttMs)
    answers.set(key, answer)
  }
  return [...answers.values()]
}
