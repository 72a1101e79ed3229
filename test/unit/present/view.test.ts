import { expect, test } from 'vitest'
import type { WireguardSettings } from '../../../src/model/interfaces/wireguard.js'
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../../../src/model/resolved.js'
import { rowsOf } from '../../../src/present/tables.js'
import { viewOfResolved } from '../../../src/present/view.js'

const end = (index: number, peer: string, addresses: string[]): ResolvedInterface => ({
  name: 'eth0',
  kind: 'veth',
  index,
  mac: '02:00:00:00:00:01',
  mtu: 1400,
  master: null,
  peer: { node: peer, interface: 'eth0' },
  addresses,
})

const node = (name: string, interfaces: ResolvedInterface[], rest: Partial<ResolvedNode> = {}): ResolvedNode => ({
  name,
  kind: 'host',
  hostname: `${name}.example`,
  domainname: null,
  labels: {},
  interfaces,
  routes: [],
  neighbours: [],
  sysctls: {},
  ...rest,
})

// h1 ── h2
const topology: ResolvedTopology = {
  name: 'pair',
  nodes: [
    node('h1', [end(16, 'h2', ['10.0.0.0/31', 'fd00::/127', 'fe80::1/64'])], {
      routes: [
        {
          family: 6,
          destination: '::/0',
          nextHops: [
            { gateway: 'fd00::1', interface: 'eth0' },
            { gateway: null, interface: 'eth1' },
          ],
          source: null,
        },
      ],
      neighbours: [{ interface: 'eth0', address: 'fd00::1', mac: '02:00:00:00:00:02' }],
    }),
    node('h2', [end(17, 'h1', ['10.0.0.1/31'])]),
  ],
  links: [
    {
      name: null,
      endpoints: [
        { node: 'h1', interface: 'eth0' },
        { node: 'h2', interface: 'eth0' },
      ],
      mtu: 1400,
    },
  ],
  hosts: '',
  warnings: [],
  neighbourEntries: { ipv4: 0, ipv6: 0 },
}

test('a topology that does not run gives the same tables, planned, with what only a kernel knows left null', () => {
  const view = viewOfResolved(topology)
  expect(view).toMatchObject({ lab: 'pair', status: 'planned', rootless: null, keeper: null })
  expect(rowsOf(view, 'nodes')[0]).toEqual({
    node: 'h1',
    kind: 'host',
    status: 'planned',
    pid: null,
    hostname: 'h1.example',
    interfaces: 1,
    title: null,
  })
  expect(rowsOf(view, 'links')).toEqual([
    {
      a: 'h1:eth0',
      b: 'h2:eth0',
      type: 'veth',
      state: 'planned',
      mtu: 1400,
      emulation: null,
      from_a: null,
      from_b: null,
    },
  ])
  expect(rowsOf(view, 'interfaces')[1]).toMatchObject({ node: 'h2', peer: 'h1:eth0', mtu: 1400, state: 'planned' })
  expect(rowsOf(view, 'namespaces')[0]).toMatchObject({ node: 'h1', user: null, net: null })
})

test('addresses get the family and scope that the kernel will give them', () => {
  expect(rowsOf(viewOfResolved(topology), 'addresses').map(({ family, scope }) => [family, scope])).toEqual([
    [4, 'global'],
    [6, 'global'],
    [6, 'link'],
    [4, 'global'],
  ])
})

test('next hops and static neighbours are carried over', () => {
  const view = viewOfResolved(topology)
  expect(rowsOf(view, 'routes')).toEqual([
    {
      node: 'h1',
      family: 6,
      destination: '::/0',
      gateway: ['fd00::1', null],
      interface: ['eth0', 'eth1'],
      metric: 1024,
      table: 'main',
      protocol: 'static',
      type: 'unicast',
      weight: [1, 1],
    },
  ])
  expect(rowsOf(view, 'neighbours')).toEqual([
    { node: 'h1', interface: 'eth0', family: 6, address: 'fd00::1', mac: '02:00:00:00:00:02', state: 'permanent' },
  ])
})

test('what a WireGuard interface will know is shown, and its private key is not', () => {
  const settings: WireguardSettings = {
    ...{ kind: 'wireguard', key: 'private', publicKey: 'public', port: 51820 },
    peers: [
      {
        name: 'h2',
        interface: null,
        key: 'other',
        endpoint: { address: 'fd00::1', port: 7 },
        allowed: ['192.0.2.2/32'],
      },
    ],
  }
  const wg0: ResolvedInterface = { ...end(17, 'h2', []), kind: 'wireguard', peer: null, settings }
  const view = viewOfResolved({ ...topology, nodes: [node('h1', [end(32, 'h2', []), wg0])] })
  const counters = { latestHandshake: null, receivedBytes: 0, sentBytes: 0 }
  expect(view.nodes[0]?.interfaces.map(({ wireguard }) => wireguard)).toEqual([
    undefined,
    {
      publicKey: 'public',
      port: 51820,
      peers: [{ key: 'other', endpoint: '[fd00::1]:7', allowed: ['192.0.2.2/32'], keepaliveSeconds: 0, ...counters }],
    },
  ])
  expect(JSON.stringify(view)).not.toContain('private')
})
