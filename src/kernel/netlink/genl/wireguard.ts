// Configures WireGuard devices: key, port, mark, peers (linux/wireguard.h). Equals `wg set`.
import { AF_INET, AF_INET6, NLM_F_DUMP } from '../rtnl/constants.js'
import { addressBytes, familyOf, prefixBytes } from '../rtnl/ip.js'
import type { Request } from '../rtnl/request.js'
import { align, type MessageWriter } from '../rtnl/writer.js'
import { genericRequest } from './message.js'

/** Name of WireGuard's family in generic netlink. */
export const WIREGUARD = 'wireguard'
const WG_CMD_GET_DEVICE = 0
const WG_CMD_SET_DEVICE = 1

/** WGDEVICE_A_* */
export const DEVICE = { index: 1, name: 2, privateKey: 3, publicKey: 4, port: 6, fwmark: 7, peers: 8 } as const
/** WGPEER_A_* */
export const PEER = {
  publicKey: 1,
  flags: 3,
  endpoint: 4,
  keepalive: 5,
  latestHandshake: 6,
  receivedBytes: 7,
  sentBytes: 8,
  allowed: 9,
} as const
/** WGALLOWEDIP_A_* */
export const ALLOWED = { family: 1, address: 2, length: 3 } as const
const WGPEER_F_REMOVE_ME = 1
const WGPEER_F_REPLACE_ALLOWEDIPS = 2

/** The longest message: a page, as in wg(8). */
const MESSAGE_BYTES = 4096
const HEADERS = 16 + 4
const NEST = 4
const attribute = (length: number): number => align(NEST + length)
/** struct sockaddr_in, sockaddr_in6 */
const SOCKADDR_IN = 16
const SOCKADDR_IN6 = 28

/** Keys are base64. A setting that is left out keeps its value. */
export interface WireguardChange {
  /** `r1:wg0`, for errors. */
  target: string
  name: string
  privateKey?: string | undefined
  /** UDP port. */
  port?: number | undefined
  /** Mark of the packets that it sends. */
  fwmark?: number | undefined
  peers: readonly PeerChange[]
}

export interface PeerChange {
  /** The peer's public key, which identifies it. */
  key: string
  endpoint?: { address: string; port: number } | undefined
  /** List of `PREFIX/LENGTH`; replaces the peer's old list. */
  allowed?: readonly string[] | undefined
  keepaliveSeconds?: number | undefined
  /** The device forgets the peer. */
  removed?: true
}

/** The part of a peer that goes into one message: the whole peer, or some of its allowed prefixes. */
interface PeerPart {
  peer: PeerChange
  /** The peer's other settings are in an earlier message. */
  continued: boolean
  allowed: string[]
}

/** Makes one message, or several when the peers do not fit into one. @param family number of WireGuard's family */
export function setWireguard(family: number, change: WireguardChange): Request[] {
  const { target, name, privateKey, port, fwmark } = change
  return split(change).map((parts, index) =>
    genericRequest({
      operation: 'set wireguard',
      target,
      family,
      command: WG_CMD_SET_DEVICE,
      encode: (writer) => {
        writer.text(DEVICE.name, name)
        if (index === 0) {
          if (privateKey !== undefined) writer.bytes(DEVICE.privateKey, Buffer.from(privateKey, 'base64'))
          if (port !== undefined) writer.u16(DEVICE.port, port)
          if (fwmark !== undefined) writer.u32(DEVICE.fwmark, fwmark)
        }
        if (parts.length === 0) return
        const list = writer.nest(DEVICE.peers, true)
        for (const part of parts) writePeer(writer, part)
        writer.endNest(list)
      },
    }),
  )
}

/** Asks for a device and its peers: a dump, read by `parseWireguard`. */
export const getWireguard = (family: number, { target, name }: { target: string; name: string }): Request =>
  genericRequest({
    operation: 'get wireguard',
    target,
    family,
    flags: NLM_F_DUMP,
    command: WG_CMD_GET_DEVICE,
    encode: (writer) => writer.text(DEVICE.name, name),
  })

