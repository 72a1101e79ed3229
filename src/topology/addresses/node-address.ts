// What a node's name stands for.
import type { Family, ResolvedNode } from '../../model/resolved.js'

/** The address of a family that a node's name resolves to: a router's loopback, else its first interface's. */
export function nodeAddress(
  { interfaces, kind }: Pick<ResolvedNode, 'interfaces' | 'kind'>,
  family: Family,
): string | null {
  const isOf = (address: string) => address.includes(':') === (family === 6) && !isLinkLocalText(address)
  const [loopback, ...others] = interfaces
  const candidates =
    kind === 'router' && loopback ? [loopback, ...others] : [...others, ...(loopback ? [loopback] : [])]
  for (const { addresses } of candidates) {
    const address = addresses.find(isOf)
    if (address !== undefined) return address.slice(0, address.indexOf('/'))
  }
  return null
}

/** fe80::/10: means nothing without an interface, so no name stands for it. */
export const isLinkLocalText = (address: string): boolean => /^fe[89ab][0-9a-f]:/.test(address)
