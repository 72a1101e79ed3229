// Refuses two interfaces that the kernel cannot tell apart, such as two VLANs of one id on one parent. The kernel says no more than
// EEXIST or EBUSY.
import { type DeviceSettings, identityOf } from '../../model/interfaces/kinds.js'
import type { Faults } from '../source/faults.js'

export class Identities {
  /** Owners of what only one interface of the machine can have, by its text. */
  private readonly ofMachine = new Map<string, string>()

  constructor(private readonly faults: Faults) {}

  /** Checks interfaces of one node against each other, and against those of nodes before it. */
  check(node: string, interfaces: Iterable<readonly [name: string, settings: DeviceSettings]>): void {
    const ofNode = new Map<string, string>()
    for (const [name, settings] of interfaces) {
      const identity = identityOf(settings)
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
