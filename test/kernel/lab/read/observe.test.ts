// What is in no file: what a node's own programs add is read too, and what the kernel makes by itself is not.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ObservedNode } from '../../../../src/plan/change/observed.js'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { waitUntilGone } from '../../../support/shim.js'

function observe(lab: string, stateDirectory: string): ObservedNode[] {
  const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'test/support/observe.mjs'), lab], {
    encoding: 'utf8',
    input: '{}',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

const sh = (nslab: Cli, node: string, text: string) => {
  const run = nslab(['exec', node, '--', 'sh', '-euc', text])
  expect(run, run.stderr).toMatchObject({ status: 0 })
  return run.stdout
}

// h1 ── h2
test('addresses, routes, next hops, rules, neighbours and disciplines that somebody added', ({
  nslab,
  stateDirectory,
}) => {
  const lab = uniqueName('read')
  nslab(['up', '-', '--name', lab], { input: 'nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]\n' })
  const before = observe(lab, stateDirectory)[0]
  sh(
    nslab,
    'h1',
    `ip address add 192.0.2.1/24 dev eth0
ip address add 192.0.2.9/32 dev eth0 valid_lft 900 preferred_lft 800
ip address add fe80::77/64 dev eth0 nodad
ip route add 198.51.100.0/24 proto bgp metric 20 nexthop via 192.0.2.2 weight 3 nexthop via 192.0.2.3
ip route add 2001:db8::/32 via fe80::1 dev eth0 table 1000
ip route add prohibit 203.0.113.0/24
ip nexthop add id 7 via 192.0.2.2 dev eth0
ip nexthop add id 8 group 7,2
ip route add 198.51.101.0/24 nhid 8
ip rule add from 192.0.2.0/24 fwmark 5/7 table 1000 priority 99
ip rule add ipproto tcp table 1000 priority 98
ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0
ip neighbour add fe80::1 lladdr 02:00:00:00:00:03 dev eth0
tc qdisc replace dev eth0 root handle 5: tbf rate 1mbit burst 10k limit 10k`,
  )
  const after = observe(lab, stateDirectory)[0]
  const index = after?.interfaces.find(({ name }) => name === 'eth0')?.index
  const eth0 = { node: 'h1', interface: 'eth0', index }
  const had = before?.entries.map((entry) => JSON.stringify(entry)) ?? []
  const hop = (gateway: string) => ({ gateway, interface: 'eth0', index })
  expect(after?.entries.filter((entry) => !had.includes(JSON.stringify(entry)))).toEqual([
    { op: 'address.add', ...eth0, family: 4, address: '192.0.2.1/24', noDad: false },
    { op: 'address.add', ...eth0, family: 4, address: '192.0.2.9/32', noDad: false, temporary: true },
    { op: 'address.add', ...eth0, family: 6, address: 'fe80::77/64', noDad: true },
    { op: 'neighbour.add', ...eth0, address: '192.0.2.2', mac: '02:00:00:00:00:02' },
    { op: 'neighbour.add', ...eth0, address: 'fe80::1', mac: '02:00:00:00:00:03' },
    {
      op: 'nexthop.add',
      node: 'h1',
      nexthop: { id: 7, family: 4, hop: { gateway: '192.0.2.2', interface: 'eth0' } },
      index,
    },
    { op: 'nexthop.add', node: 'h1', nexthop: { id: 8, family: 4, group: [{ id: 7, weight: 2 }] }, index: 0 },
    ...[
      {
        destination: '198.51.100.0/24',
        nextHops: [{ ...hop('192.0.2.2'), weight: 3 }, hop('192.0.2.3')],
        metric: 20,
        protocol: 'bgp',
      },
      { destination: '198.51.101.0/24', nextHops: [], nexthopId: 8, protocol: 'boot' },
      { destination: '203.0.113.0/24', nextHops: [], type: 'prohibit', protocol: 'boot' },
    ].map((route) => ({ op: 'route.add', node: 'h1', family: 4, source: null, ...route })),
    {
      ...{ op: 'route.add', node: 'h1', family: 6, destination: '2001:db8::/32' },
      ...{ nextHops: [hop('fe80::1')], source: null, table: 1000, protocol: 'boot' },
    },
    {
      op: 'rule.add',
      node: 'h1',
      rule: { family: 4, priority: 99, from: '192.0.2.0/24', fwmark: { mark: 5, mask: 7 }, action: { table: 1000 } },
    },
  ])
  expect(after?.interfaces.find(({ name }) => name === 'eth0')?.disciplines).toMatchObject([
    { kind: 'tbf', parent: 0xffff_ffff, handle: 0x50000 },
  ])
})

// h1 ── h2 (killed), and a pair within h1
test('interfaces are those of ip(8), and the other ends of pairs are found, also in dead nodes', async ({
  nslab,
  stateDirectory,
}) => {
  const lab = uniqueName('read')
  const input = 'nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]\n'
  const up = nslab(['up', '-', '--name', lab, '--json'], { input })
  sh(
    nslab,
    'h1',
    'ip link add index 90 v0 type veth peer name v1 index 91; ip link set v0 mtu 1400; ip link add m0 link v0 type macvlan mode vepa',
  )
  const shown = JSON.parse(sh(nslab, 'h1', 'ip -j -d link show'))
  const { pid } = up.json().nodes.find(({ name }: { name: string }) => name === 'h2')
  process.kill(pid, 'SIGKILL')
  await waitUntilGone(pid)

  const [h1, h2] = observe(lab, stateDirectory)
  const eth0 = (node: ObservedNode | undefined) => node?.interfaces.find(({ name }) => name === 'eth0')
  expect(h1?.interfaces.map(({ index, name, mtu, mac, up }) => ({ index, name, mtu, mac, up }))).toEqual(
    shown.map(({ ifindex, ifname, mtu, address, link_type, flags }: any) => ({
      ...{ index: ifindex, name: ifname, mtu, up: flags.includes('UP') },
      mac: link_type === 'ether' ? address : null,
    })),
  )
  expect(Object.fromEntries(h1?.interfaces.map(({ name, kind }) => [name, kind]) ?? [])).toEqual({
    ...{ lo: 'loopback', eth0: 'veth', v0: 'veth', v1: 'veth' },
    m0: 'macvlan',
  })
  expect(h1?.interfaces.find(({ name }) => name === 'm0')?.settings).toEqual({
    kind: 'macvlan',
    parent: 90,
    mode: 'vepa',
  })
  expect(h1?.interfaces.find(({ name }) => name === 'v0')?.peer).toEqual({ node: 'h1', index: 91 })
  expect([h1?.status, h2?.status]).toEqual(['running', 'dead'])
  expect(eth0(h1)?.peer).toEqual({ node: 'h2', index: eth0(h2)?.index })
  expect(eth0(h2)?.peer).toEqual({ node: 'h1', index: eth0(h1)?.index })
})

// h1, h2 and h3 each with a pair of their own making, whose indexes are the same everywhere
test('ends whose ifindexes other namespaces have too are told apart', ({ nslab, stateDirectory }) => {
  const lab = uniqueName('read')
  const up = nslab(['up', '-', '--name', lab, '--json'], { input: 'nodes: {h1: {}, h2: {}, h3: {}, h4: {}}\n' })
  const pidOf = (node: string) => up.json().nodes.find(({ name }: { name: string }) => name === node).pid
  for (const [a, b] of [
    ['h1', 'h2'],
    ['h3', 'h4'],
  ] as const) {
    const pair = ['ip', 'link', 'add', 'x', 'index', '50', 'type', 'veth', 'peer', 'name', 'y', 'index', '51']
    const made = spawnSync('nsenter', ['-t', String(pidOf(a)), '-n', ...pair, 'netns', String(pidOf(b))])
    expect(made.status, String(made.stderr)).toBe(0)
  }
  const peers = observe(lab, stateDirectory).map(({ interfaces }) => interfaces.find(({ index }) => index >= 50)?.peer)
  expect(peers).toEqual([
    { node: 'h2', index: 51 },
    { node: 'h1', index: 50 },
    { node: 'h4', index: 51 },
    { node: 'h3', index: 50 },
  ])
})

// h1 ── h2, whose network h3 shares
test('nodes that share a network have the same entries, each in its own name', ({ nslab, stateDirectory }) => {
  const lab = uniqueName('read')
  const input = `nodes:
  h1: {}
  h2: {namespaces: {net: shared, user: shared}}
  h3: {namespaces: {net: shared, user: shared}}
links: [[h1, h2]]
`
  expect(nslab(['up', '-', '--name', lab], { input })).toMatchObject({ status: 0 })
  const [h1, h2, h3] = observe(lab, stateDirectory)
  expect(h3?.interfaces).toEqual(h2?.interfaces)
  expect(h3?.entries).toEqual(h2?.entries.map((entry) => ({ ...entry, node: 'h3' })))
  expect(h1?.interfaces.at(-1)?.peer?.node).toBe('h2')
})
