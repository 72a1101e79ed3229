// What stops a frame on a link or in a bridge.
import type { InterfaceFacts, Place } from './asked/facts.js'
import { type Fault, fault } from './fault.js'
import type { Blamed } from './firewall/verdict.js'

export const downFault = ({ node, interface: name }: Place): Fault =>
  fault({
    ...{ about: 'interface', code: 'interface-down', node, interface: name },
    ...{ evidence: `${name} is administratively down`, remedy: ['ip', 'link', 'set', 'dev', name, 'up'] },
    words: `interface ${name} of ${node} is down`,
  })

/** @param unread what commands of the node did, in words */
export const opaqueFault = (node: string, unread: readonly string[]): Fault =>
  fault({
    ...{ about: 'node', code: 'unreadable', node, evidence: unread.join(', ') },
    words: `${node} cannot be examined: ${unread.join(', ')} there`,
  })

/** A router sends an error back for what does not fit; a link and a bridge do not. */
export const mtuFault = ({ node, interface: name }: Place, mtu: number, length: number): Fault =>
  fault({
    ...{ about: 'mtu', code: 'mtu-too-small', node, interface: name },
    ...{
      evidence: `${name} has MTU ${mtu}, the packet ${length} bytes`,
      remedy: ['ip', 'link', 'set', 'dev', name, 'mtu', String(length)],
    },
    words: `a packet of ${length} bytes is greater than the MTU ${mtu} of interface ${name} of ${node}`,
  })

/** The kernel disables the ports of a bridge that is down, and those without a carrier. @returns null for a port that forwards */
export function portFault({ node, interface: name }: Place, own: InterfaceFacts, bridge: InterfaceFacts): Fault | null {
  const { port, up, carrier } = own
  if (!up || !carrier || !bridge.up || port === null || port.state === 'forwarding') return null
  return fault({
    ...{ about: 'bridge', code: 'port-blocked', node, interface: name, evidence: `${name} is ${port.state}` },
    // Spanning tree has the port in this state again at once, where it runs.
    remedy: ['bridge', 'link', 'set', 'dev', name, 'state', '3'],
    words: `port ${name} of bridge ${node} does not forward: its state is ${port.state}`,
  })
}

/** An interface that is no port of the bridge any longer. */
export const aloneFault = ({ node, interface: name }: Place, bridge: string): Fault =>
  fault({
    ...{ about: 'bridge', code: 'port-missing', node, interface: name, evidence: `${name} has no master ${bridge}` },
    remedy: ['ip', 'link', 'set', 'dev', name, 'master', bridge],
    words: `interface ${name} of ${node} is no longer a port of bridge ${bridge}`,
  })

/** What keeps two ports of a bridge from each other. */
export function between(from: Place, entry: InterfaceFacts, exit: InterfaceFacts): Fault[] {
  if (!entry.port?.isolated || !exit.port?.isolated) return []
  const found = fault({
    ...{ about: 'bridge', code: 'ports-isolated', node: from.node, interface: from.interface },
    evidence: `${entry.name} and ${exit.name} are isolated`,
    remedy: ['bridge', 'link', 'set', 'dev', entry.name, 'isolated', 'off'],
    words: `ports ${entry.name} and ${exit.name} of bridge ${from.node} are isolated from each other`,
  })
  return [found]
}

/** @param isTagged whether the frame comes with a tag; one without a tag is to leave without one too */
export const vlanFault = ({ node, interface: name }: Place, vlan: number, isTagged: boolean): Fault =>
  fault({
    ...{ about: 'bridge', code: 'vlan-missing', node, interface: name, evidence: `${name} is not in VLAN ${vlan}` },
    remedy: ['bridge', 'vlan', 'add', 'dev', name, 'vid', String(vlan), ...(isTagged ? [] : ['pvid', 'untagged'])],
    words: `port ${name} of bridge ${node} is not in VLAN ${vlan}`,
  })

export const untaggedFault = ({ node, interface: name }: Place): Fault =>
  fault({
    ...{ about: 'bridge', code: 'vlan-missing', node, interface: name },
    evidence: `${name} has no VLAN for frames without a tag (PVID)`,
    words: `port ${name} of bridge ${node} has no VLAN for frames without a tag`,
  })

export const bridgeRules = ({ node, interface: name }: Place, { text, remedy }: Blamed): Fault =>
  fault({
    ...{ about: 'firewall', code: 'firewall-drop', node, interface: name, evidence: text, remedy },
    words: `a firewall rule of bridge ${node} drops the packet: ${text}`,
  })
