// WireGuard: tunnels carry packets at once, and the kernel has the keys, peers and endpoints that were computed.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Lab, parseTopology, resolveTopology } from '../../dist/index.js'

async function withLab(text, check) {
  const lab = await Lab.up(text)
  try {
    await check(lab)
  } finally {
    await lab.down()
  }
}

const reaches = async (lab, from, to) => (await lab.node(from).ping(to, { count: 1 })).received === 1

/** By `NODE:INTERFACE`. */
async function read(lab) {
  const { nodes } = await lab.inspect()
  const all = nodes.flatMap(({ name, interfaces }) =>
    interfaces.map((each) => [`${name}:${each.name}`, each.wireguard]),
  )
  return Object.fromEntries(all.filter(([, wireguard]) => wireguard !== undefined))
}

// r1 ── core ── r2
//        └── r3, which nobody can write to first: it has no port
const TRIANGLE = `name: wireguard
defaults: {node: {kind: router}}
nodes:
  core: {}
  r1: {interfaces: {wg0: {kind: wireguard, port: 51820, addresses: [10.9.0.1/24, "fd09::1/64"], peers: {r2: {}, r3: {}}}}}
  r2: {interfaces: {wg0: {kind: wireguard, port: 51821, fwmark: 16, addresses: [10.9.0.2/24, "fd09::2/64"], peers: {r1: {endpoint: eth0}, r3: {}}}}}
  r3: {interfaces: {wg0: {kind: wireguard, key: dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=, addresses: [10.9.0.3/24, "fd09::3/64"], peers: {r1: {keepalive: 25s}, r2: {keepalive: 25s}}}}}
links: [[r1, core], [r2, core], [r3, core]]`

