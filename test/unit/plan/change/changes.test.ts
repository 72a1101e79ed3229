// What single edits of a file do to a running lab, in a model of the kernel.
import { expect, test } from 'vitest'
import type { Difference } from '../../../../src/model/change/lab-change.js'
import type { ChangePlan } from '../../../../src/plan/change/change-plan.js'
import { changeTo } from '../../../../src/plan/change/change-to.js'
import type { LinkAdd } from '../../../../src/plan/op.js'
import { changeText } from '../../../../src/present/change/text.js'
import { PLAIN } from '../../../../src/present/fault.js'
import { ModelLab } from '../../../support/kernel-model/lab.js'
import { pictureOf } from '../../../support/kernel-model/picture.js'
import { resolve } from '../../topology/support.js'

// h1 ── r1 ── h2
const CHAIN = 'name: lab\nnodes: { h1: {}, r1: { kind: router }, h2: {} }\nlinks: [[h1, r1], [r1, h2]]\n'
const lineOf = ({ kind, node, part, name, from, to }: Difference) =>
  [{ add: '+', remove: '-', change: '~', foreign: '?' }[kind], node ?? '', part, name, from ?? '', to ?? '']
    .join(' ')
    .replace(/ +/g, ' ')
    .trim()
const linesOf = ({ change }: ChangePlan) => change.differences.filter(({ name }) => name !== '/etc/hosts').map(lineOf)
const opsOf = ({ first }: ChangePlan) =>
  first.nodes.flatMap(({ node, remove, devices, interfaces, whole, running }) =>
    [...remove, ...devices, ...interfaces.flatMap(({ config }) => config), ...whole, ...running].map((op) =>
      op.op === 'remove'
        ? `${node} - ${op.what.op}`
        : op.op === 'replace'
          ? `${node} ~ ${op.to.op}`
          : `${node} ${op.op}`,
    ),
  )

test('an MTU is changed in place at both ends, and nothing else', () => {
  const lab = new ModelLab(resolve(CHAIN))
  const plan = lab.change(resolve(CHAIN.replace('[h1, r1]', '{ endpoints: [h1, r1], mtu: 1400 }')))
  expect(linesOf(plan)).toEqual(['~ h1 mtu eth0 1500 1400', '~ r1 mtu eth0 1500 1400'])
  expect(opsOf(plan)).toEqual(['h1 ~ veth.add', 'r1 ~ veth.add'])
})

test('the order of a link’s ends in the file is no difference', () => {
  const lab = new ModelLab(resolve(CHAIN))
  const plan = lab.change(
    resolve(CHAIN.replace('[h1, r1]', '["r1:eth0", "h1:eth0"]').replace('[r1, h2]', '["r1:eth1", "h2:eth0"]')),
  )
  expect(plan.target.links.map(({ number }) => number)).toEqual([0, 1])
  expect(opsOf(plan).filter((op) => / veth.add$/.test(op))).toEqual([])
})

test('a link whose ends are called otherwise is the same link', () => {
  const lab = new ModelLab(resolve(CHAIN))
  const to = resolve(CHAIN.replace('[h1, r1]', '["h1:wan0", "r1:lan0"]'))
  const plan = lab.change(to)
  expect(linesOf(plan)).toEqual(expect.arrayContaining(['~ h1 name wan0 eth0 wan0', '~ r1 name lan0 eth0 lan0']))
  expect(plan.target.nodes[0]?.interfaces.map(({ name, index }) => [name, index])).toEqual([
    ['lo', 1],
    ['wan0', 32],
  ])
  expect(opsOf(plan)).not.toContain('h1 veth.add')
})

test('two interfaces that swap their names get them by way of a third name', () => {
  const text = 'name: lab\nnodes: { a: {}, b: {}, c: {} }\nlinks: [["a:x0", "b:y0"], ["a:x1", "c:y0"]]\n'
  const lab = new ModelLab(resolve(text))
  const to = resolve(text.replace('a:x0', 'a:tmp').replace('a:x1', 'a:x0').replace('a:tmp', 'a:x1'))
  const plan = lab.change(to)
  lab.apply(plan)
  expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(to).kernel))
})

test('a pair that is wired otherwise is made anew, also where one end has the same name, address and MAC', () => {
  const text = 'name: lab\nnodes: { a: {}, b: {}, c: {} }\nlinks: [["a:eth0", "b:eth0"]]\n'
  const lab = new ModelLab(resolve(text))
  const plan = lab.change(resolve(text.replace('b:eth0', 'c:eth0')))
  expect(linesOf(plan)).toEqual(expect.arrayContaining(['+ link a:eth0 – c:eth0', '- link a:eth0 – b:eth0']))
  expect(plan.target.nodes[0]?.interfaces[1]?.index).toBe(34)
})

