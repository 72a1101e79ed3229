// Geneve (RFC 8926): IFLA_GENEVE_* (linux/if_link.h). Equals `ip link add … type geneve`.
import { addressBytes } from './ip.js'
import { createLink, type NewLink } from './new-link.js'
import type { Request } from './request.js'

const GENEVE_ID = 1
const GENEVE_REMOTE = 2
const GENEVE_TTL = 3
const GENEVE_TOS = 4
const GENEVE_PORT = 5
const GENEVE_REMOTE6 = 7
const GENEVE_LABEL = 11

export interface NewGeneve extends NewLink {
  /** Virtual network identifier, 24 bits. */
  id: number
  remote: string
  /** Time to live, or hop limit, of the outer header; 0 uses that of the route. */
  ttl: number
  /** UDP port. */
  dstport: number
}

export function createGeneve(geneve: NewGeneve): Request {
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
