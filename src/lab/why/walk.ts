// Follows a packet from node to node by what each kernel answers, until it arrives or cannot go on.
import type { ExplainedHop, Finding } from '../../model/reach/explanation.js'
import type { Asked, NodeFacts, RouteAnswer, RouteQuestion, Unread } from './asked/facts.js'
import { type Fault, fault } from './fault.js'
import { filter } from './filter.js'
import type { Packet } from './firewall/packet.js'
import type { Hook } from './firewall/verdict.js'
import { nextPlace } from './next-place.js'
import { downFault, opaqueFault } from './obstacles.js'
import { bestRoute } from './policy-rules.js'
import { renamedFault } from './renamed.js'
import { forwardingFault, ignoredFault, type Life, lifeOf, routeFault, ttlFault } from './route-fault.js'

type Found = Exclude<RouteAnswer, { error: string } | Unread>

export interface Way {
  hops: ExplainedHop[]
  /** null if the packet arrives. */
  fault: Fault | null
  /** Firewall rules that may drop the packet, since not all of their conditions can be examined. */
  suspects: Fault[]
  /** The packet as it arrives or ends. Without a route, its source is not known, and is the empty text. */
  packet: Packet
  /** Where address translation has changed the packet. */
  translations: { node: string; before: Packet; after: Packet }[]
  /** Where the kernel chose one of several next hops: all of them. */
  choices: Choice[]
  /** Nodes at which connection tracking does not know the packet, since rules keep it out. */
  untracked: Set<string>
  /** The node at which it arrives, or ends. */
  end: string
}

/** A node and one of the next hops of a route of it. */
export interface NextHop {
  node: string
  interface: string
  gateway: string | null
}

export interface Choice {
  taken: NextHop
  others: NextHop[]
}

export interface Journey {
  node: string
  /** `from` is empty where the kernel chooses it. */
  packet: Packet
  /** Its length without the Ethernet header, where it must not be fragmented; else null. */
  length: number | null
  /** Of an answer: the way of the request. */
  request: Way | null
  /** Whether the packet is known to arrive, so that no rule has dropped it. */
  arrives?: boolean
  /** A next hop to take whatever the kernel chooses. */
  forced?: NextHop
}

export async function walk(asked: Asked, journey: Journey): Promise<Way> {
  const walker = new Walker(asked, journey)
  while (!(await walker.step()));
  return walker.way
}

class Walker {
  readonly way: Way
  private readonly seen = new Set<string>()
  private iif: string | null = null
  /** null before the packet has left its node. */
  private life: Life | null = null

  constructor(
    private readonly asked: Asked,
    private readonly journey: Journey,
  ) {
    const { node, packet } = journey
    this.way = {
      hops: [],
      fault: null,
      suspects: [],
      packet,
      translations: [],
      choices: [],
      untracked: new Set(),
      end: node,
    }
  }

