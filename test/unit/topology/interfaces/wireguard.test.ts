// WireGuard interfaces: keys, who is whose peer, where it is, what it may send from, and what is refused where.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WireguardSettings } from '../../../../src/model/interfaces/wireguard.js'
import type { ResolvedTopology } from '../../../../src/model/resolved.js'
import { buildPlan, planLab } from '../../../../src/plan/build.js'
import { configOf, devicesOf } from '../../../../src/plan/flatten.js'
import { explain } from '../../../../src/plan/say/explain.js'
import { endpointText, parseEndpoint } from '../../../../src/topology/values/endpoint.js'
import { clamped, labKey, publicKey } from '../../../../src/topology/values/wireguard-keys.js'
import { nodeOf, resolve, shown } from '../support.js'

const ofHex = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

// RFC 7748 section 6.1
const ALICE = ofHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
const ALICE_PUBLIC = ofHex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')
const BOB = ofHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
const BOB_PUBLIC = ofHex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')

const settingsOf = (lab: ResolvedTopology, node: string, name = 'wg0'): WireguardSettings => {
  const settings = nodeOf(lab, node).interfaces.find((each) => each.name === name)?.settings
  if (settings?.kind !== 'wireguard') throw new Error(`${node} has no ${name}`)
  return settings
}

/** The only peer of a's wg0. */
const peerOf = (text: string, node = 'a') => settingsOf(resolve(text), node).peers[0]

const DEVICE = (rest: string) => `wg0: {kind: wireguard, ${rest}}`
/** a and b, with a link; the settings of each one's wg0. */
const PAIR = (a: string, b = 'port: 51820, addresses: [192.0.2.2/24]') =>
  `name: x\nnodes: {a: {interfaces: {${DEVICE(a)}}}, b: {interfaces: {${DEVICE(b)}}}}\nlinks: [[a, b]]`

describe('keys', () => {
  test('a public key is the one of RFC 7748', () => {
    expect(publicKey(ALICE)).toBe(ALICE_PUBLIC)
    expect(publicKey(BOB)).toBe(BOB_PUBLIC)
  })

  test('a key of a lab is the same for ever: HKDF-SHA-256 of the names, clamped', () => {
    // What `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "key:lab:r1:wg0" -kdfopt "salt:nslab wireguard 1"
    // -kdfopt "info:private key" HKDF` says, with the bits of RFC 7748 section 5 set.
    expect(labKey('lab', 'r1', 'wg0')).toBe('APHsPz6yGbG1vVoryTxEYDF0F+bxBwmrK6NwvMn/W1g=')
    expect(labKey('lab', 'r1', 'wg1')).not.toBe(labKey('lab', 'r1', 'wg0'))
    expect(labKey('lab', 'r2', 'wg0')).not.toBe(labKey('lab', 'r1', 'wg0'))
    expect(labKey('other', 'r1', 'wg0')).not.toBe(labKey('lab', 'r1', 'wg0'))
  })

  test('a key that is clamped has the same public key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = Buffer.from(bytes).toString('base64')
        const [first, last] = [0, 31].map((at) => Buffer.from(clamped(key), 'base64')[at] as number)
        expect([(first as number) & 7, (last as number) >> 6]).toEqual([0, 1])
        expect(publicKey(clamped(key))).toBe(publicKey(key))
      }),
      { numRuns: 50 },
    )
  })

  test('one that is written is taken, as the kernel keeps it', () => {
    const lab = resolve(PAIR(`key: "${ALICE}", peers: {b: {}}`, `addresses: [192.0.2.2/24], peers: {a: {allowed: []}}`))
    expect(settingsOf(lab, 'a')).toMatchObject({ key: clamped(ALICE), publicKey: ALICE_PUBLIC })
    expect(settingsOf(lab, 'b').peers[0]?.key).toBe(ALICE_PUBLIC)
    expect(settingsOf(lab, 'b').key).toBe(labKey('x', 'b', 'wg0'))
  })
})

