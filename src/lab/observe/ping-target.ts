// What the second word of a ping means: an address, a node, or an interface of a node; and which of its addresses is pinged.
import { isIP } from 'node:net'
import { LabError } from '../../errors.js'
import { addressBytes, addressText } from '../../kernel/netlink/rtnl/ip.js'
import type { Family } from '../../model/family.js'
import { findNode, type RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import type { NodeAddress, NodeAddresses } from './node-addresses.js'

/** A node as a receiver. */
export interface NodeTarget {
  node: NodeState
  /** The interface whose address is meant; null for the node's. */
  interface: string | null
}

/** What a word may mean: one address, in canonical text (RFC 5952) as kernels report it, with its zone, or nodes of which the first that has the interface is meant. */
export type Meaning = { address: string } | { nodes: NodeTarget[] }

const LOOKS_LIKE_ADDRESS = /^[0-9.]+$|:.*:|%/

/**
 * What a word means: an address; a node; `NODE:INTERFACE` or `NODE-INTERFACE`, as the nodes' /etc/hosts has it.
 *
 * @throws LabError USAGE for what is nearly an address, NODE_NOT_FOUND
 */
export function meaningOf(lab: RunningLab, word: string): Meaning {
  const [, written = '', zone = ''] = /^([^%]*)(%[^%]+)?$/.exec(word) ?? []
  if (isIP(written) !== 0) return { address: `${addressText(addressBytes(written))}${zone}` }
  const { nodes } = lab.state
  const named = nodes.find(({ name }) => name === word)
  if (named) return { nodes: [{ node: named, interface: null }] }
  const [, name, of] = /^([^:]+):([^:]+)$/.exec(word) ?? []
  if (name !== undefined && of !== undefined) return { nodes: [{ node: findNode(lab, name), interface: of }] }
  const split = nodes.filter((node) => word.startsWith(`${node.name}-`))
  if (split.length > 0) return { nodes: split.map((node) => ({ node, interface: word.slice(node.name.length + 1) })) }
  if (LOOKS_LIKE_ADDRESS.test(word)) throw new LabError('USAGE', `${word} is not an address`)
  return { nodes: [{ node: findNode(lab, word), interface: null }] }
}

/**
 * The address of a node, or of one of its interfaces, that is pinged: the one in the topology if the kernel has it, else the
 * first that the kernel has, of an interface that is up if there is one. A dead node, whose network goes on without it, has
 * those of the topology. null when it has none.
 *
 * @param now what the kernel has; undefined for a dead node
 * @param families in the order in which they are tried
 */
export function addressOf(
  target: NodeTarget,
  now: NodeAddresses | undefined,
  families: readonly Family[],
): string | null {
  const { ipv4, ipv6 } = target.node
  const written = families.map((each) => (each === 4 ? ipv4 : ipv6)).filter((each) => each !== null)
  if (now === undefined) return written[0] ?? null
  const own = now.addresses.filter((each) => target.interface === null || each.interface === target.interface)
  for (const each of families) {
    const found = own.filter((address) => address.family === each && isReachable(address))
    const best =
      found.find(({ address }) => written.includes(address)) ??
      found.find(({ up, interface: name }) => up && name !== 'lo') ??
      found[0]
    if (best) return best.address
  }
  return null
}

/**
 * The families in which a node can ping, IPv4 first. A node without any address can in none, which the kernel then says.
 *
 * @param sender what the kernel has; undefined for all families
 * @param family the only one that is asked for; null for any
 */
export function familiesOf(sender: NodeAddresses | undefined, family: Family | null): Family[] {
  const asked: Family[] = family === null ? [4, 6] : [family]
  const own = asked.filter((each) => sender?.addresses.some((one) => one.family === each && isReachable(one)))
  const hasNone = !sender?.addresses.some(isReachable)
  return hasNone ? asked : own
}

/** Whether other nodes can reach an address: not one of the loopback, and no link-local one, which needs the sender's interface. */
const isReachable = ({ address }: NodeAddress): boolean => !/^127\.|^::1$|^fe[89ab]/i.test(address)

export const noAddressText = (target: NodeTarget, family: Family | null): string =>
  `${targetName(target)} has no ${family === null ? '' : `IPv${family} `}address`

/** What a target is called in messages and results. */
export const targetName = ({ node, interface: name }: NodeTarget): string =>
  name === null ? node.name : `${node.name}:${name}`
