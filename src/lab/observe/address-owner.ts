// Which node an address is of, as the kernel has it now.
import type { AddressesByNode } from './node-addresses.js'

/** A node and the interface of it that has an address. */
export interface AddressOwner {
  node: string
  interface: string
}

/**
 * The node that has an address. null when none has it, or nodes of several networks, of which nobody knows which is meant. Of
 * nodes that share one network, the first.
 */
export function ownerOf(now: AddressesByNode, address: string): AddressOwner | null {
  const owners = [...now.values()].flatMap(({ node, netns, addresses }) => {
    const own = addresses.find((each) => each.address === address)
    return own ? [{ node: node.name, interface: own.interface, netns }] : []
  })
  const [first] = owners
  if (!first || owners.some(({ netns }) => netns !== first.netns)) return null
  return { node: first.node, interface: first.interface }
}
