// Which node gets a packet from an interface: the owner of the next hop's address, unless something on the link stops the packet.
import type { Finding } from '../../model/reach/explanation.js'
import type { Asked, NodeFacts, Place } from './asked/facts.js'
import { type Fault, fault } from './fault.js'
import { filter } from './filter.js'
import type { Packet } from './firewall/packet.js'
import { addressNumber } from './firewall/value.js'
import { opaqueFault } from './obstacles.js'
import { renamedFault } from './renamed.js'
import { type Frame, type Receiver, receiversOf } from './segment.js'

type Owner = Receiver & { mac: string | null }

/**
 * @param address the next hop's
 * @param isSure whether the packet is known to arrive
 */
export async function nextPlace(
  asked: Asked,
  from: Place,
  facts: NodeFacts,
  address: string,
  frame: Frame,
  findings: Finding[],
  isSure: boolean,
): Promise<Place | Fault> {
  const own = facts.interfaces.get(from.interface)
  if (own) findings.push({ about: 'mtu', ok: true, text: `${own.name} has MTU ${own.mtu}` })
  if (own?.noArp && own.kind !== null) return throughTunnel(asked, from, own.kind, address, findings)
  const owners = await ownersOf(asked, from, address, frame)
  const meant = owners.find(({ place }) => asked.plannedAddress(address, place.node)) ?? owners[0]
  const entry = facts.neighbours.find((each) => each.address === address && each.interface === from.interface)
  const learned = entry?.mac == null || entry.permanent ? undefined : owners.find(({ mac }) => mac === entry.mac)
  const owner = learned ?? meant
  if (!owner || !meant) return (await unknownOwner(asked, from, address)) ?? noOwner(asked, from, address)
  // Nodes may share an address on purpose.
  const isMeant = learned === undefined || learned.place.node === meant.place.node
  if (!isMeant && !isSure && asked.plannedAddress(address, owner.place.node) === null)
    return await duplicate(asked, from, address, owner, meant)
  const [obstacle] = owner.obstacles
  if (obstacle) return obstacle
  if (entry?.permanent && entry.mac !== owner.mac) return wrongNeighbour(from, address, entry.mac, owner)
  const isUnknown = entry === undefined || entry.mac === null
  return (
    (isUnknown ? await solicitingFault(asked, from, facts, owner.place, { ...frame.packet, to: address }) : null) ??
    owner.place
  )
}

/** IPv6 neighbours are found by ICMPv6 (RFC 4861), which rules may drop; connection tracking leaves it alone. */
async function solicitingFault(
  asked: Asked,
  from: Place,
  facts: NodeFacts,
  to: Place,
  packet: Packet,
): Promise<Fault | null> {
  const own = facts.interfaces.get(from.interface)?.addresses.find((each) => each.includes(':')) ?? packet.from
  const theirs = await asked.facts(to.node)
  if (packet.family === 4 || theirs === null) return null
  const about = { ...packet, protocol: 'icmp', sport: null, dport: null, state: 'untracked', mark: 0 } as const
  const solicit: Packet = { ...about, icmp: 'solicit', from: own, to: solicitedNode(packet.to), iif: null, oif: null }
  const advert: Packet = { ...solicit, icmp: 'advert', from: packet.to, to: own }
  const stages: [Place, NodeFacts, 'output' | 'input', Packet][] = [
    [from, facts, 'output', solicit],
    [to, theirs, 'input', solicit],
    [to, theirs, 'output', advert],
    [from, facts, 'input', advert],
  ]
  for (const [place, rules, hook, message] of stages) {
    const at = hook === 'input' ? { iif: place.interface } : { oif: place.interface }
    const { dropped } = filter(place.node, rules, [hook], { ...message, ...at })
    if (dropped) return { ...dropped, words: `hardware addresses are not resolved: ${dropped.words}` }
  }
  return null
}

/** The multicast address at which the owner of an address is asked (RFC 4291, section 2.7.1). */
function solicitedNode(address: string): string {
  const last = ((addressNumber(address) ?? 0n) & 0xffffffn).toString(16).padStart(6, '0')
  return `ff02::1:ff${last.slice(0, 2)}:${last.slice(2)}`
}

