// A plain link that gets an impairment which only the wire does: its veth pair is replaced, and both nodes have again all that
// they had, as iproute2 shows it.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { link } from '../../../support/node-ip.js'
import { qdiscs } from '../../../support/node-tc.js'
import { TestUser } from '../../../support/user.js'

// h1 ── r1 ══ r2 ── h2, and s1, s2 on a switch with r2
const TOPOLOGY = `
neighbours: static
nodes:
  h1: {}
  r1: { kind: router }
  r2: { kind: router, rules: [{ from: 192.0.2.0/24, table: 77, priority: 100 }], routes: [{ to: default, via: "r1:eth1", table: 77 }] }
  h2: {}
  s1: {}
  s2: {}
links: [[h1, r1], [r1, r2], [r1, r2], [r2, h2], [s1, s2, r2]]
`
/** Nothing of the kernel's keeps this: netem makes correlated losses far rarer. */
const ONLY_WIRE = ['delay=5ms', 'loss=0.0001%', 'loss.correlation=25%']

const asUser = (): Cli => {
  const user = new TestUser(61_331)
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

function up(nslab: Cli, stem: string): string {
  const name = uniqueName(stem)
  const { status, stderr } = nslab(['up', '-', '--name', name], { input: TOPOLOGY, cwd: '/' })
  expect(status, stderr).toBe(0)
  return name
}

const run = (nslab: Cli, node: string, script: string): string => {
  const { status, stdout, stderr } = nslab(['exec', node, '--', 'sh', '-ec', script], { cwd: '/' })
  expect(status, stderr).toBe(0)
  return stdout
}

/** What changes by itself, and what the other end of a veth pair is. */
const PASSING = [
  'link_index',
  'link_netnsid',
  'gso_max_segs',
  'forward_delay_timer',
  'hold_timer',
  'message_age_timer',
  'gc_timer',
]

const SHOW = `
for words in '-d address' 'route show table all' '-6 route show table all' rule 'neighbour show nud permanent' 'neighbour show proxy'
do ip -j $words; echo; done
bridge fdb show | grep -E "static|permanent" || true
bridge -d link show || true
cd /proc/sys/net; grep -rs "" ipv4/conf ipv4/neigh ipv6/conf ipv6/neigh || true`

/** All that the kernel has in a node, sorted. */
function stateOf(nslab: Cli, node: string): string[] {
  const lines = run(nslab, node, SHOW).split('\n')
  const entries = lines.filter((line) => line.startsWith('[')).flatMap((line): unknown[] => JSON.parse(line))
  return [
    ...entries.map((entry) => JSON.stringify(entry, (key, value) => (PASSING.includes(key) ? undefined : value))),
    ...lines.filter((line) => !line.startsWith('[')).map((line) => line.replaceAll(/eth(\d)@if\d+/g, 'eth$1')),
  ].toSorted()
}

const wireNetwork = (stateDirectory: string, name: string): string => {
  const { keeper, wire } = JSON.parse(readFileSync(join(stateDirectory, name, 'state.json'), 'utf8'))
  return `/proc/${keeper.pid}/fd/${wire.netnsFd}`
}

describe.for<[string, boolean]>([
  ['root', false],
  ['an unprivileged user', true],
])('for %s', ([, unprivileged]) => {
  test('both ends have again all that they had', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    up(nslab, 'live18same')
    run(
      nslab,
      'r1',
      `ip addr add 192.0.2.7/32 dev eth1; ip addr add 192.0.2.9/24 dev eth1 valid_lft 5000 preferred_lft 4000
       ip -6 addr add 2001:db8::5/64 dev eth1 nodad; ip link property add dev eth1 altname uplink
       ip link set eth1 txqueuelen 77 multicast off alias 'to the other router' group 5 promisc on
       ip route add 198.51.100.0/24 dev eth1 metric 77; ip route add 203.0.113.0/24 dev eth0 src 192.0.2.7
       ip -6 route add 2001:db8:1::/64 nexthop via fe80::5 dev eth1 nexthop via fe80::6 dev eth2 weight 3
       ip route add 198.18.0.0/16 table 99 nexthop dev eth1 nexthop dev eth2
       ip route add broadcast 192.0.2.200 dev eth1 table local; ip route add multicast 239.1.0.0/16 dev eth1
       ip neigh add 192.0.2.33 lladdr 02:00:00:00:00:33 dev eth1; ip neigh add proxy 192.0.2.44 dev eth1
       echo 2 > /proc/sys/net/ipv4/conf/eth1/rp_filter; echo 1234 > /proc/sys/net/ipv6/neigh/eth1/base_reachable_time_ms
       echo 0 > /proc/sys/net/ipv6/conf/eth1/accept_ra`,
    )
    const before = ['r1', 'r2'].map((node) => stateOf(nslab, node))
    const { status, stdout, stderr } = nslab(['link', 'set', 'r1:eth1', ...ONLY_WIRE], { cwd: '/' })
    expect(status, stderr).toBe(0)
    expect(stdout).toBe('r1:eth1 → r2:eth0: delay 5ms loss 0.0001% 25% (wire)\n')
    expect(stderr).toMatch(/note: r1:eth1 – r2:eth0 was replaced by a wire.*captures.*`emulation: wire`/)
    const after = ['r1', 'r2'].map((node) => stateOf(nslab, node))
    expect(after.map((lines) => lines.map(withoutLifetime))).toEqual(before.map((lines) => lines.map(withoutLifetime)))
    expect(link(nslab, 'r1', 'eth1').gso_max_segs).toBe(1)
    const { rttMs } = nslab(['ping', 'r1', 'r2:eth0', '-c', '3', '--json'], { cwd: '/' }).json()
    expect(rttMs.min).toBeGreaterThan(5)
    expect(nslab(['ping', 'h1', 'h2', '-c', '1'], { cwd: '/' }).status).toBe(0)
    expect(nslab(['link', 'set', 'r1:eth1', '--clear'], { cwd: '/' }).status).toBe(0)
    expect(link(nslab, 'r1', 'eth1').gso_max_segs).toBe(65_535)
  })

  test('a port of a switch is one again, with its settings', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    up(nslab, 'live18port')
    const port: string = nslab(['link', 'ls', '--json'], { cwd: '/' }).json().links[4].b
    const [node, name] = port.split(':') as [string, string]
    run(
      nslab,
      node,
      `bridge fdb add 02:00:00:00:00:77 dev ${name} master static; bridge fdb add 02:00:00:00:00:79 dev ${name} self permanent
       bridge link set dev ${name} hairpin on isolated on cost 77 learning off mcast_flood off`,
    )
    run(
      nslab,
      node,
      `bridge link set dev ${name} backup_port $(ls /sys/class/net/*/brport -d | cut -d/ -f5 | grep -v ${name} | head -n1)`,
    )
    const before = [node, 's1'].map((each) => stateOf(nslab, each))
    expect(before.join()).toContain('backup_port')
    expect(nslab(['link', 'set', port, ...ONLY_WIRE], { cwd: '/' }).status).toBe(0)
    expect([node, 's1'].map((each) => stateOf(nslab, each))).toEqual(before)
    run(nslab, node, `bridge link set dev ${name} isolated off`)
    expect(nslab(['ping', 's2', 's1', '-c', '1'], { cwd: '/' }).status).toBe(0)
  })
})