test('a setting that the kernel cannot change makes the device anew, with all that hangs on it', () => {
  const text =
    'name: lab\nnodes: { a: { interfaces: { v: { kind: vlan, parent: eth0, id: 10, addresses: [192.0.2.1/24] } } }, b: {} }\nlinks: [[a, b]]\n'
  const lab = new ModelLab(resolve(text))
  const plan = lab.change(resolve(text.replace('id: 10', 'id: 20')))
  expect(linesOf(plan)).toEqual(['~ a interface v vlan id 10 parent eth0 vlan id 20 parent eth0'])
  expect(opsOf(plan)).toEqual([
    'a - address.add',
    'a - link.up',
    'a - link.add',
    'a link.add',
    'a link.up',
    'a address.add',
  ])
})

test('what the kernel forgot while a link was down is repaired', () => {
  const lab = new ModelLab(resolve(CHAIN))
  lab.kernel.perform({ op: 'remove', node: 'h1', what: { op: 'link.up', node: 'h1', interface: 'eth0', index: 32 } })
  const plan = lab.change(resolve(CHAIN))
  expect(plan.change.equal).toBe(false)
  lab.apply(plan)
  expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(resolve(CHAIN)).kernel))
})

test('an interface that a node renamed gets its name back', () => {
  const lab = new ModelLab(resolve(CHAIN))
  lab.kernel.at('h1', 32).name = 'mine'
  expect(linesOf(lab.change(resolve(CHAIN)))).toEqual(['~ h1 name eth0 mine eth0'])
})

test('what no topology had is shown, and goes only with prune', () => {
  const lab = new ModelLab(resolve(CHAIN))
  const own = { node: 'h1', interface: 'eth0', index: 32 }
  lab.kernel.perform({ op: 'address.add', ...own, family: 4, address: '203.0.113.5/24', noDad: false })
  lab.kernel.perform({
    op: 'link.add',
    node: 'h1',
    interface: 'dum',
    index: 99,
    mac: null,
    mtu: 1500,
    settings: { kind: 'dummy' },
    indexes: {},
  })
  const plan = lab.change(resolve(CHAIN))
  expect(linesOf(plan)).toEqual(['? h1 interface dum dummy', '? h1 address eth0 203.0.113.5/24'])
  expect([plan.change.equal, plan.last, plan.first.nodes]).toEqual([true, [], []])
  const pruned = lab.change(resolve(CHAIN), true)
  expect(pruned.change.equal).toBe(false)
  lab.apply(pruned)
  expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(resolve(CHAIN)).kernel))
})

test('a name that somebody else’s interface has is refused, and free with prune', () => {
  const lab = new ModelLab(resolve(CHAIN))
  lab.kernel.perform({
    op: 'link.add',
    node: 'h1',
    interface: 'br9',
    index: 99,
    mac: null,
    mtu: 1500,
    settings: { kind: 'dummy' },
    indexes: {},
  })
  const to = resolve(CHAIN.replace('h1: {}', 'h1: { interfaces: { br9: { kind: bridge } } }'))
  expect(() => lab.change(to)).toThrow('h1 has an interface called br9, which no topology of this lab made')
  expect(
    lab.change(to, true).change.differences[0]?.note ?? lab.change(to, true).change.differences.at(-1)?.note,
  ).toMatch(/./)
})

test('an interface that somebody has put in the place of one of the lab is made anew', () => {
  const text = CHAIN.replace('h1: {}', 'h1: { interfaces: { mv0: { kind: macvlan, parent: eth0 } } }')
  const lab = new ModelLab(resolve(text))
  const index = lab.applied.nodes[0]?.interfaces.find(({ name }) => name === 'mv0')?.index ?? 0
  const { settings: _, ...place } = { settings: null, node: 'h1', interface: 'mv0', mac: null, mtu: 1500, indexes: {} }
  const what = { op: 'link.add', ...place, index, settings: { kind: 'macvlan', parent: 'eth0' } } as LinkAdd
  lab.kernel.perform({ op: 'remove', node: 'h1', what })
  lab.kernel.perform({ op: 'link.add', ...place, index: 99, settings: { kind: 'ifb' } })
  const plan = lab.change(resolve(text))
  expect(plan.change.differences).toMatchObject([
    {
      kind: 'change',
      part: 'interface',
      name: 'mv0',
      note: 'is made anew, since another interface has taken its name',
    },
  ])
  lab.apply(plan)
  expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(resolve(text)).kernel))
  // Also when the file no longer has it.
  lab.kernel.perform({ op: 'link.add', ...place, interface: 'other', index: 200, settings: { kind: 'ifb' } })
  expect(linesOf(lab.change(resolve(CHAIN)))).toEqual([
    '- h1 interface mv0 macvlan mode bridge parent eth0',
    '? h1 interface other ifb',
  ])
})

