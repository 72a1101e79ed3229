// The script of a plan as text; test/kernel/plan/script.test.ts runs such scripts.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { networkScript } from '../../../../src/plan/say/script.js'
import { deviceWord, quoted } from '../../../../src/plan/say/shell.js'
import { resolve } from '../../topology/support.js'

const script = (text: string): string => networkScript(resolve(`name: lab\n${text}`))
const sectionsOf = (text: string): string[][] =>
  script(text)
    .split('\n\n')
    .map((section) => section.split('\n'))

test('the shell reads every quoted word as it was', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...`'"$\`\\#;&|<>*?[]~!{}()\n\t =-a`) }),
  )
  fc.assert(
    fc.property(
      fc.array(
        word.map((text) => text.replaceAll('\0', '')),
        { minLength: 1 },
      ),
      (words) => {
        const shown = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(quoted).join(' ')}`], { encoding: 'utf8' })
        expect(shown.split('\0').slice(0, -1)).toEqual(words)
      },
    ),
    { numRuns: 50 },
  )
})

test('an interface is only called so without `dev` where iproute2 cannot take it for a word of its own', () => {
  expect(['eth0', 'br12', 'lo', 't', 'mtu', "o'x"].map(deviceWord)).toEqual([
    ...['eth0', 'br12', 'lo', 'dev t', 'dev mtu', "dev 'o'\\''x'"],
  ])
})

describe('shape', () => {
  const [head, nodes, ...rest] = sectionsOf('nodes: {b: {}, a: {}, r: {kind: router}}\nlinks: [[a, r], [r, b]]') as [
    string[],
    string[],
    ...string[][],
  ]

  test('it says what it is, how to enter a node, how to remove it, and what it leaves out', () => {
    expect(head).toEqual([
      '#!/bin/sh',
      '# The network of the lab lab, made with iproute2 alone: nodes 3, links 2. Run it as root.',
      '# A node is a network namespace of its name: ip netns exec NODE COMMAND',
      '# To remove it, whole or half made: for node in b a r; do ip netns del "$node"; done',
      '# Not in here: users, processes, mounts, host names and /etc/hosts, which `nslab up` gives each node of its own.',
      'set -e',
    ])
  })

  test('namespaces come first, then kernel parameters once for all that have the same, links, configuration', () => {
    expect(nodes).toEqual(['# Nodes', 'for node in b a r; do', '  ip netns add "$node"', 'done'])
    expect(rest.map(([title]) => title)).toEqual([
      '# Kernel parameters of kind host',
      '# Kernel parameters of kind router',
      '# a: interfaces',
      '# r: interfaces',
      '# b: configuration',
      '# a: configuration',
      '# r: configuration',
    ])
    expect(rest[0]?.[1]).toBe('for node in b a; do')
    expect(rest[1]?.slice(1, 3).join()).toMatch(
      /^for node in r; do, {2}ip netns exec "\$node" sysctl -qw net\.ipv4\.ip_forward=1 /,
    )
  })

  test('commands of one node are the input of one process', () => {
    expect(rest[4]).toEqual([
      '# b: configuration',
      "ip -n b -batch - <<'END'",
      'link set lo up',
      'link set eth0 up',
      'address add 10.0.0.3/31 dev eth0',
      'address add fd00::3/127 dev eth0 nodad',
      'route add 0.0.0.0/0 proto static via 10.0.0.2 dev eth0',
      'END',
      'ip -6 -n b route add ::/0 proto static via fd00::2 dev eth0',
    ])
  })
})

test('what `-batch` reads otherwise than the shell, or not at all, is a command', () => {
  const named = script('nodes: {a: {}, b: {}}\nlinks: [["a:e#0", "b:$x"]]').split('\n')
  expect(named).toContain("ip -n a link set 'e#0' up")
  expect(named).toContain("ip -n b link set dev '$x' up")
  expect(named.filter((line) => line.includes('#0') && line.startsWith('link'))).toEqual([])

  const wide = script('nodes: {r: {kind: router}, q: {kind: router}}\nlinks: [{endpoints: [r, q], count: 30}]').split(
    '\n',
  )
  const multipath = wide.filter((line) => line.includes('nexthop via'))
  expect(multipath.length).toBeGreaterThan(0)
  for (const line of multipath) expect(line).toMatch(/^ip (-6 )?-n [rq] route add /)
})

test('what comes after `&&` in a plan is a command of its own, for `set -e` minds the last one only', () => {
  const lines = script('nodes: {a: {interfaces: {tap0: {kind: tap}}}}').split('\n')
  expect(lines).toContain('tuntap add dev tap0 mode tap')
  expect(lines.filter((line) => line.includes('&&'))).toEqual([])
})

test('next-hop objects wait for all links, and what needs them comes after', () => {
  const sections = sectionsOf(`nodes:
  a: {nexthops: {1: {via: 10.0.0.1}}, routes: [{to: 192.0.2.0/24, nhid: 1}]}
  r: {kind: router}
links: [[a, r]]`)
  const titles = sections.map(([title]) => title)
  expect(titles.slice(-3)).toEqual([
    '# r: configuration',
    '# The kernel takes a next-hop object only when its link runs',
    '# a: next-hop objects, and what comes after them',
  ])
  expect(sections.at(-2)?.at(-1)).toBe('await a eth0')
})

test('a node in the network of another is a second name of it', () => {
  const shared = 'namespaces: {user: shared, net: shared}'
  const [, nodes] = sectionsOf(`nodes: {a: {${shared}}, b: {${shared}}, c: {}}\nlinks: [[a, c]]`)
  expect(nodes).toEqual([
    ...['# Nodes', 'for node in a c; do', '  ip netns add "$node"', 'done'],
    ...['# b is in the network of a', ': > /run/netns/b', 'mount --bind /run/netns/a /run/netns/b'],
  ])
})

test('what is written and is no network is named, and nothing of its text gets into the script', () => {
  const [head] = sectionsOf(`nodes:
  a:
    hostname: web
    domainname: "x;rm"
    sysctls: {kernel.msgmax: "1\\nreboot", net.ipv4.conf.all.arp_ignore: "1\\nreboot"}
    users: {map: host}
    time: {boottime: 1d}
    env: {A: b}
    files: {/etc/motd: "x\\nreboot"}
    mounts: [{target: /srv}]
    exec: [reboot]
    interfaces: {eth9: {device: enp3s0}}`)
  expect(head?.slice(5, -1)).toEqual([
    '# Written in the topology, and not in here either:',
    '#   a: hostname, domainname, sysctl kernel.msgmax, time: own, users, clocks, env, mounts, files, exec',
    '# Devices of the machine go into nodes; a card comes back with the removal, called as in the node:',
    '#   a: "enp3s0"',
  ])
  expect(script('nodes: {a: {sysctls: {net.ipv4.conf.all.arp_ignore: "1\\nreboot"}}}')).toContain(
    "arp_ignore=1\nreboot'",
  )
})
