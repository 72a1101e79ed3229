// The single values of a topology file: a schema for each, and the function that finds its fault.

import { z } from 'zod'
import type { Family } from '../../model/family.js'
import * as patterns from './patterns.js'
import { bitsOf, formatAddress, makePrefix, overlaps, type Prefix, parsePrefix, sizeOf, specialUse } from './prefix.js'
import { checkedText } from './text-schema.js'

const MAC = /^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/
/** The kernel's limit for interface names, without the NUL (IFNAMSIZ, linux/if.h). */
const INTERFACE_BYTES = 15
const MTU_MIN = 68
const MTU_MAX = 65_535

/** The fault of a name of a lab or a node; null for none. They are host names too (RFC 1123). */
export function nameFault(text: string): string | null {
  if (text.length > 63) return 'a name has at most 63 characters'
  if (NAME.test(text)) return null
  const isTemplate = /\{[^}]*\}/.test(text)
  return `a name consists of letters, digits and inner hyphens${isTemplate ? '; braces are for the variables of `repeat`' : ''}`
}

export const name = checkedText(nameFault, patterns.HOST_NAME, 'name')

/** `default` is the destination of a route that names no node. */
const nodeNameFault = (text: string): string | null =>
  text === 'default' ? 'no node can have this name, which is a destination of routes' : nameFault(text)

export const nodeName = checkedText(nodeNameFault, patterns.NODE_NAME, 'nodeName')

/** The fault of an interface name; null for none. */
export function interfaceNameFault(text: string): string | null {
  const bytes = new TextEncoder().encode(text).length
  if (bytes === 0) return 'an interface name must not be empty'
  if (bytes > INTERFACE_BYTES) return `an interface name has at most ${INTERFACE_BYTES} bytes; ${text} has ${bytes}`
  // The kernel refuses `.` and `..`; `all` and `default` have a meaning in sysctls; the kernel replaces `%d` by a number.
  if (['.', '..', 'all', 'default'].includes(text)) return `no interface can be called ${text}`
  if (/[/:%\s\p{C}]/u.test(text))
    return `an interface name has no "/", ":", "%" or white space: ${JSON.stringify(text)}`
  return null
}

export const interfaceName = checkedText(interfaceNameFault, patterns.INTERFACE_NAME, 'interfaceName')

/** The fault of an address for an interface; null for none. */
function addressFault(text: string): string | null {
  const prefix = text.includes('/') ? parsePrefix(text) : null
  if (prefix === null) return `${text} is not ADDRESS/LENGTH, such as 192.0.2.1/24 or 2001:db8::1/64`
  const use = specialUse(prefix.family, prefix.address)
  if (use !== null) return `${text} is ${use}; no interface can have it`
  return prefix.length === 0 ? `${text} has a network of every address; write the length of the subnet` : null
}

/** `ADDRESS/LENGTH`. */
export const interfaceAddress = checkedText(addressFault, patterns.USABLE_PREFIX, 'interfaceAddress')

function hostAddressFault(text: string): string | null {
  const prefix = parsePrefix(text)
  if (prefix === null || prefix.length === bitsOf(prefix.family)) return addressFault(text)
  return `${text} has a subnet; an address of several nodes is one alone: /${bitsOf(prefix.family)}`
}

/** `ADDRESS/32` or `ADDRESS/128`. */
export const hostAddress = checkedText(hostAddressFault, patterns.HOST_ADDRESS, 'hostAddress')

/** The fault of a MAC address for an interface; null for none. */
function macFault(text: string): string | null {
  if (!MAC.test(text)) return `${text} is not a MAC address such as 02:00:00:00:00:01`
  // The lowest bit of the first byte marks a group address (IEEE 802).
  if (Number.parseInt(text.slice(0, 2), 16) % 2 === 1)
    return `${text} is a group's MAC address; no interface can have it`
  return /[1-9a-f]/i.test(text) ? null : 'no interface can have a MAC address of zeros'
}