test('a changed default parameter is written to interfaces without a value of their own', () => {
  const text =
    'name: lab\nnodes: { a: { sysctls: { net.ipv4.conf.default.arp_ignore: 1, net.ipv4.conf.eth1.arp_ignore: 2 } }, b: {} }\nlinks: [[a, b], [a, b]]\n'
  const lab = new ModelLab(resolve(text))
  const to = resolve(text.replace('default.arp_ignore: 1', 'default.arp_ignore: 3'))
  const plan = lab.change(to)
  expect(linesOf(plan)).toEqual([
    '~ a sysctl net.ipv4.conf.default.arp_ignore 1 3',
    '~ a sysctl net.ipv4.conf.lo.arp_ignore 1 3',
    '~ a sysctl net.ipv4.conf.eth0.arp_ignore 1 3',
  ])
  lab.apply(plan)
  expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(to).kernel))
})

test('a node restarts for a mount, and is made anew for other ids', () => {
  const lab = new ModelLab(resolve(CHAIN))
  const mounted = lab.change(resolve(CHAIN.replace('h1: {}', 'h1: { mounts: [{ target: /srv, size: 1m }] }')))
  expect(mounted.restartedNodes).toEqual(['h1'])
  expect(mounted.change.restarts).toEqual([
    { node: 'h1', reason: 'the mount at /srv is new or has changed', isNewNetwork: false, isDead: false },
  ])
  expect(mounted.first.nodes).toEqual([])
  const mapped = lab.change(resolve(CHAIN.replace('h1: {}', 'h1: { users: { map: host } }')))
  expect(mapped.replacedNodes).toEqual(['h1'])
  expect(opsOf(mapped)).toContain('h1 veth.add')
  lab.apply(mapped)
  expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(resolve(CHAIN)).kernel))
})

test('a dead node is restarted', () => {
  const input = new ModelLab(resolve(CHAIN)).input(resolve(CHAIN))
  const observed = input.observed.map((node) => (node.name === 'h2' ? { ...node, status: 'dead' as const } : node))
  const plan = changeTo({ ...input, observed })
  expect([plan.restartedNodes, plan.change.restarts[0]?.isDead]).toEqual([['h2'], true])
})

test('another lab’s file is refused', () => {
  const lab = new ModelLab(resolve(CHAIN))
  expect(() => lab.change(resolve(CHAIN.replace('name: lab', 'name: other')))).toThrow(
    'the file is of lab other, and this lab is lab',
  )
})

test('a link that the wire carries stays on it when its impairment goes', () => {
  const text = CHAIN.replace('[h1, r1]', '{ endpoints: [h1, r1], delay: 10ms, emulation: wire }')
  const lab = new ModelLab(resolve(text))
  const plan = lab.change(resolve(CHAIN))
  expect(plan.emulations.map(({ from, to }) => [from?.backend, to?.backend, to?.emulation.directions])).toEqual([
    ['wire', 'wire', [{ impairment: null }, { impairment: null }]],
  ])
  expect([plan.first.nodes, plan.last]).toEqual([[], []])
  lab.apply(plan)
  expect(lab.change(resolve(CHAIN)).change.differences).toEqual([])
})

test('changes of emulations have the words of the file, and what follows from them is not told', () => {
  const withKeys = (keys: string) => resolve(CHAIN.replace('[h1, r1]', `{ endpoints: [h1, r1]${keys} }`))
  const textOf = ({ from, to, note }: Difference) => `${from} → ${to}${note ? ` (${note})` : ''}`
  const plain = new ModelLab(withKeys(', rate: 10mbit'))
  expect(plain.change(withKeys(', delay: 10ms, emulation: wire')).change.differences.map(textOf)).toEqual([
    'rate 10mbit limit 20p → delay 10ms by the wire (its veth pair is made anew, with the wire between its ends)',
  ])
  const lab = new ModelLab(withKeys(', delay: 10ms, emulation: wire'))
  const lines = [', rate: 10mbit', ', h1: { loss: 1% }', ''].flatMap((keys) => {
    const plan = lab.change(withKeys(keys))
    lab.apply(plan)
    expect(lab.change(withKeys(keys)).change.differences).toEqual([])
    return plan.change.differences.map(textOf)
  })
  expect(lines).toEqual([
    'delay 10ms → rate 10mbit limit 20p',
    'rate 10mbit limit 20p → loss 1% from h1:eth0, none from r1:eth0',
    'loss 1% from h1:eth0, none from r1:eth0 → none',
  ])
})

