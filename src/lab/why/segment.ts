// Whom a frame reaches from an interface: over links, and over bridges from port to port, and what stops it there. The interface of a
// bridge, and those of VLANs on top of another one, receive what that one does.

import type { Asked, InterfaceFacts, NodeFacts, Place, PortVlan } from './facts.js'
import type { Fault } from './fault.js'
import type { Packet } from './firewall/packet.js'
import { judge, type Verdict } from './firewall/verdict.js'
import { between, bridgeRules, downFault, mtuFault, portFault, untaggedFault, vlanFault } from './obstacles.js'

export interface Receiver {
  place: Place
  /** What stops the frame before, the first one first; empty if it arrives. */
  obstacles: readonly Fault[]
}

/** A frame and how long it is, without the Ethernet header. */
export interface Frame {
  packet: Packet
  length: number | null
}

interface Step {
  place: Place
  arrives: boolean
  /** Of the frame's tag; null without. */
  vlan: number | null
  obstacles: readonly Fault[]
}

/** All interfaces that a frame comes to from an interface, each by the way with the fewest obstacles. */
export async function receiversOf(asked: Asked, start: Place, frame: Frame): Promise<Receiver[]> {
  const receivers: Receiver[] = []
  const seen = new Set<string>()
  const waiting: Step[] = [{ place: start, arrives: false, vlan: null, obstacles: [] }]
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    const { place, arrives, vlan } = step
    const key = `${place.node} ${place.interface} ${arrives} ${vlan}`
    if (seen.has(key)) continue
    seen.add(key)
    const facts = await asked.facts(place.node)
    const own = facts?.interfaces.get(place.interface)
    if (!facts || !own) continue
    const here = { ...step, obstacles: [...step.obstacles, ...obstaclesAt(place, own, frame)] }
    const next = arrives ? arriving(here, own, facts, frame, receivers) : leaving(asked, here, own, facts)
    waiting.push(...next)
    waiting.sort((a, b) => a.obstacles.length - b.obstacles.length)
  }
  return receivers
}

function obstaclesAt(place: Place, own: InterfaceFacts, { length }: Frame): Fault[] {
  if (!own.up) return [downFault(place)]
  return length !== null && length > own.mtu ? [mtuFault(place, own.mtu, length)] : []
}

/** A frame that leaves by an interface: to the other end of its link, to what it stands on, and to the ports of a bridge. */
function leaving(asked: Asked, step: Step, own: InterfaceFacts, facts: NodeFacts): Step[] {
  const { place, vlan, obstacles } = step
  const at = (name: string): Place => ({ node: place.node, interface: name })
  const peer = asked.peer(place.node, place.interface)
  const below =
    own.parent === null ? [] : [{ place: at(own.parent), arrives: false, vlan: own.vlanId ?? vlan, obstacles }]
  const ports = own.kind === 'bridge' ? throughBridge(step, own, facts, null) : []
  return [...(peer ? [{ place: peer, arrives: true, vlan, obstacles }] : []), ...below, ...ports]
}

function arriving(step: Step, own: InterfaceFacts, facts: NodeFacts, { packet }: Frame, receivers: Receiver[]): Step[] {
  const { place, vlan, obstacles } = step
  const at = (name: string): Place => ({ node: place.node, interface: name })
  const master = own.master === null ? undefined : facts.interfaces.get(own.master)
  if (master?.kind === 'bridge') {
    const stopped = portFault(place, own)
    const here = stopped ? { ...step, obstacles: [...obstacles, stopped] } : step
    return throughBridge(here, master, facts, { port: own, packet })
  }
  if (vlan === null) receivers.push({ place, obstacles })
  if (vlan === null && master) receivers.push({ place: at(master.name), obstacles })
  const above = [...facts.interfaces.values()].filter(({ parent }) => parent === place.interface)
  const tagged = above.filter(({ vlanId }) => vlanId === null || vlanId === vlan)
  return tagged.map((each) => ({
    place: at(each.name),
    arrives: true,
    vlan: each.vlanId === null ? vlan : null,
    obstacles,
  }))
}

/** A frame in a bridge: from a port, or from the bridge's own interface, to all others, by the VLANs of each. */
function throughBridge(
  step: Step,
  bridge: InterfaceFacts,
  facts: NodeFacts,
  from: { port: InterfaceFacts; packet: Packet } | null,
): Step[] {
  const { node } = step.place
  const at = (name: string): Place => ({ node, interface: name })
  const { filtersVlans } = bridge
  const vlansOf = (name: string): readonly PortVlan[] => facts.vlans.get(name) ?? []
  const entry = from?.port.name ?? bridge.name
  const ofEntry = vlansOf(entry)
  const vlan = step.vlan ?? (filtersVlans ? (ofEntry.find(({ isPvid }) => isPvid)?.id ?? null) : null)
  const isAdmitted = !filtersVlans || ofEntry.some(({ id }) => id === vlan)
  const isDown = bridge.up ? [] : [downFault(at(bridge.name))]
  const refused = isAdmitted
    ? []
    : [vlan === null ? untaggedFault(at(entry)) : vlanFault(at(entry), vlan, step.vlan !== null)]
  const before = [...step.obstacles, ...isDown, ...refused]
  const go = (name: string, arrives: boolean, more: Fault[]): Step => {
    const leaving = filtersVlans ? vlansOf(name).find(({ id }) => id === vlan) : undefined
    const outside =
      filtersVlans && !leaving && isAdmitted && vlan !== null ? [vlanFault(at(name), vlan, step.vlan !== null)] : []
    // Beyond what would stop it, the frame goes on as it came.
    const tag = !filtersVlans || !leaving ? step.vlan : leaving.isUntagged ? null : vlan
    return { place: at(name), arrives, vlan: tag, obstacles: [...before, ...outside, ...more] }
  }
  const others = [...facts.interfaces.values()].filter(({ master, name }) => master === bridge.name && name !== entry)
  const ports = others.map((port) =>
    go(port.name, false, [
      ...[portFault(at(port.name), port) ?? []].flat(),
      ...(from === null ? [] : between(at(entry), from.port, port)),
      ...(from === null ? [] : droppedBy(facts, at(port.name), { ...from.packet, iif: entry, oif: port.name })),
    ]),
  )
  return from === null ? ports : [...ports, go(bridge.name, true, [])]
}

function droppedBy({ firewall }: NodeFacts, place: Place, packet: Packet): Fault[] {
  const verdict: Verdict | null = firewall && judge(firewall, ['bridge'], 'forward', packet)
  return verdict?.dropped ? [bridgeRules(place, verdict.dropped)] : []
}