/** Lifetimes run. */
const withoutLifetime = (line: string): string => line.replaceAll(/_life_time":[0-9]{1,4}\b/g, '_life_time":0')

test.for<[string, string, string, RegExp]>([
  [
    'a VXLAN',
    'ip link add vx type vxlan id 5 dev eth1 remote 192.0.2.1 dstport 4789',
    'ip link del vx',
    /the vxlan vx stands on it/,
  ],
  ['a next-hop object', 'ip nexthop add id 5 dev eth1', 'ip nexthop del id 5', /the next-hop object 5 leads over it/],
  ['a discipline', 'tc qdisc add dev eth1 clsact', 'tc qdisc del dev eth1 clsact', /that nslab did not make: clsact/],
  [
    'a chain',
    'nft "add table netdev t; add chain netdev t c { type filter hook ingress device eth1 priority 0; }"',
    'nft delete table netdev t',
    /nftables’ chain t c hangs on it/,
  ],
])('nothing is replaced while %s hangs on an end', ([, make, remove, message], { nslab }) => {
  up(nslab, 'live18hang')
  run(nslab, 'r1', make)
  const before = link(nslab, 'r1', 'eth1')
  // r2:eth0 is the other end.
  const { status, stderr } = nslab(['link', 'set', 'r2:eth0', ...ONLY_WIRE])
  expect(stderr).toMatch(message)
  expect(status).toBe(5)
  expect(link(nslab, 'r1', 'eth1')).toEqual(before)
  run(nslab, 'r1', remove)
  expect(nslab(['link', 'set', 'r2:eth0', ...ONLY_WIRE]).status).toBe(0)
})

test.for<[string, (port: string, other: string) => [string, string], RegExp]>([
  [
    'an entry of the multicast database',
    (port) => {
      const entry = `$(basename $(readlink /sys/class/net/${port}/master)) port ${port} grp 239.1.1.1 permanent`
      return [`bridge mdb add dev ${entry}`, `bridge mdb del dev ${entry}`]
    },
    /the permanent mdb entry 239\.1\.1\.1 leads to it/,
  ],
  [
    'the backup of another port',
    (port, other) => [`bridge link set dev ${other} backup_port ${port}`, `bridge link set dev ${other} nobackup_port`],
    /it is the backup_port of eth/,
  ],
])('a port is not replaced while it has %s', ([, scriptsFor, message], { nslab }) => {
  up(nslab, 'live18mdb')
  const { links } = nslab(['link', 'ls', '--json']).json()
  const [[node, port], [, other]] = [links[4].b.split(':'), links[5].b.split(':')]
  const [make, remove] = scriptsFor(port, other)
  run(nslab, node, make)
  // The other end of the port's link.
  const { status, stderr } = nslab(['link', 'set', 's1:eth0', ...ONLY_WIRE])
  expect(stderr).toMatch(message)
  expect(status).toBe(5)
  run(nslab, node, remove)
  expect(nslab(['link', 'set', 's1:eth0', ...ONLY_WIRE]).status).toBe(0)
})

test('a link that cannot be replaced is made again, with its disciplines', ({ nslab, stateDirectory }) => {
  const name = up(nslab, 'live18undo')
  // Makes the lab's wire.
  expect(nslab(['link', 'set', 'h1:eth0', ...ONLY_WIRE]).status).toBe(0)
  expect(nslab(['link', 'set', 'r1:eth1', '--both', 'rate=10mbit']).status).toBe(0)
  const before = ['r1', 'r2'].map((node) => stateOf(nslab, node))
  const net = `--net=${wireNetwork(stateDirectory, name)}`
  execFileSync('nsenter', [net, 'ip', 'link', 'add', 'w1b', 'type', 'veth', 'peer', 'name', 'taken'])
  const { status, stderr } = nslab(['link', 'set', 'r1:eth1', ...ONLY_WIRE])
  expect(stderr).toMatch(/cannot create veth \(r2:eth0–@wire:w1b\): EEXIST/)
  expect(status).toBe(5)
  expect(['r1', 'r2'].map((node) => stateOf(nslab, node))).toEqual(before)
  expect(qdiscs(nslab, 'r1', 'eth1')[0]).toMatchObject({ kind: 'tbf', options: { rate: 1_250_000 } })
  expect(nslab(['link', 'ls', '--json']).json().links[1]).toMatchObject({ emulation: 'tbf', state: 'up' })
  execFileSync('nsenter', [net, 'ip', 'link', 'del', 'w1b'])
  expect(nslab(['link', 'set', 'r1:eth1', ...ONLY_WIRE]).status).toBe(0)
})

test('after a command that was killed, the next one finds the link as it was', async ({ nslab, stateDirectory }) => {
  const name = up(nslab, 'live18kill')
  const before = ['r1', 'r2'].map((node) => stateOf(nslab, node))
  const isUnderWay = () => readFileSync(join(stateDirectory, name, 'state.json'), 'utf8').includes('"replacement"')
  for (const ms of [0, 3, 10]) {
    const words = [join(ROOT, 'bin/run.js'), 'link', 'set', 'r1:eth1', ...ONLY_WIRE]
    const child = spawn(process.execPath, words, { stdio: 'ignore' })
    while (!isUnderWay()) await setTimeout(1)
    if (ms > 0) await setTimeout(ms)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const [, found] = nslab([...(ms === 0 ? ['inspect'] : ['link', 'ls']), '--json']).json().links
    expect(found).toMatchObject({ state: 'up' })
    if (found.emulation === 'wire') return
    expect(['r1', 'r2'].map((node) => stateOf(nslab, node))).toEqual(before)
    expect(isUnderWay()).toBe(false)
  }
  expect(nslab(['link', 'set', 'r1:eth1', ...ONLY_WIRE]).status).toBe(0)
  expect(nslab(['ping', 'h1', 'h2', '-c', '1']).status).toBe(0)
})
