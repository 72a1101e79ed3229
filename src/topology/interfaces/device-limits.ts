// Refuses what the kernel refuses with a bare errno: an MTU that is too large or too small for an interface, and two interfaces
// that the kernel cannot tell apart.

import { identityOf, TRAITS } from '../../model/interfaces/kinds.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Faults } from '../source/faults.js'
import { IPV6_MIN_MTU } from '../wiring/end-settings.js'

/** @param all the interfaces of the node; the MTU of the one below must be set already */
export function refuseMtu(
  node: string,
  { name, mtu, addresses }: ResolvedInterface,
  device: WrittenDevice,
  all: readonly ResolvedInterface[],
  faults: Faults,
): void {
  const refuse = (message: string) =>
    device.mtu === undefined
      ? faults.add(['nodes', node, 'interfaces', name], message, 'key')
      : faults.add(['nodes', node, 'interfaces', name, 'mtu'], message)
  const below = 'parent' in device && TRAITS[device.kind].parent.limitsMtu ? device.parent : undefined
  const most = all.find((each) => each.name === below)?.mtu
  if (most !== undefined && mtu > most) refuse(`${name} sends by ${below}, whose mtu is ${most}`)
  if (mtu < IPV6_MIN_MTU && addresses.some((address) => address.includes(':')))
    refuse(`IPv6 needs an mtu of ${IPV6_MIN_MTU} or more, and that of ${name} is ${mtu}`)
}

/** Finds two interfaces with the same identity, such as a VLAN id. The kernel says no more than EEXIST or EBUSY. */
export class Identities {
  /** Owners of what only one interface of the machine can have, by its text. */
  private readonly ofMachine = new Map<string, string>()

  constructor(private readonly faults: Faults) {}

  /** Checks the interfaces of one node against each other, and against those of nodes before it. */
  check(node: string, interfaces: readonly ResolvedInterface[]): void {
    const ofNode = new Map<string, string>()
    for (const { name, settings } of interfaces) {
      const identity = settings ? identityOf(settings) : null
      if (!identity) continue
      const { text, key, scope } = identity
      const owners = scope === 'machine' ? this.ofMachine : ofNode
      const owner = owners.get(text)
      if (owner === undefined) {
        owners.set(text, scope === 'machine' ? `${node}:${name}` : name)
        continue
      }
      const message = scope === 'machine' ? `${owner} has ${text} already` : `${text} is ${owner}'s already`
      const path = ['nodes', node, 'interfaces', name]
      if (key === null) this.faults.add(path, message, 'key')
      else this.faults.add([...path, key], message)
    }
  }
}
