// IP in IP: ipip (RFC 2003), sit (RFC 4213), ip6tnl (RFC 2473): IFLA_IPTUN_* (linux/if_tunnel.h). Equals
// `ip link add … type ipip|sit|ip6tnl`.
import { addressBytes, optionalAddress } from './ip.js'
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import { type Reported, wordOf } from './reported.js'
import type { Request } from './request.js'
import { ENCAP_LIMIT, ENCAP_NONE, type TunnelSettings } from './tunnel.js'
import type { MessageWriter } from './writer.js'

/** IFLA_IPTUN_* */
const LINK = 1
const LOCAL = 2
const REMOTE = 3
const TTL = 4
const TOS = 5
const ENCAP_LIMIT_ATTRIBUTE = 6
const FLOWINFO = 7
const FLAGS = 8
const PROTO = 9
const PMTUDISC = 10
const ENCAP_TYPE = 15
const ENCAP_FLAGS = 16
const ENCAP_SPORT = 17
const ENCAP_DPORT = 18
const FWMARK = 20

/** IPPROTO_* (netinet/in.h); 0 for both IPv4 and IPv6. */
const PROTOCOLS = { any: 0, ipip6: 4, ip6ip6: 41 } as const

export interface Ip6tnlSettings extends TunnelSettings {
  /** What it carries: IPv4, IPv6 or both. */
  mode: keyof typeof PROTOCOLS
}

type NewIpTunnel = (TunnelSettings & { kind: 'ipip' | 'sit' }) | (Ip6tnlSettings & { kind: 'ip6tnl' })

export function createIpTunnel(tunnel: NewLink & NewIpTunnel): Request {
  const { kind, local, remote, ttl, dev = 0 } = tunnel
  return createLink(kind, tunnel, (writer) => {
    writer.u8(PROTO, PROTOCOLS[tunnel.kind === 'ip6tnl' ? tunnel.mode : 'any'])
    if (local !== undefined) writer.bytes(LOCAL, addressBytes(local))
    if (remote !== undefined) writer.bytes(REMOTE, addressBytes(remote))
    if (kind === 'ip6tnl') writeOverIpv6(writer, ttl, dev)
    else writeOverIpv4(writer, ttl, dev)
    if (kind === 'sit') writer.u16(FLAGS, 0)
  })
}

function writeOverIpv4(writer: MessageWriter, ttl: number, dev: number): void {
  writer.u8(PMTUDISC, 1)
  writer.u8(TOS, 0)
  writer.u8(TTL, ttl)
  writer.u32(LINK, dev)
  writeNoEncapsulation(writer, ENCAP_NONE.ipv4)
}

function writeOverIpv6(writer: MessageWriter, ttl: number, dev: number): void {
  writer.u8(TTL, ttl)
  writer.u8(ENCAP_LIMIT_ATTRIBUTE, ENCAP_LIMIT)
  writer.u32(FLOWINFO, 0)
  writer.u32(FLAGS, 0)
  writer.u32(LINK, dev)
  writeNoEncapsulation(writer, ENCAP_NONE.ipv6)
}

function writeNoEncapsulation(writer: MessageWriter, flags: number): void {
  writer.u32(FWMARK, 0)
  writer.u16(ENCAP_TYPE, 0)
  writer.u16(ENCAP_FLAGS, flags)
  writer.u16(ENCAP_SPORT, 0)
  writer.u16(ENCAP_DPORT, 0)
}

/** Reads ipip and sit. */
export const readIpTunnel = (data: Attributes): Reported<TunnelSettings, 'local' | 'remote' | 'dev'> => ({
  local: optionalAddress(data.get(LOCAL)),
  remote: optionalAddress(data.get(REMOTE)),
  dev: data.u32(LINK) || undefined,
  ttl: data.u8(TTL),
})

export const readIp6tnl = (data: Attributes): Reported<Ip6tnlSettings, 'local' | 'remote' | 'dev'> => ({
  ...readIpTunnel(data),
  mode: wordOf(PROTOCOLS, data.u8(PROTO)),
})
