// The addresses of every interface, once they are known.

import type { Family } from '../../model/resolved.js'
import { isLinkLocal, type Prefix } from '../values/prefix.js'
import { endKey } from './written-addresses.js'

/** Prefixes with their address, by node and interface. */
export class AddressPlan {
  private readonly byInterface = new Map<string, Prefix[]>()

  add(node: string, name: string, prefix: Prefix): void {
    const key = endKey(node, name)
    const list = this.byInterface.get(key)
    if (list) list.push(prefix)
    else this.byInterface.set(key, [prefix])
  }

  /** Addresses of an interface, in the order they were given. */
  of(node: string, name: string): readonly Prefix[] {
    return this.byInterface.get(endKey(node, name)) ?? []
  }

  /** The address of a family that others send to: the first that is not link-local. */
  first(node: string, name: string, family: Family): Prefix | undefined {
    return this.of(node, name).find((prefix) => prefix.family === family && !isLinkLocal(family, prefix.address))
  }
}
