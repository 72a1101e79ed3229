// Geneve (RFC 8926): IFLA_GENEVE_* (linux/if_link.h). Equals `ip link add … type geneve`.
import { addressBytes, optionalAddress } from './ip.js'
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import type { Reported } from './reported.js'
import type { Request } from './request.js'

const GENEVE_ID = 1
const GENEVE_REMOTE = 2
const GENEVE_TTL = 3
const GENEVE_TOS = 4
const GENEVE_PORT = 5
const GENEVE_REMOTE6 = 7
const GENEVE_LABEL = 11

export interface GeneveSettings {
  /** Virtual network identifier, 24 bits. */
  id: number
  remote: string
  /** Time to live, or hop limit, of the outer header; 0 uses that of the route. */
  ttl: number
  /** UDP port. */
  dstport: number
}

export function createGeneve(geneve: NewLink & GeneveSettings): Request {
  const { id, remote, ttl, dstport } = geneve
  return createLink('geneve', geneve, (writer) => {
    writer.u32(GENEVE_ID, id)
    writer.bytes(remote.includes(':') ? GENEVE_REMOTE6 : GENEVE_REMOTE, addressBytes(remote))
    writer.u32be(GENEVE_LABEL, 0)
    writer.u8(GENEVE_TTL, ttl)
    writer.u8(GENEVE_TOS, 0)
    writer.u16be(GENEVE_PORT, dstport)
  })
}

/** `remote` is undefined for a device whose packets name their own destination (`external` of iproute2). */
export const readGeneve = (data: Attributes): Reported<GeneveSettings, 'remote'> => ({
  id: data.u32(GENEVE_ID),
  remote: optionalAddress(data.get(GENEVE_REMOTE6) ?? data.get(GENEVE_REMOTE)),
  ttl: data.u8(GENEVE_TTL),
  dstport: data.u16be(GENEVE_PORT),
})