  /** Takes the packet through one node, and on to the next. @returns whether it ends here */
  async step(): Promise<boolean> {
    const { way, iif, asked } = this
    const node = way.end
    const findings: Finding[] = []
    const hop: ExplainedHop = { node, arrivesBy: iif, leavesBy: null, gateway: null, findings }
    way.hops.push(hop)
    const facts = await asked.facts(node)
    if (!facts) return this.stop(findings, cannotAsk(node))
    if (facts.status !== 'running') findings.push({ about: 'node', ok: true, text: `${node} is ${facts.status}` })
    if (facts.isOpaque) return this.stop(findings, opaqueFault(node, facts.unread))
    for (const each of facts.unread) findings.push({ about: 'node', ok: true, text: `not examined: ${each}` })
    if (facts.firewall === null)
      findings.push({
        about: 'firewall',
        ok: true,
        text: 'not examined: neither nft(8) nor iptables-save(8) can be run here',
      })
    // A packet whose destination is translated may come by twice on its right way.
    const key = `${node} ${iif} ${way.packet.from} ${way.packet.to}`
    if (this.seen.has(key)) return this.stop(findings, loop(node, way.hops))
    this.seen.add(key)

    const before: Packet = { ...way.packet, mark: 0, iif, oif: null, state: this.stateAt(node) }
    way.packet = before
    const back = this.translatedBack(before)
    if (back) way.packet = { ...before, to: back.to, dport: back.dport }
    if (iif !== null && this.filtered(facts, ['ingress', 'prerouting'], findings)) return this.stop(findings)
    const route = await this.route(facts, findings)
    if ('cause' in route) return this.stop(findings, route)
    const isEnd = route.type === 'local'
    this.life ??= lifeOf(node, facts, way.packet.family, route.interface)
    const over = isEnd ? null : ttlFault(node, way.hops.length - 1, this.life)
    if (over) return this.stop(findings, over)
    way.packet = { ...way.packet, from: way.packet.from || (route.source ?? ''), oif: isEnd ? null : route.interface }
    if (this.filtered(facts, iif === null ? ['output'] : [isEnd ? 'input' : 'forward'], findings))
      return this.stop(findings)
    const now = iif === null ? await this.routeAgain(facts, findings, route) : route
    if ('cause' in now) return this.stop(findings, now)
    if (!isEnd && this.filtered(facts, ['postrouting', 'egress'], findings)) return this.stop(findings)
    if (back) way.packet = { ...way.packet, from: back.from, sport: back.sport }
    else this.remember(node, before)
    if (isEnd) return this.stop(findings, ignoredFault(node, facts, way.packet))

    hop.leavesBy = now.interface
    hop.gateway = now.gateway
    const frame = { packet: way.packet, length: this.journey.length }
    const from = { node, interface: now.interface }
    const next = await nextPlace(
      asked,
      from,
      facts,
      now.gateway ?? way.packet.to,
      frame,
      findings,
      this.journey.arrives === true,
    )
    if ('cause' in next) return this.stop(findings, next)
    way.end = next.node
    this.iif = next.interface
    return false
  }

  private stop(findings: Finding[], found: Fault | null = this.way.fault): true {
    this.way.fault = found
    const isSure = this.journey.arrives === true
    const text = `${isSure ? 'not followed further: ' : ''}${found?.cause.evidence}`
    if (found) findings.push({ about: found.about, ok: isSure, text })
    return true
  }

  private stateAt(node: string): Packet['state'] {
    const { request, packet } = this.journey
    if (!request) return packet.state
    const isKnown = request.hops.some((each) => each.node === node) && !request.untracked.has(node)
    // Any datagram may be the first of a connection; an echo reply and a SYN with an ACK are not (nf_conntrack_proto_*.c).
    return isKnown ? 'established' : packet.protocol === 'udp' ? 'new' : 'invalid'
  }

  /** What an answer is translated back to, where its request has been translated. */
  private translatedBack({ from, to }: Packet): Pick<Packet, 'from' | 'to' | 'sport' | 'dport'> | null {
    const node = this.way.end
    const found = this.journey.request?.translations.find(
      (each) => each.node === node && each.after.from === to && each.after.to === from,
    )
    const before = found?.before
    return before ? { from: before.to, to: before.from, sport: before.dport, dport: before.sport } : null
  }

  private remember(node: string, before: Packet): void {
    const after = this.way.packet
    const isSame =
      after.to === before.to && after.dport === before.dport && (after.from === before.from || !before.from)
    if (!isSame) this.way.translations.push({ node, before: { ...before, from: before.from || after.from }, after })
  }

  /** @returns whether the packet is dropped */
  private filtered(facts: NodeFacts, hooks: readonly Hook[], findings: Finding[]): boolean {
    const { way } = this
    for (const hook of hooks) {
      const { packet, dropped, suspects } = filter(way.end, facts, [hook], way.packet)
      way.packet = packet
      if (packet.state === 'untracked') way.untracked.add(way.end)
      way.suspects.push(...suspects)
      if (dropped && this.journey.arrives)
        findings.push({ about: 'firewall', ok: true, text: `has let the packet pass: ${dropped.cause.evidence}` })
      else if (dropped) {
        way.fault = dropped
        return true
      }
    }
    return false
  }

