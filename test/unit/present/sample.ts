// The view of one lab, for every test in this folder:
//
//   h1 eth0 ──── r1 ════ h2     (h1's route goes over two next hops)
import type { InterfaceView, LabView } from '../../../src/model/lab-view.js'

const loopback: InterfaceView = {
  name: 'lo',
  type: 'loopback',
  index: 1,
  mac: null,
  mtu: 65536,
  state: 'unknown',
  master: null,
  peer: null,
  addresses: [{ family: 4, address: '127.0.0.1/8', scope: 'host' }],
}

const veth = (name: string, index: number, mac: string, peer: string, addresses: string[]): InterfaceView => ({
  name,
  type: 'veth',
  index,
  mac,
  mtu: 1500,
  state: 'up',
  master: null,
  peer,
  addresses: addresses.map((address) => ({ family: address.includes(':') ? 6 : 4, address, scope: 'global' })),
})

export const sample: LabView = {
  lab: 'demo',
  status: 'running',
  rootless: false,
  keeper: { pid: 1234 },
  nodes: [
    {
      name: 'h1',
      kind: 'host',
      pid: 1240,
      hostname: 'h1',
      labels: { site: 'fra' },
      status: 'running',
      namespaces: { user: 11, pid: 12, mnt: 13, uts: 14, ipc: 15, net: 16, cgroup: 17, time: 18 },
      cgroup: null,
      interfaces: [loopback, veth('eth0', 16, '02:00:00:00:00:01', 'r1:eth0', ['10.0.0.0/31', 'fd00::/127'])],
      routes: [
        {
          family: 4,
          destination: '0.0.0.0/0',
          type: 'unicast',
          gateways: ['10.0.0.1', null],
          interfaces: ['eth0', 'eth1'],
          weights: [2, 1],
          metric: null,
          table: 'main',
          protocol: 'static',
        },
        {
          family: 6,
          destination: 'fd00::/127',
          type: 'unicast',
          gateways: [null],
          interfaces: ['eth0'],
          weights: [1],
          metric: 256,
          table: 'main',
          protocol: 'kernel',
        },
      ],
      neighbours: [{ interface: 'eth0', family: 4, address: '10.0.0.1', mac: null, state: 'failed' }],
    },
    {
      name: 'r1',
      kind: 'router',
      pid: null,
      hostname: 'r1',
      labels: {},
      status: 'dead',
      namespaces: null,
      cgroup: null,
      interfaces: [veth('eth0', 17, '02:00:00:00:00:02', 'h1:eth0', ['10.0.0.1/31'])],
      routes: [],
      neighbours: [],
    },
  ],
  links: [{ a: 'h1:eth0', b: 'r1:eth0', type: 'veth', state: 'up', mtu: 1500 }],
}