describe('a peer', () => {
  test('of the lab has a computed key, endpoint and prefixes', () => {
    const two = 'port: 51820, addresses: [192.0.2.2/24, "2001:db8::2/64", "fe80::2/64"]'
    expect(peerOf(PAIR('peers: {b: {}}', two))).toEqual({
      name: 'b',
      interface: { node: 'b', interface: 'wg0' },
      key: publicKey(labKey('x', 'b', 'wg0')),
      endpoint: { address: '10.0.0.1', port: 51820 },
      allowed: ['192.0.2.2/32', '2001:db8::2/128'],
    })
    expect(peerOf(PAIR('peers: {b: {keepalive: 25}}', two))?.keepaliveSeconds).toBe(25)
    expect(peerOf(PAIR('peers: {"b:wg0": {keepalive: 1m5s}}', two))).toMatchObject({
      name: 'b:wg0',
      keepaliveSeconds: 65,
    })
  })

  test('outside the lab has what is written', () => {
    const text = PAIR(
      `peers: {phone: {key: "${BOB_PUBLIC}", endpoint: "[2001:DB8::1]:7", allowed: ["2001:DB8:0::/32"]}}`,
    )
    expect(peerOf(text)).toEqual({
      ...{ name: 'phone', interface: null, key: BOB_PUBLIC, allowed: ['2001:db8::/32'] },
      endpoint: { address: '2001:db8::1', port: 7 },
    })
  })

  test.each([
    ['port: 5, addresses: [192.0.2.2/24]', '{}', { address: '10.0.0.1', port: 5 }],
    ['addresses: [192.0.2.2/24]', '{}', null],
    ['addresses: [192.0.2.2/24]', '{endpoint: "198.51.100.1:7"}', { address: '198.51.100.1', port: 7 }],
    ['port: 5, addresses: [192.0.2.2/24]', '{endpoint: 198.51.100.1}', { address: '198.51.100.1', port: 5 }],
    ['port: 5, addresses: [192.0.2.2/24]', '{endpoint: "FD00::1"}', { address: 'fd00::1', port: 5 }],
    ['port: 5, addresses: [192.0.2.2/24]', '{endpoint: eth0}', { address: '10.0.0.1', port: 5 }],
  ])('with %s, as %s, is reached at %j', (b, peer, endpoint) => {
    expect(peerOf(PAIR(`peers: {b: ${peer}}`, b))?.endpoint).toEqual(endpoint)
  })

  // a ── r ── b, and a ── c: never through the tunnel itself
  test('is reached on a subnet of both, else at what its name stands for, IPv4 first', () => {
    const wg = (peers: string, address: string) =>
      `interfaces: {${DEVICE(`port: 5, addresses: [${address}], peers: {${peers}}`)}}`
    const text = (families: string) => `families: ${families}
nodes:
  a: {kind: router, ${wg('b: {}, c: {}', '10.9.0.1/24')}}
  b: {kind: router, ${wg('a: {}, c: {}', '10.9.0.2/24')}}
  c: {${wg('a: {}, b: {}', '10.9.0.3/24')}}
  r: {kind: router}
links: [[a, r], [r, b], [a, c]]`
    const endpoints = (lab: ResolvedTopology, node: string) =>
      settingsOf(lab, node).peers.map(({ name, endpoint }) => `${name} ${endpoint?.address}`)
    const lab = resolve(text('[4, 6]'))
    expect(endpoints(lab, 'a')).toEqual(['b 10.255.0.2', 'c 10.0.0.5'])
    expect(endpoints(lab, 'b')).toEqual(['a 10.255.0.1', 'c 10.0.0.5'])
    expect(endpoints(lab, 'c')).toEqual(['a 10.0.0.4', 'b 10.255.0.2'])
    const ipv6 = resolve(text('[6]').replaceAll(/10\.9\.0\.(.)\/24/g, '"fd09::$1/64"'))
    for (const node of ['a', 'b', 'c']) for (const each of endpoints(ipv6, node)) expect(each).toMatch(/ fd00:/)
  })

  test('of its own may be another interface of a node that has several', () => {
    const text = `name: x
nodes:
  a: {interfaces: {${DEVICE('addresses: [192.0.2.1/24], peers: {"b:wg1": {}}')}}}
  b: {interfaces: {wg0: {kind: wireguard, port: 1, addresses: [198.51.100.8/24]}, wg1: {kind: wireguard, port: 2, addresses: [192.0.2.9/24], peers: {a: {}}}}}
links: [[a, b]]`
    expect(peerOf(text)).toMatchObject({ endpoint: { port: 2 }, allowed: ['192.0.2.9/32'] })
  })
})

