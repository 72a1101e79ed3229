// Explains why a packet arrives or does not. Whether it does is what a ping says; the ways only say why.
import { LabError } from '../../errors.js'
import type { Family } from '../../model/family.js'
import type { Explanation } from '../../model/reach/explanation.js'
import { pingPath } from '../observe/ping.js'
import { PING_DEFAULTS } from '../observe/ping-targets.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { AskedLab } from './asked-lab.js'
import type { Fault } from './route-fault.js'
import { type Way, walk } from './walk.js'

export interface WhyOptions {
  /** null: IPv4 if both have it. */
  family: Family | null
}

/**
 * Pings, and follows the request and its answer through the lab by what the kernel of each node answers.
 *
 * @param to as for `pingPath`
 * @throws LabError NODE_NOT_FOUND for an unknown or dead node, STATE_REFUSED for a lab without a record of its topology
 */
export async function explainPath(
  lab: RunningLab,
  from: NodeState,
  to: string,
  { family: asked }: WhyOptions,
): Promise<Explanation> {
  const about = { from: from.name, to, port: null }
  const outcome = await pingOnce(lab, from, to, asked)
  if (typeof outcome === 'string') {
    const cause = { code: 'no-address', node: to, interface: null, evidence: outcome, remedy: null }
    const sentence = `${from.name} cannot reach ${to}: ${outcome}`
    return { ...about, address: null, family: asked, works: false, sentence, cause, forward: [], back: [] }
  }
  const { address, works } = outcome
  const family = address.includes(':') ? 6 : 4
  const lab2 = new AskedLab(lab, family)
  const forward = await walk(lab2, { node: from.name, to: address, from: null, family, icmp: 'echo-request' })
  const back =
    forward.fault || forward.source === null
      ? null
      : await walk(lab2, { node: forward.end, to: forward.source, from: address, family, icmp: 'echo-reply' })
  const path = { forward: forward.hops, back: back?.hops ?? [] }
  const common = { ...about, address, family, works, ...path } as const
  if (works) return { ...common, sentence: `${from.name} reaches ${to}${viaText(forward)}`, cause: null }
  const fault = forward.fault ?? (back?.fault ? returning(back.fault, forward.source ?? '') : unexplained(from.name))
  return { ...common, sentence: `${from.name} cannot reach ${to}: ${fault.words}`, cause: fault.cause }
}

/** @returns why the name stands for no address, in words */
async function pingOnce(lab: RunningLab, from: NodeState, to: string, family: Family | null) {
  try {
    const options = { ...PING_DEFAULTS, count: 2, intervalMs: 0, timeoutMs: 500, family }
    const { address, received } = await pingPath(lab, from, to, options)
    return { address, works: received > 0 }
  } catch (error) {
    const isNode = lab.state.nodes.some(({ name }) => name === to)
    if (isNode && error instanceof LabError && error.code === 'NODE_NOT_FOUND' && /address/.test(error.message))
      return error.message
    throw error
  }
}

function returning(fault: Fault, source: string): Fault {
  if (fault.cause.code !== 'no-route') return { ...fault, words: `on the way back, ${fault.words}` }
  const words = fault.words.replace(`has no route to ${source}`, `has no route back to ${source}`)
  return { ...fault, cause: { ...fault.cause, code: 'no-return-route' }, words }
}

const unexplained = (node: string): Fault => ({
  about: 'ping',
  cause: { code: 'unexplained', node, interface: null, evidence: 'no answer to two echo requests', remedy: null },
  words:
    'every node on both ways has a route and lets the packet through as far as its routes, rules, sysctls, neighbours and nftables say',
})

function viaText({ hops }: Way): string {
  const between = hops.slice(1, -1).map(({ node }) => node)
  return between.length === 0 ? '' : ` over ${between.join(', ')}`
}