export const tests = {
  'every node reaches every other through the tunnels, both families': () =>
    withLab(TRIANGLE, async (lab) => {
      for (const [node, others] of [
        ['r1', [2, 3]],
        ['r2', [1, 3]],
        ['r3', [1, 2]],
      ]) {
        for (const other of others) {
          assert.ok(await reaches(lab, node, `10.9.0.${other}`), `${node} to 10.9.0.${other}`)
          assert.ok(await reaches(lab, node, `fd09::${other}`), `${node} to fd09::${other}`)
        }
      }
      for (const [name, { peers }] of Object.entries(await read(lab))) {
        for (const { latestHandshake, receivedBytes, sentBytes } of peers) {
          assert.ok(Date.parse(latestHandshake) > 0 && receivedBytes > 0 && sentBytes > 0, name)
        }
      }
    }),

  'the kernel has the keys, ports and peers of the plan': () =>
    withLab(TRIANGLE, async (lab) => {
      const planned = resolveTopology(parseTopology(TRIANGLE)).nodes.flatMap(({ name, interfaces }) =>
        interfaces.flatMap(({ settings }) => (settings?.kind === 'wireguard' ? [[`${name}:wg0`, settings]] : [])),
      )
      assert.equal(planned.length, 3)
      const kernel = await read(lab)
      for (const [name, settings] of planned) {
        const { publicKey, port, peers } = kernel[name]
        assert.equal(publicKey, settings.publicKey)
        assert.ok(settings.port === undefined ? port > 0 : port === settings.port)
        const byKey = new Map(peers.map((peer) => [peer.key, peer]))
        assert.equal(byKey.size, settings.peers.length)
        for (const peer of settings.peers) {
          const { endpoint, allowed, keepaliveSeconds } = byKey.get(peer.key)
          assert.deepEqual(allowed.toSorted(), peer.allowed.toSorted())
          assert.equal(keepaliveSeconds, peer.keepaliveSeconds ?? 0)
          if (peer.endpoint) assert.equal(endpoint, `${peer.endpoint.address}:${peer.endpoint.port}`)
        }
      }
      // RFC 7748 section 6.1
      assert.equal(kernel['r3:wg0'].publicKey, 'hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=')
    }),

  'the sites of topologies/wireguard.yaml talk through the tunnel, and nothing of it shows': () =>
    withLab(readFileSync(new URL('../../topologies/wireguard.yaml', import.meta.url), 'utf8'), async (lab) => {
      assert.ok(await reaches(lab, 'laptop', '10.9.0.1'))
      assert.ok(await reaches(lab, 'r1', '10.9.0.3'))
      const before = await read(lab)
      assert.ok(await reaches(lab, 'h1', '203.0.113.1'))
      assert.ok(await reaches(lab, 'h1', '2001:db8:2::1'))
      const [was, is] = [before, await read(lab)].map((all) => all['r2:wg0'].peers[0])
      // Two packets of 84 and 104 bytes, in messages of data with 32 bytes more, padded to 16.
      assert.ok(is.receivedBytes - was.receivedBytes >= 84 + 104, `${was.receivedBytes} and ${is.receivedBytes}`)
    }),

  'of two with a keepalive, both reach the other at the same moment': () =>
    withLab(
      `name: wireguard
nodes:
  a: {interfaces: {wg0: {kind: wireguard, port: 1, addresses: [10.9.0.1/24], peers: {b: {keepalive: 25s}}}}}
  b: {interfaces: {wg0: {kind: wireguard, port: 1, addresses: [10.9.0.2/24], peers: {a: {keepalive: 25s}}}}}
links: [[a, b]]`,
      async (lab) => {
        const both = await Promise.all([reaches(lab, 'a', '10.9.0.2'), reaches(lab, 'b', '10.9.0.1')])
        assert.deepEqual(both, [true, true])
        for (const { peers } of Object.values(await read(lab))) assert.equal(peers[0].keepaliveSeconds, 25)
      },
    ),

  'tunnels that cannot be opened yet do not keep the lab from standing': () =>
    withLab(
      `name: wireguard
routing: none
defaults: {node: {kind: router}}
nodes:
  a: {interfaces: {wg0: {kind: wireguard, port: 1, addresses: [10.9.0.1/24], peers: {b: {keepalive: 25s}}}}}
  b: {interfaces: {wg0: {kind: wireguard, port: 1, addresses: [10.9.0.2/24], peers: {a: {keepalive: 25s}}}}}
  r: {}
links: [[a, r], [r, b]]`,
      async (lab) => {
        for (const { peers } of Object.values(await read(lab))) assert.equal(peers[0].latestHandshake, null)
      },
    ),

  'more peers than a message has room for': () => {
    const peers = Array.from({ length: 200 }, (_, at) => {
      const key = Buffer.alloc(32, at + 1).toString('base64')
      return `p${at}: {key: "${key}", endpoint: "192.0.2.1:${at + 1}", allowed: [10.8.${at}.0/24, "fd08::${at}/128"]}`
    })
    const text = `name: wireguard\nnodes: {a: {interfaces: {wg0: {kind: wireguard, peers: {${peers.join(', ')}}}}}}`
    return withLab(text, async (lab) => {
      const { peers } = (await read(lab))['a:wg0']
      assert.equal(peers.length, 200)
      for (const { key, endpoint, allowed } of peers) {
        const at = Buffer.from(key, 'base64')[0] - 1
        assert.equal(endpoint, `192.0.2.1:${at + 1}`)
        assert.equal(allowed.length, 2)
      }
    })
  },

  'a port that is taken is refused with the interface’s name, and nothing is left': async () => {
    const text = TRIANGLE.replace('port: 51820', 'port: 4789').replace(
      '{wg0: {kind: wireguard, port: 4789',
      '{vx: {kind: vxlan, id: 1, remote: r2}, wg0: {kind: wireguard, port: 4789',
    )
    await assert.rejects(Lab.up(text), /r1:wg0.*(?:EADDRINUSE|in use)/s)
    assert.deepEqual(Lab.list(), [])
  },
}
