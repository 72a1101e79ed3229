// Devices under `interfaces`, of the kinds that this kernel has, read back from the kernel. The other kinds are in test/vm.
import { describe, expect } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'
import { ip, link } from '../../../support/node-ip.js'

const data = (shown: any) => shown.linkinfo.info_data

//   h1 ── r1 ── r2 ── h2, with a VXLAN between the routers' loopbacks
const OVERLAY = `
nodes:
  h1: {}
  r1: { kind: router, interfaces: { vx42: { kind: vxlan, id: 42, remote: r2, addresses: [192.0.2.1/24] } } }
  r2: { kind: router, interfaces: { vx42: { kind: vxlan, id: 42, remote: [r1, 198.51.100.7], learning: false, addresses: [192.0.2.2/24] } } }
  h2: {}
links: [[h1, r1], [r1, r2], [r2, h2]]`

test('a VXLAN carries packets at once, and knows all its remotes', ({ nslab }) => {
  const name = uniqueName('vx')
  const up = nslab(['up', '-', '--name', name], { input: OVERLAY })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  expect(nslab(['ping', 'r1', '192.0.2.2', '-c', '1'])).toMatchObject({ status: 0 })
  const vxlan = link(nslab, 'r1', 'vx42')
  expect(vxlan).toMatchObject({ ifindex: 17, mtu: 1450, flags: expect.arrayContaining(['UP', 'LOWER_UP']) })
  expect(data(vxlan)).toMatchObject({
    id: 42,
    remote: '10.255.0.2',
    local: '10.255.0.1',
    port: 4789,
    ttl: 64,
    learning: true,
  })
  expect(data(link(nslab, 'r2', 'vx42'))).toMatchObject({ learning: false })
  const flood = nslab(['exec', 'r2', '--', 'bridge', '-j', 'fdb', 'show', 'dev', 'vx42'], { cwd: '/' }).json()
  const unknown = flood.filter((entry: any) => entry.mac === '00:00:00:00:00:00').map((entry: any) => entry.dst)
  expect(unknown.sort()).toEqual(['10.255.0.1', '198.51.100.7'])
})

// h1 ─┐
//     br0 in r ── h3
// h2 ─┘
test('a bridge in a router joins its ports, and has what they would have', ({ nslab }) => {
  const input = `
nodes:
  h1: {}
  h2: {}
  h3: {}
  r: { kind: router, interfaces: { br0: { kind: bridge, members: [eth0, eth1], ageing: 60, priority: 4096, multicast_snooping: false } } }
links: [[h1, r], [h2, r], [h3, r]]`
  const up = nslab(['up', '-', '--name', uniqueName('br')], { input })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  expect(nslab(['ping', '--all', '-4'])).toMatchObject({ status: 0 })
  expect(nslab(['ping', '--all', '-6'])).toMatchObject({ status: 0 })
  expect(data(link(nslab, 'r', 'br0'))).toMatchObject({
    ageing_time: 6000,
    priority: 4096,
    mcast_snooping: 0,
    stp_state: 0,
  })
  expect(link(nslab, 'r', 'eth0')).toMatchObject({ master: 'br0' })
  expect(
    ip(nslab, 'r', 'addr', 'show', 'dev', 'eth0')[0].addr_info.filter((each: any) => each.scope === 'global'),
  ).toEqual([])
})

// h1 ── r1, where h1's bridge to r1 is down
test('what is asked to stay down does, and no route leads by it', ({ nslab }) => {
  const input = `
nodes:
  h1: { interfaces: { br5: { kind: bridge, members: [eth0], up: false } } }
  r1: { kind: router }
links: [[h1, r1]]`
  const up = nslab(['up', '-', '--name', uniqueName('down')], { input })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  expect(link(nslab, 'h1', 'br5').flags).not.toContain('UP')
  expect(ip(nslab, 'h1', 'route')).toEqual([])
})

// s1 ══ s2 ══ s3 ══ s1, a host on each
test('switches in a loop run a spanning tree, and the first ping passes when up returns', ({ nslab }) => {
  const input = `
kinds: { stp: { extends: switch, interfaces: { br0: { kind: bridge, stp: true } } } }
nodes: { s1: { kind: stp }, s2: { kind: stp }, s3: { kind: stp }, h1: {}, h2: {}, h3: {} }
links: [[s1, s2], [s2, s3], [s3, s1], [h1, s1], [h2, s2], [h3, s3]]`
  const up = nslab(['up', '-', '--name', uniqueName('stp')], { input })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  expect(nslab(['ping', '--all', '-4'])).toMatchObject({ status: 0 })
  const states = ['s1', 's2', 's3'].flatMap((node) =>
    ip(nslab, node, '-d', 'link', 'show', 'master', 'br0').map((port: any) => port.linkinfo.info_slave_data.state),
  )
  expect(states.filter((state) => state === 'blocking')).toHaveLength(1)
  expect(states.filter((state) => state === 'forwarding')).toHaveLength(8)
})

