// The VLANs of bridge ports as facts: all that a port has, where the plan has what differs from the kernel's default. Pure.
import type { ResolvedNode, ResolvedTopology } from '../../../model/resolved.js'
import type { BridgeVlanChange } from '../../op.js'
import { type Facts, factOf, placeKey } from './fact.js'
import { DEFAULT_PVID } from './kernel-facts.js'

/** Ports whose VLANs a topology has, and the VLAN that the kernel gives them, as a fact. */
export function defaultVlans({ nodes }: ResolvedTopology): Map<string, BridgeVlanChange> {
  const defaults = new Map<string, BridgeVlanChange>()
  for (const node of nodes) {
    for (const { name: bridge, settings, vlans = [] } of node.interfaces) {
      const vid = (settings?.kind === 'bridge' ? settings.default_pvid : undefined) ?? DEFAULT_PVID
      for (const { interface: name } of vlans) {
        const op = { ...portOf(node, bridge, name), vid, untagged: true }
        defaults.set(placeKey(op), op)
      }
    }
  }
  return defaults
}

/**
 * Puts the VLANs that ports have in the place of the plan's changes of VLANs.
 *
 * @param before the default VLANs of ports that had written ones; they have these again
 */
export function withVlans(
  facts: Facts,
  topology: ResolvedTopology,
  before: ReadonlyMap<string, BridgeVlanChange> = new Map(),
): Facts {
  for (const [key, { op }] of facts)
    if (op.op === 'bridge-vlan.add' || op.op === 'bridge-vlan.delete') facts.delete(key)
  const own = defaultVlans(topology)
  const again = [...before].flatMap(([place, op]) => {
    const port = facts.get(`${op.self ? 'device' : 'master'} ${place}`)?.op
    // It may have another name by now.
    return own.has(place) || op.vid === 0 || !port || !('interface' in port)
      ? []
      : [{ ...op, interface: port.interface }]
  })
  for (const op of [...again, ...topology.nodes.flatMap((node) => [...vlansOf(node)])]) {
    const fact = factOf(op)
    facts.set(fact.key, fact)
  }
  return facts
}

/** A port has the VLANs that are written, and no others. */
function* vlansOf(node: ResolvedNode): Generator<BridgeVlanChange> {
  for (const { name: bridge, vlans = [] } of node.interfaces) {
    for (const { interface: name, untagged, tagged } of vlans) {
      const port = portOf(node, bridge, name)
      if (untagged !== null) yield { ...port, vid: untagged, untagged: true }
      for (const vid of tagged) yield { ...port, vid, untagged: false }
    }
  }
}

function portOf({ name: node, interfaces }: ResolvedNode, bridge: string, name: string) {
  const index = interfaces.find((each) => each.name === name)?.index ?? 0
  return { op: 'bridge-vlan.add', node, interface: name, index, self: name === bridge } as const
}
