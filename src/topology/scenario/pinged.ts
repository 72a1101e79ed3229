// What is pinged in a scenario: an address, a node, or an interface of a node.
import { parsePrefix } from '../values/prefix.js'

/** Digits with dots, several colons, or an interface behind the address as in `fe80::1%eth0`: no node has such a name. */
const LIKE_ADDRESS = /^[0-9.]*\.[0-9./]*$|:.*:|%/

export const isLikeAddress = (text: string): boolean => LIKE_ADDRESS.test(text)

/** What is wrong with an address; null for one that is right, and for what is none. */
export function addressFault(text: string): string | null {
  if (!isLikeAddress(text)) return null
  const address = text.replace(/%[^%]+$/, '')
  return !address.includes('/') && parsePrefix(address) ? null : `${text} is not an address`
}