function writePeer(writer: MessageWriter, { peer, continued, allowed }: PeerPart): void {
  const start = writer.nest(0, true)
  writer.bytes(PEER.publicKey, Buffer.from(peer.key, 'base64'))
  if (!continued) {
    if (peer.endpoint) writer.bytes(PEER.endpoint, socketAddress(peer.endpoint))
    if (peer.keepaliveSeconds !== undefined) writer.u16(PEER.keepalive, peer.keepaliveSeconds)
    if (peer.removed) writer.u32(PEER.flags, WGPEER_F_REMOVE_ME)
    else if (peer.allowed) writer.u32(PEER.flags, WGPEER_F_REPLACE_ALLOWEDIPS)
  }
  if (allowed.length > 0) {
    const list = writer.nest(PEER.allowed, true)
    for (const prefix of allowed) writeAllowed(writer, prefix)
    writer.endNest(list)
  }
  writer.endNest(start)
}

function writeAllowed(writer: MessageWriter, prefix: string): void {
  const { bytes, length } = prefixBytes(prefix)
  const start = writer.nest(0, true)
  writer.u16(ALLOWED.family, familyOf(prefix))
  writer.bytes(ALLOWED.address, bytes)
  writer.u8(ALLOWED.length, length)
  writer.endNest(start)
}

function socketAddress({ address, port }: { address: string; port: number }): Buffer {
  const isIpv6 = address.includes(':')
  const bytes = Buffer.alloc(isIpv6 ? SOCKADDR_IN6 : SOCKADDR_IN)
  bytes.writeUInt16LE(isIpv6 ? AF_INET6 : AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(addressBytes(address), isIpv6 ? 8 : 4)
  return bytes
}

/** Distributes the peers over messages, filling each one. Without peers there is one empty message. */
function split({ name, privateKey, port, fwmark, peers }: WireguardChange): PeerPart[][] {
  const room = MESSAGE_BYTES - HEADERS - attribute(Buffer.byteLength(name) + 1) - NEST
  const ofDevice = [privateKey && attribute(32), port && attribute(2), fwmark && attribute(4)]
  let left = room - ofDevice.reduce<number>((sum, size) => sum + Number(size ?? 0), 0)
  let parts: PeerPart[] = []
  const messages = [parts]
  for (const peer of peers) {
    const waiting = [...(peer.allowed ?? [])]
    for (let continued = false; !continued || waiting.length > 0; continued = true) {
      const own = sizeOfPeer(peer, continued)
      const first = waiting[0] === undefined ? 0 : NEST + sizeOfAllowed(waiting[0])
      if (own + first > left) {
        parts = []
        messages.push(parts)
        left = room
      }
      left -= own + (waiting.length > 0 ? NEST : 0)
      const part: PeerPart = { peer, continued, allowed: [] }
      parts.push(part)
      for (let next = waiting[0]; next !== undefined && sizeOfAllowed(next) <= left; next = waiting[0]) {
        left -= sizeOfAllowed(next)
        part.allowed.push(next)
        waiting.shift()
      }
    }
  }
  return messages
}

function sizeOfPeer({ endpoint, keepaliveSeconds, allowed }: PeerChange, continued: boolean): number {
  const sizes = [NEST, attribute(32)]
  if (!continued) {
    if (endpoint) sizes.push(attribute(endpoint.address.includes(':') ? SOCKADDR_IN6 : SOCKADDR_IN))
    if (keepaliveSeconds !== undefined) sizes.push(attribute(2))
    if (allowed) sizes.push(attribute(4))
  }
  return sizes.reduce((sum, size) => sum + size)
}

const sizeOfAllowed = (prefix: string): number =>
  NEST + attribute(2) + attribute(prefix.includes(':') ? 16 : 4) + attribute(1)
