// A frame in a bridge: from a port, or from the bridge's own interface, to all others, by the VLANs of each.
import type { Asked, InterfaceFacts, NodeFacts, Place } from './asked/facts.js'
import type { Fault } from './fault.js'
import type { Packet } from './firewall/packet.js'
import { judge } from './firewall/verdict.js'
import { aloneFault, between, bridgeRules, downFault, portFault, untaggedFault, vlanFault } from './obstacles.js'

/** A frame at an interface. */
export interface Step {
  place: Place
  /** Whether it comes from outside of the node, or of the bridge whose interface this is. */
  arrives: boolean
  /** Of the frame's tag; null without. */
  vlan: number | null
  /** What would have stopped it. */
  obstacles: readonly Fault[]
}

/** The bridge that a frame goes through: that of the port by which it arrives, or the interface by which it leaves. */
export function bridgeOf(
  asked: Asked,
  { node, interface: name }: Place,
  facts: NodeFacts,
  arrives: boolean,
): InterfaceFacts | null {
  const master = arrives ? masterOf(asked, node, facts, name) : name
  const found = master === null ? undefined : facts.interfaces.get(master)
  return found?.kind === 'bridge' ? found : null
}

/** The bridge of a port; that of the topology where the port has left it. */
const masterOf = (asked: Asked, node: string, facts: NodeFacts, name: string): string | null =>
  facts.interfaces.get(name)?.master ?? asked.plannedMaster(node, name)

/** @param packet of a frame that arrives by a port; null for one that leaves by the bridge's own interface */
export function throughBridge(
  asked: Asked,
  step: Step,
  bridge: InterfaceFacts,
  facts: NodeFacts,
  packet: Packet | null,
): Step[] {
  const { node, interface: entry } = step.place
  const port = packet === null ? null : (facts.interfaces.get(entry) ?? null)
  const at = (name: string): Place => ({ node, interface: name })
  const entered = port === null ? [] : portFaults(at(entry), port, bridge)
  const down = bridge.up ? [] : [downFault(at(bridge.name))]
  const tags = new Tags(step, bridge, facts)
  const before = [...step.obstacles, ...entered, ...down, ...tags.refused]
  const go = (name: string, arrives: boolean, more: readonly Fault[]): Step => {
    const { vlan, refused } = tags.leavingBy(name)
    return { place: at(name), arrives, vlan, obstacles: [...before, ...refused, ...more] }
  }
  const others = [...facts.interfaces.values()].filter(
    ({ name }) => name !== entry && masterOf(asked, node, facts, name) === bridge.name,
  )
  const ports = others.map((other) => {
    const apart = port === null ? [] : between(at(entry), port, other)
    const dropped = packet === null ? [] : droppedBy(facts, at(other.name), { ...packet, iif: entry, oif: other.name })
    return go(other.name, false, [...portFaults(at(other.name), other, bridge), ...apart, ...dropped])
  })
  return port === null ? ports : [...ports, go(bridge.name, true, [])]
}

/** How a frame is tagged in a bridge, and where it is not admitted because of that. */
class Tags {
  private readonly vlan: number | null
  readonly refused: readonly Fault[]

  constructor(
    private readonly step: Step,
    private readonly bridge: InterfaceFacts,
    private readonly facts: NodeFacts,
  ) {
    const entry = facts.vlans.get(step.place.interface) ?? []
    this.vlan = step.vlan ?? entry.find(({ isPvid }) => isPvid)?.id ?? null
    const isAdmitted = !bridge.filtersVlans || entry.some(({ id }) => id === this.vlan)
    this.refused = isAdmitted ? [] : [this.refusedAt(step.place)]
  }

  /** Beyond what would stop it, the frame goes on as it came. */
  leavingBy(name: string): { vlan: number | null; refused: readonly Fault[] } {
    const asItCame = { vlan: this.step.vlan, refused: [] }
    if (!this.bridge.filtersVlans) return asItCame
    const found = this.facts.vlans.get(name)?.find(({ id }) => id === this.vlan)
    if (found) return { vlan: found.isUntagged ? null : this.vlan, refused: [] }
    if (this.refused.length > 0) return asItCame
    return { ...asItCame, refused: [this.refusedAt({ node: this.step.place.node, interface: name })] }
  }

  private refusedAt(place: Place): Fault {
    return this.vlan === null ? untaggedFault(place) : vlanFault(place, this.vlan, this.step.vlan !== null)
  }
}

function portFaults(place: Place, own: InterfaceFacts, bridge: InterfaceFacts): Fault[] {
  if (own.master !== bridge.name) return [aloneFault(place, bridge.name)]
  return [portFault(place, own, bridge) ?? []].flat()
}

function droppedBy({ firewall }: NodeFacts, place: Place, packet: Packet): Fault[] {
  const dropped = firewall === null ? null : judge(firewall, ['bridge'], 'forward', packet).dropped
  return dropped ? [bridgeRules(place, dropped)] : []
}
