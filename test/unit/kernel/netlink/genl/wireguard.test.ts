// WireGuard's part of generic netlink: byte for byte what wg(8) sends, and what it reads.
import { expect, test } from 'vitest'
import { findFamily, parseFamily } from '../../../../../src/kernel/netlink/genl/message.js'
import {
  getWireguard,
  type PeerChange,
  setWireguard,
  WIREGUARD,
} from '../../../../../src/kernel/netlink/genl/wireguard.js'
import { parseWireguard } from '../../../../../src/kernel/netlink/genl/wireguard-info.js'
import { RTM_GETADDR } from '../../../../../src/kernel/netlink/rtnl/constants.js'
import type { Request } from '../../../../../src/kernel/netlink/rtnl/request.js'
import { MessageWriter } from '../../../../../src/kernel/netlink/rtnl/writer.js'
import { capture, payloads } from '../rtnl/capture.js'

// RFC 7748 section 6.1
const ALICE = 'dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo='
const ALICE_CLAMPED = 'cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo='
const ALICE_PUBLIC = 'hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo='
const BOB = '3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08='
const keyOf = (n: number) => Buffer.alloc(32, n).toString('base64')
const PREFIXES = Array.from({ length: 300 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`)
const target = 'r1:wg0'
const GENL_ID_CTRL = 0x10

/** Messages that were sent, without their sequence numbers, and without what the C library asks another protocol. */
const sentIn = (name: string): string[] =>
  capture(name)
    .requests.map((hex) => Buffer.from(hex, 'hex'))
    .filter((message) => message.readUInt16LE(4) !== RTM_GETADDR)
    .map(readable)

function readable(message: Buffer): string {
  message.writeUInt32LE(0, 8)
  return message.toString('hex').replaceAll(/(.{8})(?=.)/g, '$1 ')
}

function encoded({ type, flags, encode }: Request): string {
  const writer = new MessageWriter(Buffer.alloc(16_384, 0xee))
  const start = writer.begin(type, flags, 1)
  encode(writer)
  writer.end(start)
  // Of several, the socket has the last one acknowledged; wg(8) sends one at a time.
  writer.acknowledge()
  return readable(writer.buffer.subarray(0, writer.length))
}

const family = parseFamily(payloads('wireguard-set', GENL_ID_CTRL)[0] as Buffer)

test('the family is found by its name', () => {
  expect(family).toBe(0x20)
  expect(encoded(findFamily(WIREGUARD))).toBe(sentIn('wireguard-set')[0])
  expect(() => parseFamily(Buffer.alloc(4))).toThrow('has no number')
})

test('a key, a port, a mark and peers with what they are allowed', () => {
  const requests = setWireguard(family, {
    ...{ target, name: 'wg0', privateKey: ALICE, port: 51820, fwmark: 0x10 },
    peers: [
      { key: BOB, allowed: ['10.9.0.2/32', '2001:db8::2/128', '192.0.2.0/24'] },
      { key: keyOf(9), allowed: ['10.9.0.9/32'] },
    ],
  })
  expect(requests.map(encoded)).toEqual(sentIn('wireguard-set').slice(1))
})

test('endpoints of both families, and how often one is told that this one is there', () => {
  const requests = setWireguard(family, {
    ...{ target, name: 'wg0' },
    peers: [
      { key: BOB, endpoint: { address: '10.0.0.1', port: 51820 }, keepaliveSeconds: 25 },
      { key: keyOf(9), endpoint: { address: '2001:db8::9', port: 65535 } },
    ],
  })
  expect(requests.map(encoded)).toEqual(sentIn('wireguard-start').slice(1))
})

test('a crowd goes over as many messages as it takes, and so does one peer of it', () => {
  const peers = Array.from({ length: 60 }, (_, at): PeerChange => {
    const n = at + 1
    return { key: keyOf(n), allowed: n === 30 ? PREFIXES : [`10.9.0.${n}/32`, `fd09::${n}/128`] }
  })
  const requests = setWireguard(family, { target, name: 'wg0', peers })
  expect(requests).toHaveLength(4)
  expect(requests.map(encoded)).toEqual(sentIn('wireguard-crowd').slice(1))
})

test('there is a message without peers, and one that says nothing but the name', () => {
  const [only, ...more] = setWireguard(family, { target, name: 'wg0', privateKey: ALICE, peers: [] })
  expect(more).toEqual([])
  expect(encoded(only as Request).replaceAll(' ', '')).toContain(Buffer.from(ALICE, 'base64').toString('hex'))
  expect(setWireguard(family, { target, name: 'wg0', peers: [] })).toHaveLength(1)
})

test('a device is read as wg(8) reads it', () => {
  expect(encoded(getWireguard(family, { target, name: 'wg0' }))).toBe(sentIn('wireguard-get')[1])
  const info = parseWireguard(payloads('wireguard-get', family))
  expect(info).toMatchObject({ name: 'wg0', privateKey: ALICE_CLAMPED, publicKey: ALICE_PUBLIC })
  const sections = [
    `[Interface]\nListenPort = ${info.port}\nFwMark = 0x${info.fwmark.toString(16)}\nPrivateKey = ${info.privateKey}\n`,
    ...info.peers.map(({ key, allowed, endpoint, keepaliveSeconds }) => {
      const host = endpoint?.address.includes(':') ? `[${endpoint.address}]` : endpoint?.address
      const keepalive = keepaliveSeconds === 0 ? '' : `PersistentKeepalive = ${keepaliveSeconds}\n`
      const list = allowed.join(', ')
      return `[Peer]\nPublicKey = ${key}\nAllowedIPs = ${list}\nEndpoint = ${host}:${endpoint?.port}\n${keepalive}`
    }),
  ]
  expect(sections.join('\n')).toBe(capture('wireguard-get').shown)
  expect(info.peers.map(({ allowed }) => allowed.length).sort()).toEqual([2, 300])
  for (const { latestHandshakeSeconds, receivedBytes } of info.peers)
    expect([latestHandshakeSeconds, receivedBytes]).toEqual([0, 0])
})