/** The interfaces that have an address, or that stand in for it, those with the fewest obstacles first. */
async function ownersOf(asked: Asked, from: Place, address: string, frame: Frame): Promise<Owner[]> {
  const owners: (Owner & { isExact: boolean })[] = []
  for (const receiver of await receiversOf(asked, from, frame)) {
    const { place } = receiver
    const interfaces = (await asked.facts(place.node))?.interfaces
    const at = interfaces?.get(place.interface)
    // A node answers for the addresses of its other interfaces too (arp_ignore 0).
    const has = [...(interfaces?.values() ?? [])].some(({ addresses }) => addresses.includes(address))
    if (!at || !has || place.node === from.node) continue
    owners.push({ ...receiver, mac: at.mac, isExact: at.addresses.includes(address) })
  }
  return owners.sort((a, b) => Number(b.isExact) - Number(a.isExact) || a.obstacles.length - b.obstacles.length)
}

/** What carries the packets of a tunnel is not followed. */
async function throughTunnel(
  asked: Asked,
  from: Place,
  kind: string,
  address: string,
  findings: Finding[],
): Promise<Place | Fault> {
  const planned = asked.plannedAddress(address)
  const has =
    planned && (await asked.facts(planned.node))?.interfaces.get(planned.interface)?.addresses.includes(address)
  if (!planned || !has || planned.node === from.node) return noOwner(asked, from, address)
  findings.push({ about: 'tunnel', ok: true, text: `not followed: ${from.interface} is a ${kind} tunnel` })
  return { node: planned.node, interface: planned.interface }
}

function wrongNeighbour(from: Place, address: string, mac: string | null, { place, mac: right }: Owner): Fault {
  return fault({
    ...{ about: 'neighbour', code: 'neighbour-wrong', ...from },
    evidence: `neighbour ${address} dev ${from.interface} lladdr ${mac} PERMANENT; ${place.node}:${place.interface} has ${right}`,
    remedy: ['ip', 'neigh', 'del', address, 'dev', from.interface],
    words: `${from.node} has a permanent neighbour ${address} with a wrong hardware address on ${from.interface}`,
  })
}

/** Where the owner by the topology cannot be examined, or a link is not found, nothing is known of the address. */
async function unknownOwner(asked: Asked, from: Place, address: string): Promise<Fault | null> {
  const planned = asked.plannedAddress(address)
  const theirs = planned && (await asked.facts(planned.node))
  if (planned && theirs?.isOpaque) return opaqueFault(planned.node, theirs.unread)
  const peer = asked.peer(from.node, from.interface)
  return await renamedFault(asked, [from.node, ...(peer ? [peer.node] : []), ...(planned ? [planned.node] : [])])
}

async function duplicate(asked: Asked, from: Place, address: string, found: Owner, meant: Owner): Promise<Fault> {
  const { node } = found.place
  const interfaces = (await asked.facts(node))?.interfaces.values() ?? []
  const own = [...interfaces].find(({ addresses }) => addresses.includes(address))
  const prefix = own?.prefixes.find((each) => each.split('/')[0] === address)
  return fault({
    ...{ about: 'address', code: 'address-duplicate', node, interface: own?.name ?? found.place.interface },
    evidence: `neighbour ${address} dev ${from.interface} lladdr ${found.mac} is ${node}, not ${meant.place.node}`,
    remedy: own && prefix !== undefined ? ['ip', 'addr', 'del', prefix, 'dev', own.name] : null,
    words: `${node} has the address ${address} of ${meant.place.node} too, and gets its packets from ${from.node}`,
  })
}

function noOwner(asked: Asked, from: Place, address: string): Fault {
  const evidence = `no interface on the segment of ${from.node}:${from.interface} has ${address}`
  const planned = asked.plannedAddress(address)
  if (planned)
    return fault({
      ...{ about: 'address', code: 'address-missing', node: planned.node, interface: planned.interface, evidence },
      remedy: ['ip', 'addr', 'add', planned.prefix, 'dev', planned.interface],
      words: `${planned.node} has no longer the address ${address}`,
    })
  return fault({
    ...{ about: 'neighbour', code: 'no-neighbour', ...from, evidence },
    words: `nobody has ${address} on the link of ${from.node}:${from.interface}`,
  })
}
