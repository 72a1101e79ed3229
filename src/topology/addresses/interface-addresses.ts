// The addresses of every interface of a lab.

import type { Family } from '../../model/family.js'
import { interfaceKey } from '../values/interface-key.js'
import { isLinkLocal, type Prefix } from '../values/prefix.js'

/** Addresses with their prefix lengths, by node and interface. */
export class InterfaceAddresses {
  private readonly byInterface = new Map<string, Prefix[]>()

  add(node: string, name: string, prefix: Prefix): void {
    const key = interfaceKey(node, name)
    const list = this.byInterface.get(key)
    if (list) list.push(prefix)
    else this.byInterface.set(key, [prefix])
  }

  /** The addresses of an interface, in the order in which they were added. */
  of(node: string, name: string): readonly Prefix[] {
    return this.byInterface.get(interfaceKey(node, name)) ?? []
  }

  /** The first address of a family that is not link-local: the one that other nodes send to. */
  first(node: string, name: string, family: Family): Prefix | undefined {
    return this.of(node, name).find((prefix) => prefix.family === family && !isLinkLocal(family, prefix.address))
  }
}
