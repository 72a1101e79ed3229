// Every part of a topology, added to a running lab, changed in it and removed from it: afterwards the kernel has what a lab has that is
// built anew from the same file, read with iproute2.
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'
import { wholeNode } from '../../../support/whole-node.js'

const asUser = (): Cli => {
  const user = new TestUser(61_103)
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

/** h1 ── r1 ── h2, with more in r1 and more links. */
const chain = ({
  r1 = '',
  h1 = '',
  more = '',
  links = '',
}: Partial<Record<'r1' | 'h1' | 'more' | 'links', string>>) => `
nodes:
  h1: { ${h1} }
  r1: { kind: router, ${r1} }
  h2: {}
${more}
links:
  - ["h1:eth0", "r1:eth0"]
  - ["r1:eth1", "h2:eth0"]
${links}
`
const link = (settings: string) => `
nodes: { h1: {}, r1: { kind: router } }
links: [{ endpoints: [h1, r1], ${settings} }]
`

/** The texts of a lab, one after the other, and what else is read of its nodes. */
const EDITS: Record<string, [texts: string[], extra?: string[]]> = {
  'a node at a new link': [[chain({}), chain({ more: '  h3: {}', links: '  - ["r1:eth2", "h3:eth0"]' }), chain({})]],
  'a link between nodes that are there': [[chain({}), chain({ links: '  - ["h1:eth1", "h2:eth1"]' }), chain({})]],
  'a LAN of three': [
    [
      chain({}),
      chain({ links: '  - { endpoints: [h1, r1, h2], name: office }' }),
      chain({ links: '  - { endpoints: [h1, r1], name: office }' }),
      chain({}),
    ],
  ],
  'the other node of a link': [
    [
      'nodes: { a: {}, b: {}, c: {} }\nlinks: [["a:eth0", "b:eth0"], ["c:eth0", "b:eth1"]]',
      'nodes: { a: {}, b: {}, c: {} }\nlinks: [["a:eth0", "c:eth0"], ["c:eth1", "b:eth1"]]',
    ],
  ],
  addresses: [
    [
      chain({ r1: 'addresses: { lo: [192.0.2.1/32] }' }),
      chain({ r1: 'addresses: { lo: [192.0.2.2/32, "2001:db8::1/128"] }' }),
      chain({}),
    ],
  ],
  'addresses of a link': [
    [
      link('subnets: [192.0.2.0/24]'),
      link('subnets: [198.51.100.0/24, "2001:db8::/64"]'),
      link('subnets: [192.0.2.0/24]'),
    ],
  ],
  routes: [
    [
      chain({ r1: 'routes: [{ to: 198.51.100.0/24, via: "r1:eth0" }]' }).replace('via: "r1:eth0"', 'via: h1'),
      chain({ r1: 'routes: [{ to: 198.51.100.0/24, via: h2 }, { to: 203.0.113.0/24, type: blackhole }]' }),
      chain({ r1: 'routes: [{ to: 203.0.113.0/24, type: unreachable, metric: 7 }]' }),
      chain({}),
    ],
  ],
  'next hops, rules and tables': [
    [
      chain({}),
      chain({
        r1: 'nexthops: { 7: { via: h1 }, 8: { via: h2 }, 9: { group: { 7: 1, 8: 2 } } }, routes: [{ to: 198.51.100.0/24, nhid: 9 }, { to: default, via: h1, table: 77 }], rules: [{ from: 192.0.2.0/24, table: 77, priority: 100 }]',
      }),
      chain({
        r1: 'nexthops: { 7: { via: h2 }, 9: { group: { 7: 1 } } }, routes: [{ to: 198.51.100.0/24, nhid: 9 }, { to: default, via: h2, table: 77 }], rules: [{ from: 192.0.2.0/24, table: 77, priority: 90 }]',
      }),
      chain({}),
    ],
  ],
  'next hops that drop packets': [
    [
      chain({}),
      chain({
        r1: 'nexthops: { 11: { blackhole: true } }, routes: [{ to: 198.51.100.0/24, nhid: 11 }]',
      }),
      chain({}),
    ],
  ],
  sysctls: [
    [
      chain({ r1: 'sysctls: { net.ipv4.ip_default_ttl: 77 }' }),
      chain({
        r1: 'sysctls: { net.ipv4.ip_default_ttl: 99, net.ipv4.conf.eth0.rp_filter: 1, net.ipv4.conf.default.log_martians: 1 }',
      }),
      chain({}),
    ],
    [
      'sysctl -n net.ipv4.ip_default_ttl net.ipv4.ip_forward net.ipv4.conf.all.rp_filter 2>/dev/null',
      'sysctl -n net.ipv4.conf.eth0.rp_filter net.ipv4.conf.eth0.log_martians net.ipv4.conf.default.log_martians 2>/dev/null',
    ],
  ],
  'sysctls that the kernel writes with others': [
    [
      chain({}),
      chain({ r1: 'sysctls: { net.ipv4.ip_forward: 0, net.ipv4.conf.eth1.forwarding: 1 }' }),
      chain({}),
      chain({ r1: 'sysctls: { net.ipv4.ip_forward: 0, net.ipv4.conf.default.forwarding: 1 }' }),
      chain({ r1: 'sysctls: { net.ipv4.conf.default.forwarding: 0, net.ipv4.conf.all.accept_redirects: 1 }' }),
      chain({ r1: 'sysctls: { net.ipv6.conf.all.forwarding: 0, net.ipv6.conf.eth0.forwarding: 1 }' }),
      chain({ r1: 'sysctls: { net.ipv6.conf.default.forwarding: 0, net.ipv4.conf.default.rp_filter: 2 }' }),
      chain({ r1: 'sysctls: { net.ipv6.conf.all.ignore_routes_with_linkdown: 1, net.ipv4.conf.lo.rp_filter: 1 }' }),
      chain({ r1: 'sysctls: { net.ipv6.conf.eth1.ignore_routes_with_linkdown: 1 }' }),
      chain({ r1: 'sysctls: { net.ipv6.conf.all.disable_ipv6: 1 }' }),
      chain({}),
    ],
    [
      'cd /proc/sys/net; grep -H . ipv[46]/conf/*/forwarding ipv6/conf/*/disable_ipv6 ipv6/conf/*/ignore_routes_with_linkdown',
      'cd /proc/sys/net; grep -H . ipv4/conf/*/rp_filter ipv4/conf/*/accept_redirects',
    ],
  ],
  'the MTU of a link': [[link('mtu: 1400'), link('mtu: 1300'), link('mtu: 9000')]],
  MACs: [
    [
      'nodes: { h1: { mac: { eth0: "02:00:00:00:00:01" } }, r1: { kind: router } }\nlinks: [[h1, r1]]',
      'nodes: { h1: { mac: { eth0: "02:00:00:00:00:02" } }, r1: { kind: router } }\nlinks: [[h1, r1]]',
      'nodes: { h1: {}, r1: { kind: router } }\nlinks: [[h1, r1]]',
    ],
  ],
  names: [
    [
      'nodes: { h1: {}, r1: { kind: router } }\nlinks: [["h1:eth0", "r1:eth0"]]',
      'nodes: { h1: {}, r1: { kind: router } }\nlinks: [["h1:lan0", "r1:wan-1"]]',
    ],
  ],
  'interfaces that stand alone or have members': [
    [
      chain({ r1: 'interfaces: { br0: { kind: bridge } }' }),
      chain({ r1: 'interfaces: { br0: { kind: bridge, priority: 4096, stp: true, addresses: [192.0.2.1/24] } }' }),
      chain({ r1: 'interfaces: { br1: { kind: bridge, mtu: 1300 } }' }),
      chain({}),
    ],
  ],
  'tunnels and what stands on others': [
    [
      chain({}),
      chain({
        r1: 'interfaces: { vx: { kind: vxlan, id: 7, remote: [h1], dstport: 4789 }, mv0: { kind: macvlan, parent: eth0 } }',
      }),
      chain({ r1: 'interfaces: { vx: { kind: vxlan, id: 7, remote: [h2, h1], dstport: 4789 } }' }),
      chain({}),
    ],
    ['bridge -j fdb show dev vx 2>/dev/null'],
  ],
  neighbours: [
    [`neighbours: static\n${chain({})}`, `neighbours: dynamic\n${chain({})}`, `neighbours: static\n${chain({})}`],
  ],
  'files and names': [
    [
      chain({ h1: 'files: { /tmp/motd: one, /tmp/gone: x }, hostname: first' }),
      chain({
        h1: 'files: { /tmp/motd: two, /tmp/new: { content: y, mode: "600" } }, hostname: second, domainname: lab',
      }),
      chain({}),
    ],
    ['cat /tmp/motd', 'ls -l /tmp | sed "s/ [A-Z][a-z][a-z] .*:[0-9]*//"', 'domainname'],
  ],
  'variables of the environment': [
    [chain({ h1: 'env: { A: one }' }), chain({ h1: 'env: { A: two, B: three }' })],
    ['echo $A $B'],
  ],
  commands: [[chain({}), chain({ h1: 'exec: ["echo ran > /tmp/ran"]' })], ['cat /tmp/ran']],
  impairments: [[link(''), link('delay: 5ms, loss: 1%'), link('delay: 1ms, rate: 10mbit'), link('')]],
  'the wire without impairments': [[link(''), link('emulation: wire')]],
}

const namesIn = (nslab: Cli, lab: string): string[] =>
  nslab(['inspect', lab, '--json'])
    .json()
    .nodes.map(({ name }: { name: string }) => name)

function read(nslab: Cli, lab: string, extra: readonly string[] = []): Record<string, unknown> {
  return Object.fromEntries(namesIn(nslab, lab).map((node) => [node, wholeNode(nslab, `${lab}/${node}`, extra)]))
}

/** By default, neighbours depend on how full the machine's tables are at the moment. */
const steady = (text: string): string => (text.startsWith('neighbours') ? text : `neighbours: dynamic\n${text}`)

function run(nslab: Cli, words: string[], text: string): ReturnType<Cli> {
  const input = steady(text)
  const result = nslab(words, { input, cwd: '/' })
  expect(result.status, `${words.join(' ')}\n${input}\n${result.stderr}${result.stdout}`).toBe(0)
  return result
}

describe.for<[string, boolean]>([
  ['root', false],
  ['an ordinary user', true],
])('for %s', ([, isUser]) => {
  // Every other one: what an ordinary user's helper does with netlink differs in no single kind of edit, and all take minutes.
  const edits = Object.entries(EDITS).filter((_, place) => !isUser || place % 2 === 0)
  test.for(edits)('%s', ([, [texts, extra]], { nslab: rootNslab }) => {
    const nslab = isUser ? asUser() : rootNslab
    const lab = uniqueName('edit')
    run(nslab, ['up', '-', '--name', lab], texts[0] as string)
    const after = texts.slice(1).map((text) => {
      const { restarts } = run(nslab, ['apply', '-', lab, '--name', lab, '--json'], text).json()
      expect(restarts).toEqual([])
      expect(run(nslab, ['diff', lab, '-', '--name', lab, '--json'], text).json()).toMatchObject({ equal: true })
      return read(nslab, lab, extra)
    })
    for (const [at, text] of texts.slice(1).entries()) {
      nslab(['down', lab])
      run(nslab, ['up', '-', '--name', lab], text)
      expect(after[at], text).toEqual(read(nslab, lab, extra))
    }
  })
})
