// Follows a packet from node to node by what each kernel answers, until it arrives or cannot go on.
import type { Family } from '../../model/family.js'
import type { ExplainedCause, ExplainedHop, Finding } from '../../model/reach/explanation.js'
import type { Asked, NodeFacts, Place, RouteAnswer } from './facts.js'
import { dropIn } from './firewall.js'
import { type Fault, forwardingFault, routeFault } from './route-fault.js'
import { segmentOf } from './segment.js'

export interface Way {
  hops: ExplainedHop[]
  /** null if the packet arrives. */
  fault: Fault | null
  /** The address that the packet comes from. */
  source: string | null
  /** The node at which it arrives, or ends. */
  end: string
}

export interface Journey {
  node: string
  to: string
  /** null: the kernel chooses it. */
  from: string | null
  family: Family
  icmp: 'echo-request' | 'echo-reply'
}

export async function walk(asked: Asked, { node: start, to, from, family, icmp }: Journey): Promise<Way> {
  const hops: ExplainedHop[] = []
  const seen = new Set<string>()
  let source = from
  let place: { node: string; iif: string | null } = { node: start, iif: null }
  for (;;) {
    const { node, iif } = place
    const findings: Finding[] = []
    const hop: ExplainedHop = { node, arrivesBy: iif, leavesBy: null, gateway: null, findings }
    hops.push(hop)
    const stop = (fault: Fault | null): Way => {
      if (fault) findings.push({ about: fault.about, ok: false, text: fault.cause.evidence })
      return { hops, fault, source, end: node }
    }
    const facts = await asked.facts(node)
    if (!facts) return stop(cannotAsk(node))
    if (seen.has(`${node} ${iif}`)) return stop(loop(node, hops))
    seen.add(`${node} ${iif}`)

    const isLocal = [...facts.interfaces.values()].some(({ addresses }) => addresses.includes(to))
    const off = iif !== null && !isLocal ? forwardingFault(node, iif, facts, family) : null
    if (off) return stop(off)
    const answer = await asked.route(node, {
      to,
      from: iif === null && icmp === 'echo-request' ? null : source,
      iif,
      family,
    })
    const refused = routeFault(asked, { node, iif, to, source, family }, facts, answer)
    if (refused) return stop(await moreExact(asked, node, facts, refused))
    const route = answer as Exclude<RouteAnswer, { error: string }>
    findings.push({ about: 'route', ok: true, text: route.text })
    source ??= route.source
    const oif = route.type === 'local' ? null : route.interface
    const dropped = firewallFault(node, facts, { family, from: source ?? '', to, iif, oif, icmp })
    if (facts.nft === null)
      findings.push({ about: 'firewall', ok: true, text: 'not examined: nft(8) cannot be run here' })
    if (dropped) return stop(dropped)
    if (oif === null) return stop(null)

    hop.leavesBy = oif
    hop.gateway = route.gateway
    const next = await nextPlace(asked, { node, interface: oif }, facts, route.gateway ?? to, findings)
    if ('cause' in next) return stop(next)
    place = { node: next.node, iif: next.interface }
  }
}

/** Who gets a packet for the next hop's address; a fault if nobody does. */
async function nextPlace(
  asked: Asked,
  from: Place,
  facts: NodeFacts,
  address: string,
  findings: Finding[],
): Promise<Place | Fault> {
  const { receivers, down } = await segmentOf(asked, from)
  const own = facts.interfaces.get(from.interface)
  if (own) findings.push({ about: 'mtu', ok: true, text: `${own.name} has MTU ${own.mtu}` })
  let owner: (Place & { mac: string | null }) | null = null
  for (const place of receivers) {
    const each = (await asked.facts(place.node))?.interfaces
    const at = each?.get(place.interface)
    // A node answers for the addresses of its other interfaces too (arp_ignore 0).
    const has = [...(each?.values() ?? [])].some(({ addresses }) => addresses.includes(address))
    if (!at || !has || place.node === from.node) continue
    const isExact = at.addresses.includes(address)
    if (owner === null || isExact) owner = { ...place, mac: at.mac }
  }
  if (!owner) return noOwner(asked, from, address, down)
  const entry = facts.neighbours.find((each) => each.address === address && each.interface === from.interface)
  if (entry?.permanent && entry.mac !== owner.mac) {
    const evidence = `neighbour ${address} dev ${from.interface} lladdr ${entry.mac} PERMANENT; ${owner.node}:${owner.interface} has ${owner.mac}`
    const remedy = `ip neigh del ${address} dev ${from.interface}`
    const words = `${from.node} has a permanent neighbour ${address} with a wrong hardware address on ${from.interface}`
    return fault('neighbour', 'neighbour-wrong', from, evidence, remedy, words)
  }
  return { node: owner.node, interface: owner.interface }
}

