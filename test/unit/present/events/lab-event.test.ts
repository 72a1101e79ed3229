// The lines of `watch`.
import { expect, test } from 'vitest'
import type { LabEvent } from '../../../../src/model/lab-event.js'
import { labEventText } from '../../../../src/present/events/lab-event.js'

const NODE = { at: '2026-03-01T09:14:05.240Z', node: 'r1' }
const LINK = {
  interface: 'eth0',
  type: 'veth',
  state: 'up',
  mac: '02:00:00:00:00:01',
  mtu: 1400,
  master: null,
} as const
const ROUTE = {
  ...{
    family: 4,
    destination: '0.0.0.0/0',
    type: 'unicast',
    gateways: ['10.0.0.1', null],
    interfaces: ['eth0', 'eth1'],
  },
  ...{ weights: [1, 3], metric: 7, table: '99', protocol: 'static', nexthop: null, source: '10.0.0.9' },
} as const

const LINES: [event: object, words: string][] = [
  [
    { ...NODE, event: 'link', action: 'change', ...LINK, was: { mtu: 1500 } },
    'r1 ~ link eth0 type veth mtu 1400 state up address 02:00:00:00:00:01 (was mtu 1500)',
  ],
  [
    { ...NODE, event: 'link', action: 'rename', ...LINK, was: { interface: 'old' } },
    'r1 ~ link eth0 type veth mtu 1400 state up address 02:00:00:00:00:01 (was old)',
  ],
  [
    { ...NODE, sharedWith: ['r2'], event: 'link', action: 'remove', ...LINK, master: 'br0' },
    'r1,r2 - link eth0 type veth mtu 1400 master br0 state up address 02:00:00:00:00:01',
  ],
  [
    {
      ...NODE,
      event: 'address',
      action: 'add',
      interface: 'eth0',
      family: 6,
      address: 'fd00::1/64',
      scope: 'global',
      state: 'tentative',
    },
    'r1 + address inet6 fd00::1/64 dev eth0 scope global tentative',
  ],
  [
    { ...NODE, event: 'route', action: 'add', ...ROUTE },
    'r1 + route default nexthop via 10.0.0.1 dev eth0 weight 1 nexthop dev eth1 weight 3 table 99 proto static src 10.0.0.9 metric 7',
  ],
  [
    {
      ...NODE,
      event: 'route',
      action: 'change',
      ...ROUTE,
      gateways: ['10.0.0.2'],
      interfaces: ['eth0'],
      was: { gateways: ['10.0.0.1'] },
    },
    'r1 ~ route default via 10.0.0.2 dev eth0 table 99 proto static src 10.0.0.9 metric 7 (was gateways 10.0.0.1)',
  ],
  [
    {
      ...NODE,
      event: 'nexthop',
      action: 'add',
      id: 7,
      protocol: 'static',
      gateway: null,
      interface: null,
      blackhole: false,
      group: [
        { id: 1, weight: 1 },
        { id: 2, weight: 5 },
      ],
    },
    'r1 + nexthop id 7 group 1/2,5 proto static',
  ],
  [
    {
      ...NODE,
      event: 'rule',
      action: 'remove',
      family: 4,
      priority: 100,
      from: '10.0.0.0/8',
      to: null,
      iif: 'eth0',
      fwmark: '0x1',
      type: 'lookup',
      table: 'main',
    },
    'r1 - rule inet 100: from 10.0.0.0/8 fwmark 0x1 iif eth0 lookup main',
  ],
  [
    {
      ...NODE,
      event: 'neighbour',
      action: 'change',
      interface: 'eth0',
      family: 4,
      address: '10.0.0.2',
      mac: null,
      state: 'failed',
      was: { state: 'reachable' },
    },
    'r1 ~ neighbour 10.0.0.2 dev eth0 failed (was state reachable)',
  ],
  [{ ...NODE, event: 'node', action: 'end', pid: 12 }, 'r1 ! node ended: its first process is dead (PID 12)'],
  [
    {
      ...NODE,
      event: 'impairment',
      action: 'add',
      from: 'r1:eth0',
      to: 'h1:eth0',
      impairments: 'delay 5ms',
      emulation: 'wire',
      was: { impairments: null, emulation: null },
    },
    'r1 + impairment r1:eth0 → h1:eth0: delay 5ms by wire',
  ],
  [{ ...NODE, event: 'lab', action: 'watch', lab: 'demo', nodes: 1 }, 'lab demo is watched: 1 node'],
  [
    { ...NODE, event: 'lost', action: 'overrun', count: null },
    'r1 ! changes came faster than they were read; what they have changed follows',
  ],
  [{ ...NODE, event: 'lost', action: 'behind', node: null, count: 3 }, '! 3 events dropped, since they were not read'],
]

test.each(LINES)('%j', (event, words) => {
  expect(labEventText(event as LabEvent).replace(/^\d\d:14:05\.240 /, '')).toBe(words)
})

test('a name cannot move the cursor', () => {
  const text = labEventText({ ...NODE, event: 'link', action: 'add', ...LINK, interface: 'a\x1b[2J' })
  expect(text).toContain('a\\x1b[2J')
})
