// Commands of a plan stay whole in a pipe; on a terminal, they continue as in a shell.
import { expect, test } from 'vitest'
import { planText } from '../../../src/present/plan.js'

const OPS = [
  { op: 'node.add', command: "ip netns exec h1 sysctl -qw net.ipv4.ip_forward=0 'net.ipv4.ping_group_range=0 0' a=1" },
  { op: 'route.add', command: 'ip -n h1 route add default' },
]

test('in a pipe, one operation a line', () => {
  expect(planText(OPS).split('\n')).toEqual([`node.add      ${OPS[0]?.command}`, `route.add     ${OPS[1]?.command}`])
})

test('on a terminal, a long command continues after a backslash, never within quotes', () => {
  expect(planText(OPS, 60).split('\n')).toEqual([
    'node.add      ip netns exec h1 sysctl -qw \\',
    '              net.ipv4.ip_forward=0 \\',
    "              'net.ipv4.ping_group_range=0 0' a=1",
    'route.add     ip -n h1 route add default',
  ])
})