// h1 ── s ── h2
test('a bridge and its ports have the settings that are written, and inspect shows them', ({ nslab }) => {
  const input = `
nodes:
  h1: {}
  h2: {}
  s:
    kind: switch
    interfaces:
      br0:
        kind: bridge
        group_fwd_mask: 0x4000
        ports: { eth0: { cost: 7, priority: 12, group_fwd_mask: 0x4008 }, eth1: { cost: 65535 } }
links: [[h1, s], [h2, s]]`
  const up = nslab(['up', '-', '--name', uniqueName('port')], { input })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  expect(nslab(['ping', '--all'])).toMatchObject({ status: 0 })
  expect(Number(data(link(nslab, 's', 'br0')).group_fwd_mask)).toBe(0x4000)
  const port = (name: string) => link(nslab, 's', name).linkinfo.info_slave_data
  expect(port('eth0')).toMatchObject({ cost: 7, priority: 12, group_fwd_mask: '0x4008' })
  expect(port('eth1')).toMatchObject({ cost: 65_535, priority: 32 })
  const { nodes } = nslab(['inspect', '--json']).json()
  const shown = nodes.find(({ name }: any) => name === 's').interfaces
  expect(shown.find(({ name }: any) => name === 'br0').bridge).toMatchObject({ stp: false, groupFwdMask: 0x4000 })
  expect(shown.find(({ name }: any) => name === 'eth0').bridgePort).toEqual({
    ...{ cost: 7, priority: 12, groupFwdMask: 0x4008 },
  })
  expect(shown.find(({ name }: any) => name === 'lo')).not.toHaveProperty('bridgePort')
})

test('macvlan, ifb, tun and tap are as they were asked for', ({ nslab }) => {
  const input = `
nodes:
  a:
    interfaces:
      mv0: { kind: macvlan, parent: eth0, mode: private, mac: "02:00:00:00:00:aa", addresses: [192.0.2.1/24] }
      ifb0: { kind: ifb, up: false }
      tap0: { kind: tap, mtu: 1400, mac: "02:00:00:00:00:bb", addresses: [198.51.100.1/30] }
      tun0: { kind: tun }
  b: {}
links: [[a, b]]`
  const up = nslab(['up', '-', '--name', uniqueName('mix')], { input })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  const macvlan = link(nslab, 'a', 'mv0')
  expect(macvlan).toMatchObject({ link: 'eth0', address: '02:00:00:00:00:aa' })
  expect(data(macvlan)).toMatchObject({ mode: 'private' })
  const ifb = link(nslab, 'a', 'ifb0')
  expect(ifb.linkinfo.info_kind).toBe('ifb')
  expect(ifb.flags).not.toContain('UP')
  const tap = link(nslab, 'a', 'tap0')
  expect(tap).toMatchObject({ mtu: 1400, address: '02:00:00:00:00:bb', ifindex: 19 })
  expect(tap.linkinfo.info_data).toMatchObject({ type: 'tap', persist: true, pi: false })
  expect(link(nslab, 'a', 'tun0')).toMatchObject({ link_type: 'none', mtu: 1500 })
  const shown = nslab(['inspect', '--json']).json().nodes[0].interfaces
  expect(shown.map(({ name, mtu }: any) => [name, mtu])).toContainEqual(['tap0', 1400])
})

describe('a kind that the kernel lacks', () => {
  test('is exit 4 with the kind’s and the interface’s name, and nothing is left', ({ nslab }) => {
    const input = 'nodes: {a: {interfaces: {v: {kind: vlan, parent: eth0, id: 2}}}, b: {}}\nlinks: [[a, b]]'
    const up = nslab(['up', '-', '--name', uniqueName('no')], { input })
    if (up.status === 0) return // a distribution's kernel has it; test/vm tests what it does
    expect(up).toMatchObject({ status: 4 })
    expect(up.stderr).toMatch(/cannot create vlan \(a:v\)/)
    expect(nslab(['ls', '--json']).json()).toEqual({ labs: [] })
  })
})
