// The address that the name of a node resolves to.
import type { Family } from '../../model/family.js'
import type { ResolvedNode } from '../../model/resolved.js'

/** The address of a family for a node's name: that of a router's loopback, else that of its first interface that has one. */
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

/** fe80::/10. Such an address is valid only together with an interface, so a name cannot resolve to it. */
export const isLinkLocalText = (address: string): boolean => /^fe[89ab][0-9a-f]:/.test(address)
