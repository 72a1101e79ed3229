// Whom a frame reaches from an interface: over links, and over bridges from port to port, and what stops it there. The interface of a
// bridge, and those of VLANs on top of another one, receive what that one does.

import type { Asked, InterfaceFacts, NodeFacts, Place } from './asked/facts.js'
import { bridgeOf, type Step, throughBridge } from './bridge.js'
import type { Fault } from './fault.js'
import type { Packet } from './firewall/packet.js'
import { downFault, mtuFault } from './obstacles.js'

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
    const bridge = bridgeOf(asked, place, facts, arrives)
    if (bridge) waiting.push(...throughBridge(asked, here, bridge, facts, arrives ? frame.packet : null))
    else if (arrives) waiting.push(...arriving(here, own, facts, receivers))
    if (!arrives) waiting.push(...leaving(asked, here, own, facts))
    waiting.sort((a, b) => a.obstacles.length - b.obstacles.length)
  }
  return receivers
}

function obstaclesAt(place: Place, own: InterfaceFacts, { length }: Frame): Fault[] {
  if (!own.up) return [downFault(place)]
  return length !== null && length > own.mtu ? [mtuFault(place, own.mtu, length)] : []
}

/** A frame that leaves by an interface: to the other end of its link, to what it stands on, and to the members of a bond. */
function leaving(asked: Asked, step: Step, own: InterfaceFacts, facts: NodeFacts): Step[] {
  const { place, vlan, obstacles } = step
  const at = (name: string): Place => ({ node: place.node, interface: name })
  const peer = asked.peer(place.node, place.interface)
  const below =
    own.parent === null ? [] : [{ place: at(own.parent), arrives: false, vlan: own.vlanId ?? vlan, obstacles }]
  const isBond = own.kind === 'bond' || own.kind === 'team'
  const members = [...facts.interfaces.values()].filter(({ master }) => isBond && master === own.name)
  return [
    ...(peer ? [{ place: peer, arrives: true, vlan, obstacles }] : []),
    ...below,
    ...members.map(({ name }) => ({ place: at(name), arrives: false, vlan, obstacles })),
  ]
}

function arriving(step: Step, own: InterfaceFacts, facts: NodeFacts, receivers: Receiver[]): Step[] {
  const { place, vlan, obstacles } = step
  const at = (name: string): Place => ({ node: place.node, interface: name })
  const master = own.master === null ? undefined : facts.interfaces.get(own.master)
  // A member of a bond hands all over to it; a member of a VRF receives by itself.
  if (master?.kind === 'bond' || master?.kind === 'team')
    return [{ place: at(master.name), arrives: true, vlan, obstacles }]
  if (vlan === null) receivers.push({ place, obstacles })
  const above = [...facts.interfaces.values()].filter(({ parent }) => parent === place.interface)
  const tagged = above.filter(({ vlanId }) => vlanId === null || vlanId === vlan)
  return tagged.map((each) => ({
    place: at(each.name),
    arrives: true,
    vlan: each.vlanId === null ? vlan : null,
    obstacles,
  }))
}
