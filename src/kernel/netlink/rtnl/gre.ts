// GRE (RFC 2784, RFC 2890) over IPv4 and IPv6, with IP or Ethernet inside: IFLA_GRE_* (linux/if_tunnel.h). Equals
// `ip link add … type gre|gretap|ip6gre|ip6gretap`.
import { addressBytes, optionalAddress } from './ip.js'
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import type { Reported } from './reported.js'
import type { Request } from './request.js'
import { ENCAP_LIMIT, ENCAP_NONE, type TunnelSettings } from './tunnel.js'
import type { MessageWriter } from './writer.js'

/** IFLA_GRE_* */
const LINK = 1
const IFLAGS = 2
const OFLAGS = 3
const IKEY = 4
const OKEY = 5
const LOCAL = 6
const REMOTE = 7
const TTL = 8
const TOS = 9
const PMTUDISC = 10
const ENCAP_LIMIT_ATTRIBUTE = 11
const FLOWINFO = 12
const FLAGS = 13
const ENCAP_TYPE = 14
const ENCAP_FLAGS = 15
const ENCAP_SPORT = 16
const ENCAP_DPORT = 17
const FWMARK = 20
const ERSPAN_VERSION = 22
/** GRE_KEY, big-endian in the attribute. */
const HAS_KEY = 0x2000

export type GreKind = 'gre' | 'gretap' | 'ip6gre' | 'ip6gretap'

export interface GreSettings extends TunnelSettings {
  /** In both directions: distinguishes tunnels between the same two addresses. */
  key?: number | undefined
}

export function createGre(gre: NewLink & GreSettings & { kind: GreKind }): Request {
  const { kind, key, local, remote, ttl, dev } = gre
  const isOverIpv6 = kind.startsWith('ip6')
  return createLink(kind, gre, (writer) => {
    writer.u32be(IKEY, key ?? 0)
    writer.u32be(OKEY, key ?? 0)
    writer.u16be(IFLAGS, key === undefined ? 0 : HAS_KEY)
    writer.u16be(OFLAGS, key === undefined ? 0 : HAS_KEY)
    if (local !== undefined) writer.bytes(LOCAL, addressBytes(local))
    if (remote !== undefined) writer.bytes(REMOTE, addressBytes(remote))
    if (isOverIpv6) writeOverIpv6(writer, ttl, dev)
    else writeOverIpv4(writer, ttl, dev)
  })
}

function writeOverIpv4(writer: MessageWriter, ttl: number, dev: number | undefined): void {
  writer.u8(PMTUDISC, 1)
  writer.u8(TOS, 0)
  if (dev !== undefined) writer.u32(LINK, dev)
  writer.u8(TTL, ttl)
  writer.u32(FWMARK, 0)
  writeNoEncapsulation(writer, ENCAP_NONE.ipv4)
}

function writeOverIpv6(writer: MessageWriter, ttl: number, dev: number | undefined): void {
  if (dev !== undefined) writer.u32(LINK, dev)
  writer.u8(TTL, ttl)
  writer.u8(ENCAP_LIMIT_ATTRIBUTE, ENCAP_LIMIT)
  writer.u32(FLOWINFO, 0)
  writer.u32(FLAGS, 0)
  writer.u32(FWMARK, 0)
  writer.u8(ERSPAN_VERSION, 1)
  writeNoEncapsulation(writer, ENCAP_NONE.ipv6)
}

function writeNoEncapsulation(writer: MessageWriter, flags: number): void {
  writer.u16(ENCAP_TYPE, 0)
  writer.u16(ENCAP_FLAGS, flags)
  writer.u16(ENCAP_SPORT, 0)
  writer.u16(ENCAP_DPORT, 0)
}

/** Reads all four kinds. */
export const readGre = (data: Attributes): Reported<GreSettings, 'local' | 'remote' | 'dev' | 'key'> => ({
  local: optionalAddress(data.get(LOCAL)),
  remote: optionalAddress(data.get(REMOTE)),
  dev: data.u32(LINK) || undefined,
  ttl: data.u8(TTL),
  key: data.u16be(OFLAGS) & HAS_KEY ? data.u32be(OKEY) : undefined,
})
