// Pings along several paths at the same time, in one call of the native helper.
import { LabError } from '../../errors.js'
import type { CheckedPair } from '../../model/reach/check.js'
import type { PingPair } from '../../model/reach/ping.js'
import { findNode, type RunningLab } from '../record/select.js'
import { isRunning } from '../who/process-identity.js'
import { readAddresses } from './node-addresses.js'
import { resolveTarget } from './ping.js'
import { type PingOptions, type PingTarget, pingTargets, witnessesOf } from './ping-targets.js'

/**
 * Pings along each path. One that cannot be pinged, as when two nodes have no addresses of one family, has no packets sent and an
 * error.
 *
 * @throws KernelError when a node cannot be entered; the signal's reason when aborted
 */
export async function pingPairs(
  lab: RunningLab,
  pairs: readonly CheckedPair[],
  options: PingOptions,
): Promise<PingPair[]> {
  const now = await readAddresses(lab)
  const found = pairs.map(({ from, to }): PingTarget | PingPair => {
    const refused = (error: string) => ({ from, to, address: null, sent: 0, received: 0, rttMs: null, error })
    try {
      const source = findNode(lab, from)
      if (!isRunning(source)) return refused(`${from} is dead: its first process has ended`)
      return { source, from, ...resolveTarget(lab, source, to, options.family, now) }
    } catch (error) {
      if (error instanceof LabError && ['NODE_NOT_FOUND', 'USAGE'].includes(error.code)) return refused(error.message)
      throw error
    }
  })
  const targets = found.filter((each): each is PingTarget => 'source' in each)
  if (targets.length === 0) return found as PingPair[]
  const addresses = targets.map(({ address }) => address)
  const outcomes = await pingTargets(lab, targets, options, witnessesOf(now, addresses))
  const outcomeOf = new Map(targets.map((target, index) => [target, outcomes[index]]))
  return found.map((each): PingPair => {
    if (!('source' in each)) return each
    const { sent, rttMs, error } = outcomeOf.get(each) ?? { sent: 0, rttMs: [], error: null }
    const least = rttMs.length > 0 ? Math.min(...rttMs) : null
    const { from, to, address } = each
    return { from, to, address, sent, received: rttMs.length, rttMs: least, error }
  })
}
