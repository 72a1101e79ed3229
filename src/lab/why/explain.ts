// Explains why a packet arrives or does not. Whether it does is what a ping or a probe of the port says; the ways only say why.
import type { Explanation } from '../../model/reach/explanation.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { AskedLab } from './asked/asked-lab.js'
import { causeOf } from './cause.js'
import type { Packet } from './firewall/packet.js'
import { type Measured, measure, type WhyOptions } from './measure.js'
import { type Journey, type Way, walk } from './walk.js'

export type { WhyOptions }

/**
 * Pings, or asks a port, and follows the request and its answer through the lab by what the kernel of each node answers.
 *
 * @param to as for `pingPath`
 * @throws LabError NODE_NOT_FOUND for an unknown or dead node, STATE_REFUSED for a lab without a record of its topology, USAGE for
 * options that do not go together, FEATURE_MISSING where a node has no ip(8)
 */
export async function explainPath(
  lab: RunningLab,
  from: NodeState,
  to: string,
  options: WhyOptions,
): Promise<Explanation> {
  const { protocol, port, size } = options
  const asked = protocol === undefined || port === undefined ? null : { protocol, port }
  const about = { from: from.name, to, port: asked, size: size ?? null }
  const measured = await measure(lab, from, to, options)
  if (typeof measured === 'string') {
    const cause = { code: 'no-address', node: to, interface: null, evidence: measured, remedy: null, command: null }
    const sentence = `${from.name} cannot reach ${to}: ${measured}`
    return { ...about, address: null, family: options.family, works: false, sentence, cause, forward: [], back: [] }
  }
  const nodes = new AskedLab(lab, measured.address.includes(':') ? 6 : 4)
  const { forward, back, journeys } = await waysOf(nodes, from.name, measured, size)
  const { address, works } = measured
  const family = address.includes(':') ? 6 : 4
  const common = { ...about, address, family, works, forward: forward.hops, back: back?.hops ?? [] } as const
  const whom = asked ? `${asked.protocol.toUpperCase()} port ${asked.port} of ${to}` : to
  const what = `${whom}${size === undefined ? '' : ` with ${size} bytes of data`}`
  if (works) return { ...common, sentence: `${from.name} reaches ${what}${viaText(forward)}`, cause: null }
  const { words, cause } = await causeOf(nodes, { forward, back, measured, journeys })
  return { ...common, sentence: `${from.name} cannot reach ${what}: ${words}`, cause }
}

async function waysOf(
  nodes: AskedLab,
  node: string,
  { address, port, works: arrives }: Measured,
  size: number | undefined,
) {
  const family = address.includes(':') ? 6 : 4
  const length = size === undefined ? null : size + 8 + (family === 6 ? 40 : 20)
  const request: Packet = {
    ...{ family, from: '', to: address, protocol: port?.protocol ?? 'icmp', icmp: port ? null : 'echo-request' },
    ...{ sport: null, dport: port?.port ?? null, flags: port?.protocol === 'tcp' ? ['syn'] : [] },
    ...{ state: 'new', mark: 0, iif: null, oif: null },
  }
  const outward: Journey = { node, packet: request, length, request: null, arrives }
  const forward = await walk(nodes, outward)
  if (forward.fault) return { forward, back: null, journeys: [outward] }
  const { packet } = forward
  const answer: Packet = {
    ...packet,
    ...{ from: packet.to, to: packet.from, icmp: port ? null : 'echo-reply', sport: packet.dport, dport: packet.sport },
    flags: port?.protocol === 'tcp' ? ['syn', 'ack'] : [],
  }
  const homeward: Journey = { node: forward.end, packet: answer, length, request: forward, arrives }
  return { forward, back: await walk(nodes, homeward), journeys: [outward, homeward] }
}

function viaText({ hops, fault }: Way): string {
  if (fault) return ''
  const between = hops.slice(1, -1).map(({ node }) => node)
  return between.length === 0 ? '' : ` over ${between.join(', ')}`
}