describe('the plan', () => {
  const TEXT = PAIR(
    `port: 1, fwmark: 0x10, addresses: [192.0.2.1/24], peers: {b: {keepalive: 25s}, c: {key: "${BOB_PUBLIC}", allowed: []}}`,
    'port: 2, addresses: [192.0.2.2/24], peers: {a: {endpoint: "fd00::"}}',
  )

  test('a device has its peers before it is up, and where they are when all nodes are ready', () => {
    const plan = buildPlan(resolve(TEXT))
    const { start } = plan
    expect(devicesOf(plan).map(({ op }) => op)).toEqual(['link.add', 'link.add', 'veth.add'])
    const ofWg0 = plan.nodes
      .flatMap(configOf)
      .filter((op) => op.node === 'a' && 'interface' in op && op.interface === 'wg0')
    expect(ofWg0.map(({ op }) => op)).toEqual(['wireguard.set', 'link.up', 'address.add'])
    expect(start.map((round) => round.map(({ op, node }) => `${op} ${node}`))).toEqual([
      ['wireguard.start a', 'wireguard.start b'],
    ])
    expect(planLab(resolve(TEXT)).slice(-2)).toEqual(start.flat())
  })

  test('of two with a keepalive, the second begins when it has heard from the first', () => {
    const own = (address: string, peers: string) => `port: 1, addresses: [${address}/24], peers: {${peers}}`
    const starts = (a: string, b: string) =>
      buildPlan(resolve(PAIR(own('192.0.2.1', a), own('192.0.2.2', b)))).start.map((round) =>
        round.map(({ node, peers, opens }) => {
          const [peer] = peers
          const said = [peer?.endpoint && 'endpoint', peer?.keepaliveSeconds].filter((each) => each)
          return `${node}: ${said.join(' ')}${opens.map((each) => ` opens ${each.node}:${each.interface}`)}`
        }),
      )
    expect(starts('b: {keepalive: 5s}', 'a: {keepalive: 6s}')).toEqual([
      ['a: endpoint 5 opens b:wg0', 'b: endpoint'],
      ['b: 6'],
    ])
    expect(starts('b: {}', 'a: {keepalive: 6s}')).toEqual([['a: endpoint', 'b: endpoint 6 opens a:wg0']])
    expect(starts('b: {}', 'a: {}')).toEqual([['a: endpoint', 'b: endpoint']])
    expect(starts('b: {keepalive: 5s}', '')).toEqual([['a: endpoint 5']])
  })

  test('it says the commands that do the same', () => {
    const commands = explain(planLab(resolve(TEXT))).flatMap(({ op, command }) =>
      op.startsWith('wireguard') ? [command] : [],
    )
    const [a, b] = ['a', 'b'].map((node) => labKey('x', node, 'wg0')) as [string, string]
    expect(commands).toEqual([
      `echo ${a} | ip netns exec a wg set wg0 private-key /dev/stdin listen-port 1 fwmark 16 ` +
        `peer ${publicKey(b)} allowed-ips 192.0.2.2/32 peer ${BOB_PUBLIC} allowed-ips ""`,
      `echo ${b} | ip netns exec b wg set wg0 private-key /dev/stdin listen-port 2 peer ${publicKey(a)} allowed-ips 192.0.2.1/32`,
      `ip netns exec a wg set wg0 peer ${publicKey(b)} endpoint 10.0.0.1:2 persistent-keepalive 25`,
      `ip netns exec b wg set wg0 peer ${publicKey(a)} endpoint [fd00::]:1`,
    ])
  })

  test('a packet in the tunnel has room for both families’ headers outside', () => {
    const mtuOf = (text: string) => nodeOf(resolve(text), 'a').interfaces.find(({ name }) => name === 'wg0')?.mtu
    expect(mtuOf(PAIR('port: 1'))).toBe(1420)
    expect(mtuOf(PAIR(`key: "${ALICE}", mtu: 1380`))).toBe(1380)
    expect(mtuOf(PAIR('port: 1').replace('[[a, b]]', '[{endpoints: [a, b], mtu: 1400}]'))).toBe(1320)
  })
})

describe('the user is told', () => {
  const peers = (a: string, b: string) => PAIR(`addresses: [192.0.2.1/24], ${a}`, `addresses: [192.0.2.2/24], ${b}`)

  test.each([
    [peers('peers: {b: {}}', 'port: 1'), ['a:wg0 has the peer b:wg0, which does not have a:wg0: they will not talk']],
    [
      peers('peers: {b: {}}', 'peers: {a: {}}'),
      ['neither a:wg0 nor b:wg0 knows where the other is: one of them needs a `port`'],
    ],
    [peers('peers: {b: {}}', 'port: 1, peers: {a: {}}'), []],
    [peers(`peers: {c: {key: "${BOB_PUBLIC}", allowed: []}}`, 'port: 1'), []],
  ])('%#', (text, warnings) => {
    expect(resolve(text).warnings).toEqual(warnings)
  })
})