test('a new link with a wire is made with it, and a plain one gets it by a change of its emulation', () => {
  const lab = new ModelLab(resolve(CHAIN))
  const wired = lab.change(
    resolve(CHAIN.replace('[r1, h2]]', '[r1, h2], { endpoints: [h1, h2], delay: 1ms, emulation: wire }]')),
  )
  expect(wired.first.wire?.links.map(({ link, indexes }) => [link, indexes])).toEqual([[2, [1_000_004, 1_000_005]]])
  const plain = lab.change(resolve(CHAIN.replace('[h1, r1]', '{ endpoints: [h1, r1], delay: 10ms, emulation: wire }')))
  expect(plain.emulations.map(({ link, from, to }) => [link, from, to?.backend])).toEqual([[0, null, 'wire']])
  expect(plain.first.wire).toBeNull()
})

test('a killed change is taken on: what it made is the lab’s', () => {
  const lab = new ModelLab(resolve(CHAIN))
  const to = resolve(CHAIN.replace('[r1, h2]]', '[r1, h2], [h1, h2]]'))
  const plan = lab.change(to)
  const [device] = plan.first.nodes.flatMap(({ devices }) => devices)
  if (device) lab.kernel.perform(device)
  const input = { ...lab.input(to), unfinished: [plan.target] }
  const next = changeTo(input)
  expect(next.target).toEqual(plan.target)
  expect(next.first.nodes.flatMap(({ devices }) => devices)).toEqual([])
  // Back to the file before: the new pair is the lab's own, and goes.
  expect(changeTo({ ...lab.input(resolve(CHAIN)), unfinished: [plan.target] }).last).toHaveLength(1)
})

test('the text of a change has a line each, grouped by node', () => {
  const lab = new ModelLab(resolve(CHAIN))
  const { change } = lab.change(resolve(CHAIN.replace('[h1, r1]', '{ endpoints: [h1, r1], mtu: 1400 }')))
  expect(changeText(change, PLAIN)).toBe(
    ['h1', '  ~ mtu  eth0: 1500 → 1400', 'r1', '  ~ mtu  eth0: 1500 → 1400'].join('\n'),
  )
  const none = lab.change(resolve(CHAIN)).change
  expect(changeText(none, PLAIN)).toBe('The lab lab is as the file says.')
})

// h ── r: what r has on the link, and its routes.
const pair = (own: string, other: string, routes: string): string =>
  `name: lab
routing: none
nodes: { r: { addresses: { eth0: [${own}] }, routes: [${routes}] }, h: { addresses: { eth0: [${other}] } }, s: {} }
links: [["r:eth0", "h:eth0"], ["r:eth1", "s:eth0"]]
`
const CLASHES: [string, string, string][] = [
  [
    'a route to the subnet of an address that goes',
    pair('10.7.3.2/24, 10.7.2.2/24', '10.7.3.1/24', ''),
    pair('10.7.2.2/24', '10.7.2.1/24', '{ to: 10.7.3.0/24, via: 10.7.2.1 }'),
  ],
  [
    'the same with IPv6, at the metric of the kernel',
    pair('"fd07:3::2/64", "fd07:2::2/64"', '"fd07:3::1/64"', ''),
    pair('"fd07:2::2/64"', '"fd07:2::1/64"', '{ to: "fd07:3::/64", via: "fd07:2::1", metric: 256 }'),
  ],
  [
    'a gateway that takes over the address of the node',
    pair('10.7.3.1/24', '10.7.3.2/24', '{ to: 0.0.0.0/0, via: 10.7.3.2 }'),
    pair('10.7.3.2/25', '10.7.3.1/25', '{ to: 0.0.0.0/0, via: 10.7.3.1 }'),
  ],
  [
    'the same with IPv6',
    pair('"fd07:3::1/64"', '"fd07:3::2/64"', '{ to: "::/0", via: "fd07:3::2" }'),
    pair('"fd07:3::2/80"', '"fd07:3::1/80"', '{ to: "::/0", via: "fd07:3::1" }'),
  ],
  [
    'a gateway that an old route has',
    pair('10.7.3.1/24', '10.7.3.2/24', '{ to: 10.9.1.0/25, via: 10.7.3.2 }'),
    pair('10.9.1.1/24', '10.9.1.2/24', '{ to: 10.8.0.0/16, via: 10.9.1.2 }'),
  ],
]

test.for(CLASHES)('room for %s', ([, one, other]) => {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const lab = new ModelLab(resolve(from))
    const before = pictureOf(lab.kernel)
    const plan = lab.change(resolve(to))
    lab.rollBack(plan)
    expect(pictureOf(lab.kernel)).toEqual(before)
    lab.apply(plan)
    expect(pictureOf(lab.kernel)).toEqual(pictureOf(new ModelLab(resolve(to)).kernel))
  }
  expect(new ModelLab(resolve(one)).change(resolve(other)).change.differences).toContainEqual(
    expect.objectContaining({ note: expect.stringMatching(/^goes first, since/) }),
  )
})