function noOwner(asked: Asked, from: Place, address: string, down: readonly Place[]): Fault {
  const [ended] = down
  if (ended) return downFault(ended)
  const planned = asked.plannedAddress(address)
  if (planned) {
    const evidence = `no interface on the segment of ${from.node}:${from.interface} has ${address}`
    const remedy = `ip addr add ${planned.prefix} dev ${planned.interface}`
    return fault(
      'address',
      'address-missing',
      planned,
      evidence,
      remedy,
      `${planned.node} has no longer the address ${address}`,
    )
  }
  const evidence = `no interface on the segment of ${from.node}:${from.interface} has ${address}`
  return fault(
    'neighbour',
    'no-neighbour',
    from,
    evidence,
    null,
    `nobody has ${address} on the link of ${from.node}:${from.interface}`,
  )
}

/** Routes go with an interface that is down, or lost its carrier: then that is the cause. */
async function moreExact(asked: Asked, node: string, facts: NodeFacts, found: Fault): Promise<Fault> {
  if (found.cause.code !== 'no-route') return found
  for (const { name, up } of facts.interfaces.values()) {
    const peer = asked.peer(node, name)
    if (peer && !up) return downFault({ node, interface: name })
    if (peer && (await asked.facts(peer.node))?.interfaces.get(peer.interface)?.up === false) return downFault(peer)
  }
  return found
}

const downFault = (place: Place): Fault =>
  fault(
    'interface',
    'interface-down',
    place,
    `${place.interface} is administratively down`,
    `ip link set dev ${place.interface} up`,
    `interface ${place.interface} of ${place.node} is down`,
  )

function firewallFault(node: string, { nft }: NodeFacts, packet: Parameters<typeof dropIn>[2]): Fault | null {
  const hook = packet.iif === null ? 'output' : packet.oif === null ? 'input' : 'forward'
  const drop = nft === null ? null : dropIn(nft, hook, packet)
  if (!drop) return null
  return fault(
    'firewall',
    'firewall-drop',
    { node, interface: null },
    drop.rule,
    drop.remedy,
    `a firewall rule of ${node} drops the packet in ${hook}: ${drop.rule}`,
  )
}

function loop(node: string, hops: readonly ExplainedHop[]): Fault {
  const way = hops.slice(hops.findIndex((each) => each.node === node)).map((each) => each.node)
  const evidence = `the packet goes ${way.join(' → ')}`
  return fault(
    'route',
    'routing-loop',
    { node, interface: null },
    evidence,
    null,
    `the routes form a loop: ${way.join(' → ')}`,
  )
}

const cannotAsk = (node: string): Fault =>
  fault(
    'node',
    'node-not-running',
    { node, interface: null },
    `${node} is dead or paused`,
    null,
    `${node} is dead or paused, so that its kernel cannot be asked`,
  )

function fault(
  about: string,
  code: string,
  { node, interface: name }: { node: string; interface: string | null },
  evidence: string,
  remedy: string | null,
  words: string,
): Fault {
  const cause: ExplainedCause = { code, node, interface: name, evidence, remedy }
  return { about, cause, words }
}
