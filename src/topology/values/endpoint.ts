// Endpoints of WireGuard peers, as they are written in a topology and as wg(8) shows them.
import type { Endpoint } from '../../model/interfaces/wireguard.js'
import { isLinkLocal, type Prefix, parsePrefix, specialUse } from './prefix.js'
import { interfaceNameFault, isAddress } from './values.js'

/** An address with or without a port, or the name of an interface. */
export type WrittenEndpoint = Endpoint | { address: string } | { interface: string }

/** Reads an endpoint. Returns a text that describes the fault if it is none. */
export function parseEndpoint(text: string): WrittenEndpoint | string {
  if (isAddress(text)) return useOf(text) ?? { address: text }
  const [, ipv6, ipv4, digits = ''] = /^(?:\[([^\]]*)\]|([0-9.]+)):([0-9]{1,9})$/.exec(text) ?? []
  const address = ipv6 ?? ipv4
  if (address !== undefined && isAddress(address, ipv6 === undefined ? 4 : 6)) {
    const port = Number(digits)
    if (port < 1 || port > 65_535) return `a port is 1 to 65535, which ${digits} is not`
    return useOf(address) ?? { address, port }
  }
  if (interfaceNameFault(text) === null) return { interface: text }
  return `${text} is neither ADDRESS:PORT, such as 192.0.2.1:51820 or [2001:db8::1]:51820, nor an address nor an interface`
}

/** The reason why no peer can have an address; null if one can. */
function useOf(text: string): string | null {
  const { family, address } = parsePrefix(text) as Prefix
  const use = isLinkLocal(family, address) ? 'valid on its link alone' : specialUse(family, address)
  return use === null ? null : `${text} is ${use}; no peer is reached there`
}

export const endpointText = ({ address, port }: Endpoint): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`