  private async route(facts: NodeFacts, findings: Finding[]): Promise<Found | Fault> {
    const { way, asked, iif } = this
    const { to, from, family, mark, protocol, sport, dport } = way.packet
    const node = way.end
    const isLocal = [...facts.interfaces.values()].some(({ addresses }) => addresses.includes(to))
    const off = iif !== null && !isLocal ? forwardingFault(node, iif, facts, family) : null
    if (off) return off
    const question: RouteQuestion = { to, from: from || null, iif, family, mark, protocol, sport, dport }
    const answer = await asked.route(node, question)
    if ('unread' in answer) return opaqueFault(node, [answer.unread])
    const refused = routeFault(asked, node, facts, question, answer)
    if (refused) return await moreExact(asked, node, facts, refused)
    const route = answer as Found
    findings.push({ about: 'route', ok: true, text: route.text })
    return route.type === 'local' ? route : this.chosen(facts, findings, route)
  }

  /** The route by the next hop that the journey forces, else by the one that the kernel has chosen. */
  private chosen(facts: NodeFacts, findings: Finding[], route: Found): Found {
    const node = this.way.end
    const hops = nextHops(node, bestRoute(facts.routes, route.table, this.way.packet.to) ?? '')
    if (hops.length < 2) return route
    findings.push({ about: 'multipath', ok: true, text: `the kernel chose one of ${hops.length} next hops` })
    const { forced } = this.journey
    const taken = forced?.node === node ? forced : { node, interface: route.interface, gateway: route.gateway }
    const others = hops.filter((each) => each.interface !== taken.interface || each.gateway !== taken.gateway)
    this.way.choices.push({ taken, others })
    return { ...route, ...taken }
  }

  /** Rules of the hook output may send a packet to another destination, or mark it; then the kernel looks its route up again. */
  private async routeAgain(facts: NodeFacts, findings: Finding[], route: Found) {
    const last = this.way.packet
    if (last.mark === 0 && last.to === this.journey.packet.to) return route
    return await this.route(facts, findings)
  }
}

/** The next hops of a line of `ip -o route` with several. */
const nextHops = (node: string, line: string): NextHop[] =>
  [...line.matchAll(/nexthop (?:via (?:inet6? )?(\S+) )?dev (\S+)/g)].map(([, gateway, name]) => ({
    ...{ node, interface: name ?? '', gateway: gateway ?? null },
  }))

/** Routes go with an interface that is down, or lost its carrier: then that is the cause. */
async function moreExact(asked: Asked, node: string, facts: NodeFacts, found: Fault): Promise<Fault> {
  if (found.cause.code !== 'no-route') return found
  const renamed = await renamedFault(asked, [node])
  if (renamed) return renamed
  for (const { name, up } of facts.interfaces.values()) {
    const peer = asked.peer(node, name)
    if (peer && !up) return downFault({ node, interface: name })
    if (peer && (await asked.facts(peer.node))?.interfaces.get(peer.interface)?.up === false) return downFault(peer)
  }
  return found
}

function loop(node: string, hops: readonly ExplainedHop[]): Fault {
  const way = hops.slice(hops.findIndex((each) => each.node === node)).map((each) => each.node)
  return fault({
    ...{ about: 'route', code: 'routing-loop', node, evidence: `the packet goes ${way.join(' → ')}` },
    words: `the routes form a loop: ${way.join(' → ')}`,
  })
}

const cannotAsk = (node: string): Fault =>
  fault({
    ...{ about: 'node', code: 'node-not-running', node, evidence: `${node} is dead or paused` },
    words: `${node} is dead or paused, so that its kernel cannot be asked`,
  })
