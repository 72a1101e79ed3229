// Written routes, next-hop objects, rules and neighbours, read back from the kernel.
import { expect } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'

//      ┌── eth0 ──┐
//   h1 ┤          r1
//      └── eth1 ──┘
const INPUT = `
neighbours: dynamic
nodes:
  h1:
    routes:
      - { to: 192.0.2.0/24, nexthops: [{ via: 10.0.0.1, weight: 3 }, { via: 10.0.0.3 }], source: 10.0.0.0, metric: 7 }
      - { to: 198.51.100.0/24, type: blackhole }
      - { to: "2001:db8::/32", type: unreachable, table: 100 }
      - { to: 203.0.113.0/24, nhid: 10 }
      - { to: default, via: 10.0.0.3, table: 1000 }
      - { to: 233.252.0.0/24, dev: eth1, table: 1000 }
    nexthops:
      1: { via: 10.0.0.1 }
      2: { via: 10.0.0.3 }
      3: { blackhole: true, family: 6 }
      10: { group: { 1: 1, 2: 4 } }
    rules:
      - { from: 10.9.0.0/16, table: 1000 }
      - { fwmark: 0x10/0xff, iif: eth0, table: 1000, priority: 77 }
      - { to: "2001:db8:1::/48", action: prohibit }
    neighbours:
      - { address: "fd00::77", mac: "02:00:00:00:00:98", dev: eth0 }
  r1: { kind: router }
links: [[h1, r1], [h1, r1]]`

test('the kernel has what is written', ({ nslab }) => {
  const up = nslab(['up', '-', '--name', uniqueName('rt')], { input: INPUT })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  const main = ip(nslab, 'h1', 'route')
  expect(main.find(({ dst }: any) => dst === '192.0.2.0/24')).toMatchObject({
    protocol: 'static',
    prefsrc: '10.0.0.0',
    metric: 7,
    nexthops: [
      { gateway: '10.0.0.1', dev: 'eth0', weight: 3 },
      { gateway: '10.0.0.3', dev: 'eth1', weight: 1 },
    ],
  })
  expect(main.find(({ dst }: any) => dst === '198.51.100.0/24')).toMatchObject({ type: 'blackhole' })
  expect(main.find(({ dst }: any) => dst === '203.0.113.0/24')).toMatchObject({ nhid: 10 })
  expect(ip(nslab, 'h1', 'route', 'show', 'table', '1000')).toMatchObject([
    { dst: 'default', gateway: '10.0.0.3', dev: 'eth1' },
    { dst: '233.252.0.0/24', dev: 'eth1', scope: 'link' },
  ])
  expect(ip(nslab, 'h1', '-6', 'route', 'show', 'table', '100')).toMatchObject([
    { type: 'unreachable', dst: '2001:db8::/32' },
  ])
  expect(ip(nslab, 'h1', 'nexthop')).toMatchObject([
    { id: 1, gateway: '10.0.0.1', dev: 'eth0' },
    { id: 2, gateway: '10.0.0.3', dev: 'eth1' },
    { id: 3, blackhole: null },
    { id: 10, group: [{ id: 1 }, { id: 2, weight: 4 }] },
  ])
  expect(ip(nslab, 'h1', 'rule')).toMatchObject([
    { priority: 0 },
    { priority: 77, fwmark: '0x10', fwmask: '0xff', iif: 'eth0', table: '1000' },
    { priority: 10_000, src: '10.9.0.0', srclen: 16, table: '1000' },
    { priority: 32_766 },
    { priority: 32_767 },
  ])
  expect(ip(nslab, 'h1', '-6', 'rule')[2]).toMatchObject({ priority: 10_002, dst: '2001:db8:1::', action: 'prohibit' })
  expect(ip(nslab, 'h1', 'neigh', 'show', 'nud', 'permanent')).toMatchObject([
    { dst: 'fd00::77', dev: 'eth0', lladdr: '02:00:00:00:00:98' },
  ])
  expect(nslab(['ping', 'h1', 'r1', '-c', '1'])).toMatchObject({ status: 0 })
})
