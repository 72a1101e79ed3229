// Reads the kernel's report of a WireGuard device (WG_CMD_GET_DEVICE, linux/wireguard.h). Equals `wg show`.
import { addressText } from '../rtnl/ip.js'
import { Attributes, textOf, u32Of } from '../rtnl/reader.js'
import { genericAttributes } from './message.js'
import { ALLOWED, DEVICE, PEER } from './wireguard.js'

export interface WireguardInfo {
  name: string
  /** Base64, as all keys here; null when the device has no key. */
  privateKey: string | null
  publicKey: string | null
  /** UDP port; one that the kernel chose if none was set. */
  port: number
  fwmark: number
  peers: WireguardPeerInfo[]
}

export interface WireguardPeerInfo {
  /** The peer's public key. */
  key: string
  endpoint: { address: string; port: number } | null
  /** `PREFIX/LENGTH`, in the kernel's order. */
  allowed: string[]
  /** 0: it sends no keepalives. */
  keepaliveSeconds: number
  /** Unix time; 0 before the first handshake. */
  latestHandshakeSeconds: number
  receivedBytes: number
  sentBytes: number
}

/** Reads all messages of a dump. A peer with many allowed prefixes is continued in further messages, and merged here. */
export function parseWireguard(payloads: readonly Buffer[]): WireguardInfo {
  const messages = payloads.map(genericAttributes)
  // Only the first message has the device's own attributes.
  const device = messages[0] ?? new Attributes(Buffer.alloc(0))
  const peers: WireguardPeerInfo[] = []
  for (const bytes of messages.flatMap((message) => listOf(message.get(DEVICE.peers)))) {
    const peer = new Attributes(bytes)
    const key = keyOf(peer.get(PEER.publicKey)) ?? ''
    const allowed = listOf(peer.get(PEER.allowed)).map(allowedText)
    const last = peers.at(-1)
    if (last?.key === key) last.allowed.push(...allowed)
    else peers.push({ key, ...settingsOf(peer), allowed })
  }
  return {
    name: textOf(device.get(DEVICE.name)) ?? '',
    privateKey: keyOf(device.get(DEVICE.privateKey)),
    publicKey: keyOf(device.get(DEVICE.publicKey)),
    port: device.get(DEVICE.port)?.readUInt16LE(0) ?? 0,
    fwmark: u32Of(device.get(DEVICE.fwmark)) ?? 0,
    peers,
  }
}

const settingsOf = (peer: Attributes) => ({
  endpoint: endpointOf(peer.get(PEER.endpoint)),
  keepaliveSeconds: peer.get(PEER.keepalive)?.readUInt16LE(0) ?? 0,
  // struct __kernel_timespec
  latestHandshakeSeconds: u64Of(peer.get(PEER.latestHandshake)),
  receivedBytes: u64Of(peer.get(PEER.receivedBytes)),
  sentBytes: u64Of(peer.get(PEER.sentBytes)),
})

/** The elements of a list: its attributes, which all have type 0. */
const listOf = (list: Buffer | undefined): Buffer[] => (list ? new Attributes(list).all(0) : [])

const keyOf = (bytes: Buffer | undefined): string | null => bytes?.toString('base64') ?? null

const u64Of = (bytes: Buffer | undefined): number => Number(bytes?.readBigUInt64LE(0) ?? 0n)

/** struct sockaddr_in, sockaddr_in6 */
function endpointOf(bytes: Buffer | undefined): WireguardPeerInfo['endpoint'] {
  if (!bytes) return null
  const address = bytes.length < 28 ? bytes.subarray(4, 8) : bytes.subarray(8, 24)
  return { address: addressText(address), port: bytes.readUInt16BE(2) }
}

function allowedText(bytes: Buffer): string {
  const allowed = new Attributes(bytes)
  const address = addressText(allowed.get(ALLOWED.address) ?? Buffer.alloc(4))
  return `${address}/${allowed.get(ALLOWED.length)?.readUInt8(0) ?? 0}`
}
