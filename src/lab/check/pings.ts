// Judges checks by pings: `ping` and `unreachable`.
import type { CheckKind } from '../../model/reach/check.js'
import type { PingPair } from '../../model/reach/ping.js'
import { pingPairs } from '../observe/ping-pairs.js'
import { PING_DEFAULTS } from '../observe/ping-targets.js'
import type { RunningLab } from '../record/select.js'
import { failuresOf, pairsIn, type Verdict } from './verdict.js'

/** One packet after the other: more at a time would wait for each other in the queues of slow links. */
const ONE_BY_ONE = { intervalMs: 0 }

/** An address that nothing answers at takes as long as this; twice, since the first packet may be lost in any lab. */
const UNREACHABLE = { count: 2, timeoutMs: 1000, intervalMs: 0 }

export async function judgePing(
  lab: RunningLab,
  check: Extract<CheckKind, { kind: 'ping' }>,
  signal?: AbortSignal,
): Promise<Verdict> {
  const { count, family } = check
  const pairs = pairsIn(check)
  const found = await pingPairs(lab, pairs, { ...PING_DEFAULTS, ...ONE_BY_ONE, count, family, ...signalIn(signal) })
  return failuresOf(
    found.flatMap((pair) => {
      const reason = pingFailure(pair, check)
      return reason === null ? [] : [{ pair: { from: pair.from, to: pair.to }, reason }]
    }),
    pairs.length,
  )
}

/** Why a pair does not meet a check; null if it does. */
export function pingFailure(
  { sent, received, rttMs, error }: PingPair,
  { rttBelowMs, lossAtMost }: Pick<Extract<CheckKind, { kind: 'ping' }>, 'rttBelowMs' | 'lossAtMost'>,
): string | null {
  const because = error === null ? '' : `: ${error}`
  if (sent === 0) return error ?? 'no packet was sent'
  const lost = (100 * (sent - received)) / sent
  if (lost > lossAtMost || received === 0) {
    const limit = lossAtMost > 0 && received > 0 ? `, a loss of ${lost.toFixed(1)} % instead of ${lossAtMost} %` : ''
    return `${received} of ${sent} answered${limit}${because}`
  }
  if (rttBelowMs === null || (rttMs !== null && rttMs < rttBelowMs)) return null
  return `the least round-trip time is ${rttMs?.toFixed(2)} ms, not below ${rttBelowMs} ms`
}

export async function judgeUnreachable(
  lab: RunningLab,
  check: Extract<CheckKind, { kind: 'unreachable' }>,
  signal?: AbortSignal,
): Promise<Verdict> {
  const pairs = pairsIn(check)
  const options = { ...UNREACHABLE, family: check.family, ...signalIn(signal) }
  const found = await pingPairs(lab, pairs, options)
  return failuresOf(
    found.flatMap((pair) => {
      const reason = reachedText(pair)
      return reason === null ? [] : [{ pair: { from: pair.from, to: pair.to }, reason }]
    }),
    pairs.length,
  )
}

/** A packet that was never sent proves nothing: a dead sender reaches nobody whatever the network does. */
export function reachedText({ address, sent, received, error }: PingPair): string | null {
  if (received > 0) return `${address} answers: ${received} of ${sent}`
  return address === null ? `not tried: ${error}` : null
}

const signalIn = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal })
