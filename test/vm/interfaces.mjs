// Interfaces of the kinds that few kernels have but distributions' have: they are there, and carry packets at once.
import assert from 'node:assert/strict'
import { Lab } from '../../dist/index.js'

async function ip(lab, node, ...args) {
  const { stdout, stderr, exitCode } = await lab.node(node).exec(['ip', '-j', ...args], { cwd: '/' })
  assert.equal(exitCode, 0, stderr)
  return stdout.trim() === '' ? [] : JSON.parse(stdout)
}

const details = async (lab, node, name) => (await ip(lab, node, '-d', 'link', 'show', name))[0].linkinfo

async function reaches(lab, from, to) {
  const { received } = await lab.node(from).ping(to, { count: 1 })
  return received === 1
}

async function withLab(text, check) {
  const lab = await Lab.up(`name: kinds\n${text}`)
  try {
    await check(lab)
  } finally {
    await lab.down()
  }
}

/** Both ends of one kind of tunnel between two routers. */
const tunnel = (kind, addresses, more = '') => `nodes:
  r: {kind: router, interfaces: {t: {kind: ${kind}, remote: q, addresses: [${addresses[0]}]${more}}}}
  q: {kind: router, interfaces: {t: {kind: ${kind}, remote: r, addresses: [${addresses[1]}]${more}}}}
links: [[r, q]]`

const tunnels = {
  gre: [['172.31.0.1/30', '172.31.0.2/30'], ', key: 7'],
  gretap: [['172.31.0.1/30', '172.31.0.2/30']],
  ip6gre: [['172.31.0.1/30', '172.31.0.2/30']],
  ip6gretap: [['172.31.0.1/30', '172.31.0.2/30']],
  ipip: [['172.31.0.1/30', '172.31.0.2/30']],
  sit: [['"2001:db8::1/64"', '"2001:db8::2/64"']],
  ip6tnl: [['172.31.0.1/30', '172.31.0.2/30']],
  geneve: [['172.31.0.1/30', '172.31.0.2/30'], ', id: 3'],
  vxlan: [['172.31.0.1/30', '172.31.0.2/30'], ', id: 3'],
}

export const tests = {
  ...Object.fromEntries(
    Object.entries(tunnels).map(([kind, [addresses, more]]) => [
      kind,
      () =>
        withLab(tunnel(kind, addresses, more), async (lab) => {
          assert.equal((await details(lab, 'r', 't')).info_kind, kind)
          assert.ok(await reaches(lab, 'r', addresses[1].replace(/"|\/.*/g, '')))
        }),
    ]),
  ),

  'vlan on a bond': () =>
    withLab(
      `nodes:
  h1: {interfaces: {bond0: {kind: bond, members: [eth0, eth1], primary: eth1}, v10: {kind: vlan, parent: bond0, id: 10, addresses: [192.0.2.1/24]}}}
  h2:
    interfaces:
      bond0: {kind: bond, members: [eth0, eth1], mode: active-backup, primary: eth1, updelay: 100}
      v10: {kind: vlan, parent: bond0, id: 10, addresses: [192.0.2.2/24]}
links: [[h1, h2], [h1, h2]]`,
      async (lab) => {
        assert.ok(await reaches(lab, 'h1', '192.0.2.2'))
        assert.ok(await reaches(lab, 'h1', 'h2'))
        assert.equal((await details(lab, 'h1', 'v10')).info_data.id, 10)
        const bond = (await details(lab, 'h2', 'bond0')).info_data
        assert.deepEqual([bond.mode, bond.primary, bond.updelay], ['active-backup', 'eth1', 100])
      },
    ),

  'VLANs on a bridge': () =>
    withLab(
      `nodes:
  a: {}
  b: {}
  c: {}
  s: {kind: switch, interfaces: {br0: {kind: bridge, vlans: {eth0: {untagged: 10}, eth1: {untagged: 10}, eth2: {untagged: 20}}}}}
links: [[a, s], [b, s], [c, s]]`,
      async (lab) => {
        assert.ok(await reaches(lab, 'a', 'b'))
        assert.ok(!(await reaches(lab, 'a', 'c')))
      },
    ),

  'vrf, dummy and ipvlan': () =>
    withLab(
      `nodes:
  a: {}
  r:
    kind: router
    interfaces:
      red: {kind: vrf, table: 10, members: [eth0]}
      blue: {kind: vrf, table: 20, members: [d0]}
      d0: {kind: dummy, addresses: [198.51.100.1/24]}
      iv: {kind: ipvlan, parent: eth1, mode: l2, addresses: [192.0.2.1/24]}
    routes: [{to: 203.0.113.0/24, via: 10.0.0.0}]
  b: {}
links: [[a, r], [r, b]]`,
      async (lab) => {
        const red = (await ip(lab, 'r', 'route', 'show', 'table', '10')).map(({ dst }) => dst)
        assert.ok(red.includes('10.0.0.0/31') && red.includes('203.0.113.0/24'), red.join())
        const blue = (await ip(lab, 'r', 'route', 'show', 'table', '20')).map(({ dst }) => dst)
        assert.ok(blue.includes('198.51.100.0/24'), blue.join())
        assert.equal((await details(lab, 'r', 'iv')).info_data.mode, 'l2')
      },
    ),
}
