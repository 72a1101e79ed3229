// Segments that follow frames: the first ping passes between all that share a VLAN or a stretched LAN.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { Lab } from '../../dist/index.js'

async function everyHostReaches(text) {
  const lab = await Lab.up(text)
  try {
    for (const family of [4, 6]) {
      const { pairs } = await lab.pingAll({ family })
      assert.ok(pairs.length > 0)
      assert.deepEqual(
        pairs.filter(({ sent, received }) => received < sent),
        [],
        `IPv${family}`,
      )
    }
    const { nodes } = await lab.inspect()
    const { pid } = nodes.find(({ name }) => name === 'h1')
    return JSON.parse(execFileSync('nsenter', ['-t', String(pid), '-U', '-n', 'ip', '-j', 'link', 'show', 'eth0']))[0]
      .mtu
  } finally {
    await lab.down()
  }
}

//   h1 ── r1 ── r2 ── h2
//          └─────┘ tunnel
const stretched = (kind, more) => `
name: stretched
nodes:
  h1: {}
  r1: { kind: router, interfaces: { t: {kind: ${kind}, remote: "r2:eth1"${more}}, br0: {kind: bridge, members: [eth0, t]} } }
  r2: { kind: router, interfaces: { t: {kind: ${kind}, remote: "r1:eth1"${more}}, br0: {kind: bridge, members: [eth0, t]} } }
  h2: {}
links: [[h1, r1], [h2, r2], [r1, r2]]`

export const tests = {
  'VXLAN stretches a LAN': async () => assert.equal(await everyHostReaches(stretched('vxlan', ', id: 7')), 1450),
  'Geneve stretches a LAN': async () => assert.equal(await everyHostReaches(stretched('geneve', ', id: 7')), 1450),
  'GRE stretches a LAN': async () => assert.equal(await everyHostReaches(stretched('gretap', '')), 1462),
  'GRE over IPv6 stretches a LAN': async () => assert.equal(await everyHostReaches(stretched('ip6gretap', '')), 1434),
  'hosts with a tag, a VLAN of the bridge itself and a bridge without VLANs between are on one segment': async () => {
    const mtu = await everyHostReaches(`
name: tagged
nodes:
  h1: {}
  h2: { interfaces: { v10: {kind: vlan, parent: eth0, id: 10} } }
  r: { kind: router, interfaces: { br0: {kind: bridge, members: [eth0], vlans: {br0: {tagged: [10]}, eth0: {tagged: [10]}}}, br0.10: {kind: vlan, parent: br0, id: 10} } }
  far: {}
  plain: { kind: switch }
  s: { kind: switch, interfaces: { br0: {kind: bridge, vlans: {eth0: {untagged: 10}, eth1: {tagged: [10]}}} } }
links: [[h1, s], [s, plain], [h2, plain], [r, plain], [r, far]]`)
    assert.equal(mtu, 1500)
  },
}
