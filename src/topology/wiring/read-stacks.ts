// Reads how the interfaces of each node stand on each other: which is a member of which, and which must be made first.

import type { DeviceSettings } from '../../model/interfaces/kinds.js'
import {
  type InterfaceKind,
  type MasterKind,
  type Reference,
  referencesOf,
  TRAITS,
} from '../../model/interfaces/kinds.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { suggestion } from '../values/suggest.js'
import { Identities } from './identities.js'
import type { Master, NodeStack, Stacks } from './node-stack.js'
import { parentFaults } from './shared-parents.js'
import { BRIDGE_NAME, type WiredLink } from './wire-links.js'

/** Linux numbers the ports of a bridge from 1, in ten bits (BR_PORT_BITS, net/bridge/br_private.h). */
const MAX_PORTS = 1023

/** Reads `interfaces` of every node. Refuses references to missing interfaces, second masters, and loops. */
export function readStacks(topology: Topology, links: readonly WiredLink[], faults: Faults): Stacks {
  const ends = new Map<string, string[]>()
  for (const { node, interface: name } of links.flatMap((link) => link.ends)) {
    const names = ends.get(node)
    if (names) names.push(name)
    else ends.set(node, [name])
  }
  const identities = new Identities(faults)
  const stacks = new Map<string, NodeStack>()
  for (const [node, { kind, interfaces }] of topology.nodes) {
    if (kind !== 'switch' && interfaces === undefined) continue
    // What identifies a tunnel has addresses in place of names, so tunnels are checked when these are resolved.
    const written = Object.entries(interfaces ?? {}).filter(([, device]) => !('remote' in device))
    identities.check(node, written as [string, DeviceSettings][])
    stacks.set(node, new StackReader(node, kind === 'switch', interfaces ?? {}, ends.get(node) ?? [], faults).read())
  }
  return stacks
}

class StackReader {
  private readonly devices: ReadonlyMap<string, WrittenDevice>
  private readonly names: readonly string[]
  private readonly masters = new Map<string, Master>()

  constructor(
    private readonly node: string,
    private readonly isSwitch: boolean,
    interfaces: Record<string, WrittenDevice>,
    private readonly ends: readonly string[],
    private readonly faults: Faults,
  ) {
    this.devices = new Map(Object.entries(interfaces))
    this.names = [...new Set([...ends, ...this.devices.keys(), ...(isSwitch ? [BRIDGE_NAME] : [])])]
  }

  read(): NodeStack {
    for (const [name, device] of this.devices) {
      this.checkName(name, device)
      if ('members' in device) this.readMembers(name, device.kind, device.members)
      for (const reference of referencesOf(device)) this.checkReference(name, device, reference)
    }
    if (this.isSwitch) {
      const own = this.ends.filter((end) => !this.masters.has(end))
      for (const end of own) this.masters.set(end, { name: BRIDGE_NAME, kind: 'bridge' })
    }
    for (const [name, fault] of parentFaults(this.devices, this.masters))
      this.faults.add(this.path(name, 'parent'), fault)
    this.refuseManyPorts()
    return { devices: this.inOrder(), masters: this.masters }
  }

  private path(name: string, ...more: (string | number)[]): Path {
    return ['nodes', this.node, 'interfaces', name, ...more]
  }

  private checkName(name: string, { kind }: WrittenDevice): void {
    if (name === 'lo') this.faults.add(this.path(name), "lo is every node's loopback; it is there already", 'key')
    else if (this.isSwitch && (name === BRIDGE_NAME) !== (kind === 'bridge')) {
      const message =
        name === BRIDGE_NAME ? `${BRIDGE_NAME} of a switch is a bridge` : `a switch has one bridge, ${BRIDGE_NAME}`
      this.faults.add(this.path(name, 'kind'), message)
    }
  }

  private readMembers(name: string, kind: MasterKind, members: readonly string[]): void {
    members.forEach((member, index) => {
      const fault = this.memberFault(name, kind, member)
      if (fault === null) this.masters.set(member, { name, kind })
      else this.faults.add(this.path(name, 'members', index), fault)
    })
  }