/** The fault of a destination; null for none. */
function networkFault(text: string): string | null {
  const prefix = text.includes('/') ? parsePrefix(text) : null
  if (prefix === null) return `${text} is not PREFIX/LENGTH, such as 192.0.2.0/24 or 2001:db8::/64`
  if (prefix.address === prefix.network) return null
  return `${text} has host bits set; the network is ${prefix.networkText}`
}

/** `PREFIX/LENGTH` without host bits. */
export const network = checkedText(networkFault, patterns.PREFIX, 'network')

/** A network in which interfaces can have addresses. */
export const subnet = checkedText((text) => networkFault(text) ?? addressFault(text), patterns.USABLE_PREFIX, 'subnet')

const LINK_LOCAL = makePrefix(6, 0x3fan << 118n, 10)

/** The fault of a pool of addresses of a family; null for none. */
function poolFault(text: string, family: Family): string | null {
  const fault = networkFault(text) ?? addressFault(text)
  if (fault !== null) return fault
  const pool = parsePrefix(text) as Prefix
  if (pool.family !== family) return `${text} is a network of IPv${pool.family}, and this is a pool of IPv${family}`
  if (overlaps(pool, LINK_LOCAL)) return `${text} has link-local addresses, which mean nothing beyond their own link`
  // A network that contains reserved addresses begins or ends with one.
  const last = pool.network + sizeOf(pool) - 1n
  const use = specialUse(family, last)
  return use === null ? null : `${text} ends with ${formatAddress(family, last)}, ${use}; no interface can have it`
}

/** Pools: networks from which addresses are computed. */
export const pool4 = checkedText((text) => poolFault(text, 4), /^[0-9.]+\/[0-9]{1,2}$/)
export const pool6 = checkedText((text) => poolFault(text, 6), /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\/[0-9]{1,3}$/)

export const address = checkedText(
  (text) => (isAddress(text) ? null : `${text} is not an IP address`),
  patterns.ADDRESS,
  'address',
)
export const mac = checkedText(macFault, patterns.MAC, 'mac')
export const mtu = z
  .int()
  .min(MTU_MIN, `an mtu is at least ${MTU_MIN} bytes`)
  .max(MTU_MAX, `an mtu is at most ${MTU_MAX} bytes`)

function addressOrNodeFault(text: string): string | null {
  const [node = '', name, ...more] = text.split(':')
  if (isAddress(text)) return null
  if (more.length === 0 && nameFault(node) === null && (name === undefined || interfaceNameFault(name) === null))
    return null
  return `${text} is neither an IP address nor NODE nor NODE:INTERFACE`
}

/** An address, or the node or interface whose address is meant: `NODE`, `NODE:INTERFACE`. */
export const addressOrNode = checkedText(addressOrNodeFault, patterns.ADDRESS_OR_NODE, 'addressOrNode')

/** The fault of a destination that may be a node or an interface; null for none. */
const networkOrNodeFault = (text: string): string | null =>
  /^[^/:]+(?::[^/:]+)?$/.test(text) && !isAddress(text) && addressOrNodeFault(text) === null ? null : networkFault(text)

/** `PREFIX/LENGTH` without host bits, or the node or interface whose address is meant: `NODE`, `NODE:INTERFACE`. */
export const networkOrNode = checkedText(networkOrNodeFault, patterns.NETWORK_OR_NODE, 'networkOrNode')

/** An address, or the interface of the same node whose address is meant. */
export const addressOrInterface = checkedText(
  (text) =>
    isAddress(text) || interfaceNameFault(text) === null ? null : `${text} is neither an IP address nor an interface`,
  patterns.ADDRESS_OR_INTERFACE,
  'addressOrInterface',
)

/** Whether a text is an IP address, of a family if that is given. */
export function isAddress(text: string, family?: 4 | 6): boolean {
  const prefix = text.includes('/') ? null : parsePrefix(text)
  return prefix !== null && (family === undefined || prefix.family === family)
}