describe('refused', () => {
  const at = 'nodes.a.interfaces.wg0'
  const BAD_KEY = 'this is no key: 32 bytes in base64, as `wg genkey` and `wg pubkey` print them'
  const ENDPOINT =
    'is neither ADDRESS:PORT, such as 192.0.2.1:51820 or [2001:db8::1]:51820, nor an address nor an interface'

  test.each([
    ['port: 0', `${at}.port: a port is 1 to 65535`],
    ['port: 65536', `${at}.port: a port is 1 to 65535`],
    ['port: wg', `${at}.port: expected a number, got "wg"`],
    ['fwmark: 0', `${at}.fwmark: a mark is 1 to 4294967295`],
    ['fwmark: 4294967296', `${at}.fwmark: a mark is 1 to 4294967295`],
    ['key: secret', `${at}.key: ${BAD_KEY}`],
    [`key: "${ALICE.slice(0, -2)}="`, `${at}.key: ${BAD_KEY}`],
    [`key: "${ofHex('00'.repeat(32))}"`, `${at}.key: a key cannot be all zeros`],
    [
      'mac: "02:00:00:00:00:01"',
      `${at}.mac: unknown key mac; there are kind, addresses, mtu, up, key, port, fwmark, peers`,
    ],
    ['peers: [b]', `${at}.peers: expected a map, got a list`],
    ['peers: {b: 3}', `${at}.peers.b: expected a map, got 3`],
    ['peers: {b: {allowd: []}}', `${at}.peers.b.allowd: unknown key allowd; did you mean allowed?`],
    ['peers: {bb: {}}', `${at}.peers.bb: there is no node bb; did you mean b?`],
    ['peers: {phone: {}}', `${at}.peers.phone: there is no node phone; a peer outside the lab needs its \`key\``],
    ['peers: {a: {}}', `${at}.peers.a: a is the node itself; a peer is another one`],
    ['peers: {"a:wg0": {}}', `${at}.peers.a:wg0: a:wg0 is the interface itself; a peer is another one`],
    ['peers: {"b:wg1": {}}', `${at}.peers.b:wg1: b has no interface wg1 of kind wireguard; did you mean wg0?`],
    ['peers: {"b:eth0": {}}', `${at}.peers.b:eth0: b has no interface eth0 of kind wireguard; it has wg0`],
    [
      'peers: {b.wg0: {}}',
      `${at}.peers.b.wg0: b.wg0: a peer is called NODE or NODE:INTERFACE, or by a name of its own if it is outside; did you mean b:wg0?`,
    ],
    ['peers: {b: {}, "b:wg0": {}}', `${at}.peers.b:wg0: b:wg0 is the same peer as b: they have one key`],
    [
      `peers: {b: {key: "${BOB_PUBLIC}"}}`,
      `${at}.peers.b.key: b is a node of this lab, and its public key is computed`,
    ],
    ['peers: {c: {key: me, allowed: []}}', `${at}.peers.c.key: ${BAD_KEY}`],
    [
      `peers: {c: {key: "${BOB_PUBLIC}"}}`,
      `${at}.peers.c: c is outside the lab: write the prefixes that it may send from as \`allowed\``,
    ],
    [`key: "${BOB}", peers: {c: {key: "${BOB_PUBLIC}", allowed: []}}`, `${at}.peers.c: c has the key of a:wg0 itself`],
    [
      'peers: {b: {allowed: [192.0.2.1/24]}}',
      `${at}.peers.b.allowed.0: 192.0.2.1/24 has host bits set; the network is 192.0.2.0/24`,
    ],
    ['peers: {b: {allowed: [192.0.2.1]}}', /allowed\.0: 192\.0\.2\.1 is not PREFIX\/LENGTH/],
    [
      `peers: {b: {}, c: {key: "${BOB_PUBLIC}", allowed: [192.0.2.2/32]}}`,
      `${at}.peers.c.allowed.0: 192.0.2.2/32 is allowed to b already; only one peer can have it`,
    ],
    ['peers: {b: {keepalive: true}}', /keepalive: expected a number or a text, got true/],
    ['peers: {b: {keepalive: 65536}}', `${at}.peers.b.keepalive: a keepalive is 1s to 65535s, in whole seconds`],
    ['peers: {b: {keepalive: 0s}}', `${at}.peers.b.keepalive: a keepalive is 1s to 65535s, in whole seconds`],
    ['peers: {b: {keepalive: -1s}}', `${at}.peers.b.keepalive: a keepalive is 1s to 65535s, in whole seconds`],
    ['peers: {b: {keepalive: 1.5s}}', `${at}.peers.b.keepalive: a keepalive is 1s to 65535s, in whole seconds`],
    ['peers: {b: {keepalive: 1d}}', `${at}.peers.b.keepalive: a keepalive is 1s to 65535s, in whole seconds`],
    ['peers: {b: {keepalive: soon}}', /keepalive: "soon" is not a duration/],
    ['peers: {b: {endpoint: eth9}}', `${at}.peers.b.endpoint: b has no interface eth9; did you mean eth0?`],
    ['peers: {b: {endpoint: lo}}', `${at}.peers.b.endpoint: b:lo has no address`],
    [
      'peers: {b: {endpoint: "[fe80::1]:5"}}',
      `${at}.peers.b.endpoint: fe80::1 is valid on its link alone; no peer is reached there`,
    ],
    [
      'peers: {b: {endpoint: 239.1.1.1}}',
      `${at}.peers.b.endpoint: 239.1.1.1 is a multicast address; no peer is reached there`,
    ],
    ['peers: {b: {endpoint: "192.0.2.1:0"}}', `${at}.peers.b.endpoint: a port is 1 to 65535, which 0 is not`],
    ['peers: {b: {endpoint: "192.0.2.1:65536"}}', `${at}.peers.b.endpoint: a port is 1 to 65535, which 65536 is not`],
    ['peers: {b: {endpoint: "vpn.example.com:51820"}}', `${at}.peers.b.endpoint: vpn.example.com:51820 ${ENDPOINT}`],
    [
      `peers: {c: {key: "${BOB_PUBLIC}", allowed: [], endpoint: eth0}}`,
      `${at}.peers.c.endpoint: for a peer outside the lab, write ADDRESS:PORT, such as 192.0.2.1:51820`,
    ],
  ])('%s', (a, fault) => {
    const faults = shown(PAIR(a)).map((each) => each.replace(/^\d+:\d+ /, ''))
    expect(faults).toEqual([fault instanceof RegExp ? expect.stringMatching(fault) : fault])
  })

  test.each([
    [
      PAIR('peers: {b: {}}', 'port: 1'),
      '2:57',
      'b:wg0 has no addresses: write the prefixes that it may send from as `allowed`',
    ],
    [
      PAIR('peers: {b: {endpoint: eth0}}', 'addresses: [192.0.2.2/24]'),
      '2:71',
      'b:wg0 has no `port`; give it one, or write ADDRESS:PORT',
    ],
    [
      'nodes: {a: {interfaces: {wg0: {kind: wireguard, peers: {b: {}}}}}, b: {}}',
      '1:57',
      'b has no interface of kind wireguard',
    ],
    [
      'nodes: {a: {interfaces: {wg0: {kind: wireguard, port: 1}, wg1: {kind: wireguard, port: 1}}}}',
      '1:88',
      "port 1 is wg0's already",
    ],
    [
      'nodes: {a: {interfaces: {wg0: {kind: wireguard, peers: {b: {}}}}}, b: {interfaces: {wg0: {kind: wireguard}, wg1: {kind: wireguard}}}}',
      '1:57',
      'b has wg0 and wg1: write which, such as b:wg0',
    ],
    [
      'nodes: {a: {interfaces: {wg0: {kind: wireguard}, br0: {kind: bridge, members: [wg0]}}}}',
      '1:80',
      'wg0 is a wireguard, which cannot be a member of a bridge',
    ],
  ])('%s', (text, place, message) => {
    const [fault, ...more] = shown(text)
    expect(more).toEqual([])
    expect(fault).toMatch(new RegExp(`^${place} `))
    expect(fault).toContain(message)
  })
})

test('an endpoint that is written is read back', () => {
  const endpoint = fc.record({
    address: fc.constantFrom('192.0.2.1', '10.0.0.0', '2001:db8::1', 'fd00::'),
    port: fc.integer({ min: 1, max: 65_535 }),
  })
  fc.assert(
    fc.property(endpoint, (each) => {
      expect(parseEndpoint(endpointText(each))).toEqual(each)
    }),
  )
})