  private memberFault(name: string, kind: MasterKind, member: string): string | null {
    if (member === name) return `${name} cannot be a member of itself`
    if (member === 'lo') return 'lo cannot be a member of anything'
    if (!this.names.includes(member)) return this.noSuchInterface(member)
    const other = this.masters.get(member)
    if (other) return `${member} is a member of ${other.name} already`
    const own = this.kindOf(member)
    const isRefused = own === kind || (TRAITS[kind].members !== 'routed' && !TRAITS[own].isEthernet)
    return isRefused ? `${member} is a ${own}, which cannot be a member of a ${kind}` : null
  }

  private checkReference(name: string, device: WrittenDevice, { key, name: below, to }: Reference): void {
    const refuse = (message: string) => this.faults.add(this.path(name, key), message)
    if (below === name) refuse(`${name} cannot stand on itself`)
    else if (to === 'member' && 'members' in device && !device.members.includes(below)) {
      refuse(`${below} is no member of ${name}${suggestion(below, device.members)}`)
    } else if (below === 'lo' && to === 'any') return
    else if (!this.names.includes(below)) refuse(this.noSuchInterface(below))
    else if (to === 'ethernet' && !TRAITS[this.kindOf(below)].isEthernet) {
      refuse(`${below} is a ${this.kindOf(below)}, which no ${device.kind} can stand on`)
    }
  }

  private refuseManyPorts(): void {
    const ports = new Map<string, number>()
    for (const { name, kind } of this.masters.values()) {
      if (kind === 'bridge') ports.set(name, (ports.get(name) ?? 0) + 1)
    }
    for (const [name, count] of ports) {
      if (count <= MAX_PORTS) continue
      const message = `a bridge has at most ${MAX_PORTS} ports, and ${this.node}:${name} would have ${count}`
      this.faults.add(this.devices.has(name) ? this.path(name) : ['nodes', this.node], message, 'key')
    }
  }

  /** Puts each interface after those that it names. Refuses interfaces that stand on each other in a loop. */
  private inOrder(): Map<string, WrittenDevice> {
    const ordered = new Map<string, WrittenDevice>()
    const visit = (name: string, above: readonly string[]) => {
      const device = this.devices.get(name)
      if (!device || ordered.has(name)) return
      if (above.includes(name)) {
        const loop = [...above.slice(above.indexOf(name)), name].join(', ')
        this.faults.add(this.path(name), `these stand on each other in a loop: ${loop}`, 'key')
        return
      }
      for (const { name: below } of referencesOf(device)) if (below !== name) visit(below, [...above, name])
      ordered.set(name, device)
    }
    for (const name of this.devices.keys()) visit(name, [])
    for (const name of this.devices.keys()) this.refuseLoop(name)
    return ordered
  }

  /** Refuses a member that stands on its own master, such as a VLAN of a bond that is a member of the bond. */
  private refuseLoop(name: string): void {
    const device = this.devices.get(name)
    if (!device || !('parent' in device)) return
    const seen = new Set([name])
    for (let at: string | undefined = device.parent; at !== undefined; ) {
      if (this.masters.get(name)?.name === at) {
        const message = `${name} stands on ${at}, and is a member of it`
        this.faults.add(this.path(name, 'parent'), message)
        return
      }
      const below = this.devices.get(at)
      if (seen.has(at)) return
      seen.add(at)
      at = below && 'parent' in below ? below.parent : undefined
    }
  }

  private kindOf(name: string): InterfaceKind {
    return this.devices.get(name)?.kind ?? (this.isSwitch && name === BRIDGE_NAME ? 'bridge' : 'veth')
  }

  private noSuchInterface(name: string): string {
    const help = suggestion(name, this.names)
    const known = this.names.length === 0 ? '' : `; it has ${this.names.join(', ')}`
    return `${this.node} has no interface ${name}${help || known}`
  }
}
