// What a name means to `ping`, and which of its addresses is taken.
import { expect, test } from 'vitest'
import type { NodeAddress } from '../../../../src/lab/observe/node-addresses.js'
import { addressOf, familiesOf, meaningOf } from '../../../../src/lab/observe/ping-target.js'
import type { RunningLab } from '../../../../src/lab/record/select.js'
import type { NodeState } from '../../../../src/lab/record/state.js'
import type { Family } from '../../../../src/model/family.js'

const node = (name: string, ipv4: string | null = null, ipv6: string | null = null): NodeState => ({
  ...{ name, kind: 'host', pid: 1, startTime: 1, netnsFd: 3, cgroup: null, ipv4, ipv6 },
})
const nodes = [node('h'), node('h-1'), node('h-1-2')]
const lab = { name: 'lab', state: { nodes } } as unknown as RunningLab

test.each([
  ['10.0.0.1', { address: '10.0.0.1' }],
  ['fd00::1', { address: 'fd00::1' }],
  ['FD00:0::5', { address: 'fd00::5' }],
  ['fd00:0:0:0:0:0:0:1', { address: 'fd00::1' }],
  ['FE80:0::1%Eth0', { address: 'fe80::1%Eth0' }],
  ['fe80::1%eth0', { address: 'fe80::1%eth0' }],
  ['h-1', { nodes: [{ node: nodes[1], interface: null }] }],
  ['h-1:eth0', { nodes: [{ node: nodes[1], interface: 'eth0' }] }],
  [
    'h-1-eth0',
    {
      nodes: [
        { node: nodes[0], interface: '1-eth0' },
        { node: nodes[1], interface: 'eth0' },
      ],
    },
  ],
])('%s', (word, meaning) => {
  expect(meaningOf(lab, word)).toMatchObject(meaning)
})

test.each([
  ['10.0.0.300', 'USAGE'],
  ['10.0.0', 'USAGE'],
  ['fd00::zz', 'USAGE'],
  ['fd00::1::2', 'USAGE'],
  ['fe80::%%eth0', 'USAGE'],
  ['x', 'NODE_NOT_FOUND'],
  ['x:eth0', 'NODE_NOT_FOUND'],
])('%s is refused', (word, code) => {
  expect(() => meaningOf(lab, word)).toThrow(expect.objectContaining({ code }))
})

const has = (text: string, name = 'eth0', up = true): NodeAddress => ({
  interface: name,
  up,
  family: text.includes(':') ? 6 : 4,
  address: text,
})

test.each<[what: string, now: NodeAddress[], of: string | null, family: Family | null, found: string | null]>([
  ['the written one first', [has('10.0.0.9'), has('10.0.0.2', 'eth1')], null, null, '10.0.0.2'],
  ['another when the written one is gone', [has('10.0.0.9')], null, null, '10.0.0.9'],
  ['IPv4 before IPv6', [has('fd00::9'), has('10.0.0.9')], null, null, '10.0.0.9'],
  ['IPv6 when there is no IPv4', [has('fe80::1'), has('fd00::9')], null, null, 'fd00::9'],
  ['the family that is asked for', [has('fd00::9'), has('10.0.0.2')], null, 6, 'fd00::9'],
  ['one of the interface', [has('10.0.0.2'), has('10.1.0.1', 'eth1')], 'eth1', null, '10.1.0.1'],
  ['an interface that is up', [has('10.0.0.9', 'eth0', false), has('10.1.0.1', 'eth1')], null, null, '10.1.0.1'],
  ['one of the loopback last', [has('192.0.2.1', 'lo'), has('10.1.0.1')], null, null, '10.1.0.1'],
  ['never 127.0.0.1 or a link-local one', [has('127.0.0.1', 'lo'), has('::1', 'lo'), has('fe80::1')], null, null, null],
  ['none of the family', [has('10.0.0.2')], null, 6, null],
])('an address of a node: %s', (_what, addresses, of, family, found) => {
  const target = { node: node('n', '10.0.0.2', 'fd00::2'), interface: of }
  expect(
    addressOf(target, { node: target.node, netns: 1, interfaces: [], addresses }, family === null ? [4, 6] : [family]),
  ).toBe(found)
})

test('a dead node has the addresses of the topology', () => {
  const target = { node: node('n', '10.0.0.2', 'fd00::2'), interface: null }
  expect(addressOf(target, undefined, [4, 6])).toBe('10.0.0.2')
  expect(addressOf(target, undefined, [6])).toBe('fd00::2')
})

test.each<[what: string, own: NodeAddress[] | null, asked: Family | null, families: Family[]]>([
  ['both', [has('10.0.0.1'), has('fd00::1')], null, [4, 6]],
  ['the one that it has', [has('10.0.0.1'), has('fe80::1')], null, [4]],
  ['none of what is asked for', [has('10.0.0.1')], 6, []],
  ['all that are asked for, without an address', [has('::1', 'lo')], null, [4, 6]],
  ['all that are asked for, when nothing is known', null, 6, [6]],
])('a node pings in %s', (_what, own, asked, families) => {
  expect(
    familiesOf(own === null ? undefined : { node: node('n'), netns: 1, interfaces: [], addresses: own }, asked),
  ).toEqual(families)
})
