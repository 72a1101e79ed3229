// Whom a frame reaches from an interface: over links, and over bridges from port to port. The interface of a bridge, and those of
// VLANs on top of another one, receive what that one does.
import type { Asked, Place } from './facts.js'

export interface Segment {
  /** Interfaces that may receive the frame. */
  receivers: Place[]
  /** Interfaces at which the frame ends, since they are down. */
  down: Place[]
}

export async function segmentOf(asked: Asked, start: Place): Promise<Segment> {
  const receivers: Place[] = []
  const down: Place[] = []
  const seen = new Set<string>()
  const waiting: { place: Place; arrives: boolean }[] = [{ place: start, arrives: false }]
  for (let each = waiting.shift(); each; each = waiting.shift()) {
    const { place, arrives } = each
    const key = `${place.node} ${place.interface} ${arrives}`
    if (seen.has(key)) continue
    seen.add(key)
    const facts = await asked.facts(place.node)
    const here = facts?.interfaces.get(place.interface)
    if (here && !here.up) down.push(place)
    if (!facts || !here?.up) continue
    const at = (name: string): Place => ({ node: place.node, interface: name })
    if (arrives) {
      receivers.push(place)
      for (const other of facts.interfaces.values())
        if (other.parent === place.interface) waiting.push({ place: at(other.name), arrives: true })
      const master = here.master === null ? undefined : facts.interfaces.get(here.master)
      if (master) receivers.push(at(master.name))
      for (const port of facts.interfaces.values())
        if (master && port.master === master.name && port.name !== here.name)
          waiting.push({ place: at(port.name), arrives: false })
      continue
    }
    const peer = asked.peer(place.node, place.interface)
    if (peer) waiting.push({ place: peer, arrives: true })
    if (here.parent !== null) waiting.push({ place: at(here.parent), arrives: false })
    for (const port of facts.interfaces.values())
      if (port.master === place.interface) waiting.push({ place: at(port.name), arrives: false })
  }
  return { receivers, down }
}
