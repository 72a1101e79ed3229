import { expect, test } from 'vitest'
import type { AddressView, InterfaceView, LabView, NeighbourView, RouteView } from '../../../src/model/lab-view.js'
import { inOrder } from '../../../src/model/view-order.js'

const interfaceOf = (name: string, index: number, peer: string | null, addresses: string[] = []): InterfaceView => ({
  ...{ name, type: 'veth', index, mac: null, mtu: 1500, state: 'up', master: null, peer },
  addresses: addresses.map((address): AddressView => ({ family: familyOf(address), address, scope: 'global' })),
})

const route = (destination: string, rest: Partial<RouteView> = {}): RouteView => ({
  ...{
    family: familyOf(destination),
    destination,
    type: 'unicast',
    gateways: [null],
    interfaces: ['eth0'],
    weights: [1],
  },
  ...{ metric: null, table: 'main', protocol: 'static' },
  ...rest,
})

const neighbour = (name: string, address: string): NeighbourView => ({
  ...{ interface: name, family: familyOf(address), address, mac: null, state: 'permanent' },
})

const familyOf = (address: string) => (address.includes(':') ? 6 : 4)

function ordered(node: { interfaces?: InterfaceView[]; routes?: RouteView[]; neighbours?: NeighbourView[] }) {
  const view: LabView = {
    ...{ lab: 'x', status: 'running', rootless: false, keeper: null, links: [] },
    nodes: [
      {
        ...{ name: 'n', kind: 'host', pid: null, hostname: 'n', labels: {}, status: 'running', namespaces: null },
        ...{ cgroup: null, interfaces: [], routes: [], neighbours: [], ...node },
      },
    ],
  }
  return inOrder(view).nodes[0] as LabView['nodes'][number]
}

test('lo comes first, then the bridge of a switch, the ends of links and what else there is', () => {
  const interfaces = [
    interfaceOf('vx1', 18, null),
    interfaceOf('byhand', 99, null),
    interfaceOf('eth1', 40, 'b:eth0'),
    interfaceOf('vx0', 17, null),
    interfaceOf('eth0', 33, 'a:eth0'),
    interfaceOf('br0', 16, null),
    interfaceOf('tunl0', 2, null),
    interfaceOf('lo', 1, null),
  ]
  const names = ordered({ interfaces }).interfaces.map(({ name }) => name)
  expect(names).toEqual(['lo', 'tunl0', 'br0', 'eth0', 'eth1', 'vx0', 'vx1', 'byhand'])
})

test('addresses are in the order of their numbers, IPv4 first', () => {
  const sorted = ['9.0.0.1/8', '10.0.0.2/24', '10.0.0.2/32', '10.0.0.10/24', '100.0.0.1/8']
  const sorted6 = ['::1/128', '::ffff:10.0.0.1/128', '2001:db8::/32', '2001:db8::9/64', '2001:db8::10/64', 'fe80::1/64']
  const mixed = [...sorted6.toReversed(), ...sorted.toReversed()]
  const { interfaces } = ordered({ interfaces: [interfaceOf('lo', 1, null, mixed)] })
  expect(interfaces[0]?.addresses.map(({ address }) => address)).toEqual([...sorted, ...sorted6])
})

test('routes are in the order of their destinations, then of metric, table and next hop', () => {
  const sorted = [
    route('0.0.0.0/0'),
    route('10.0.0.0/8'),
    route('10.0.0.0/24', { metric: null, table: '100' }),
    route('10.0.0.0/24', { metric: null }),
    route('10.0.0.0/24', { metric: 5 }),
    route('10.0.0.0/24', { metric: 10 }),
    route('::/0', { metric: 1024 }),
    route('fe80::/64', { metric: 256, interfaces: ['eth0'] }),
    route('fe80::/64', { metric: 256, interfaces: ['eth1'] }),
  ]
  expect(ordered({ routes: sorted.toReversed() }).routes).toEqual(sorted)
})

test('neighbours are in the order of their interfaces, then of their numbers', () => {
  const interfaces = [interfaceOf('wan', 33, 'b:eth0'), interfaceOf('lan', 32, 'a:eth0')]
  const sorted = [
    neighbour('lan', '10.0.0.9'),
    neighbour('lan', '10.0.0.10'),
    neighbour('lan', 'fd00::1'),
    neighbour('wan', '10.0.0.1'),
  ]
  expect(ordered({ interfaces, neighbours: sorted.toReversed() }).neighbours).toEqual(sorted)
})
