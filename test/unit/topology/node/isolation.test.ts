// Which namespaces, users and clocks a node is resolved to have, and what is refused with its place and reason.
import { describe, expect, test } from 'vitest'
import { LabError } from '../../../../src/errors.js'
import type { ResolvedNode, ResolvedTopology } from '../../../../src/model/resolved.js'
import { planLab } from '../../../../src/plan/build.js'
import { explain } from '../../../../src/plan/say/explain.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'

const resolve = (text: string): ResolvedTopology => resolveTopology(parseTopology(text, { defaultName: 'lab' }))
const nodeOf = ({ nodes }: ResolvedTopology, name: string): ResolvedNode => {
  const node = nodes.find((each) => each.name === name)
  if (!node) throw new Error(`no node ${name}`)
  return node
}

function faultsOf(text: string): string[] {
  try {
    resolve(text)
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== 'TOPOLOGY_INVALID') throw error
    return (error.issues ?? []).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
  }
  throw new Error(`accepted: ${text}`)
}

test('a node that says nothing says nothing', () => {
  expect(nodeOf(resolve('nodes: {a: {}}'), 'a')).not.toHaveProperty('isolation')
})

test('kinds that are not written are the node’s own, but time, unless clocks are moved', () => {
  const own = { user: 'own', pid: 'own', mnt: 'own', uts: 'own', ipc: 'own', net: 'own', cgroup: 'own' }
  const lab = resolve(
    'nodes: {a: {namespaces: {ipc: host}}, b: {time: {boottime: -1.5s}}, c: {namespaces: {time: own}}}',
  )
  expect(nodeOf(lab, 'a').isolation).toEqual({
    namespaces: { ...own, ipc: 'host', time: 'host' },
    users: null,
    time: [],
  })
  expect(nodeOf(lab, 'b').isolation).toEqual({
    namespaces: { ...own, time: 'own' },
    users: null,
    time: [{ clock: 'boottime', seconds: -2, nanoseconds: 500_000_000 }],
  })
  expect(nodeOf(lab, 'c').isolation?.namespaces.time).toBe('own')
})

test('groups are mapped like users unless they are written', () => {
  const range = { inside: 0, outside: 200_000, count: 10 }
  const users = 'map: [{inside: 0, outside: 200000, count: 10}]'
  const lab = resolve(`nodes: {a: {users: {${users}}}, b: {users: {${users}, groups: host}}}`)
  expect(nodeOf(lab, 'a').isolation?.users).toEqual({ uids: [range], gids: [range] })
  expect(nodeOf(lab, 'b').isolation?.users).toEqual({ uids: [range], gids: 'host' })
})

test('what one of the nodes that share a namespace writes holds for all of them, wherever it stands', () => {
  const shared = 'namespaces: {user: shared, uts: shared, time: shared}'
  const writes = 'hostname: web, domainname: nis, users: {map: host}, time: {monotonic: 1s}'
  const lab = resolve(`nodes: {a: {${shared}}, b: {${shared}, ${writes}}, c: {}}`)
  expect(nodeOf(lab, 'a')).toMatchObject({ hostname: 'web', domainname: 'nis' })
  expect(nodeOf(lab, 'a').isolation).toEqual(nodeOf(lab, 'b').isolation)
  expect(nodeOf(lab, 'a').isolation).toMatchObject({
    users: { uids: 'host' },
    time: [{ clock: 'monotonic', seconds: 1 }],
  })
  expect(nodeOf(lab, 'c')).toMatchObject({ hostname: 'c', domainname: null })
})

test('without one that is written, nodes that share a host name have the lab’s', () => {
  const lab = resolve('name: demo\nnodes: {a: {namespaces: {uts: shared}}, b: {namespaces: {uts: shared}}}')
  expect(lab.nodes.map(({ hostname }) => hostname)).toEqual(['demo', 'demo'])
})

// r ── a   (g, h: guests in a's network)
test('guests in a network have no interface, route or sysctl of their own, and its names', () => {
  const shared = '{namespaces: {user: shared, net: shared}}'
  const lab = resolve(`nodes: {g: ${shared}, a: ${shared}, h: ${shared}, r: {kind: router}}\nlinks: [[a, r]]`)
  for (const name of ['g', 'h']) {
    const guest = nodeOf(lab, name)
    expect(guest).toMatchObject({ network: 'a', routes: [], sysctls: {} })
    expect(guest.interfaces.map((each) => each.name)).toEqual(['lo'])
  }
  expect(nodeOf(lab, 'a')).not.toHaveProperty('network')
  expect(lab.hosts).toContain('10.0.0.0\ta g h a-eth0\n')
})

// Everything that describes the network of a guest would have to fit into that of the node that it shares it with.
test.each([
  ['interfaces', 'interfaces: {d0: {kind: dummy}}'],
  ['addresses', 'addresses: {lo: [192.0.2.1/32]}'],
  ['loopback', 'loopback: [192.0.2.1/32]'],
  ['routes', 'routes: [{to: 192.0.2.0/24, type: blackhole}]'],
  ['nexthops', 'nexthops: {1: {blackhole: true}}'],
  ['rules', 'rules: [{table: 5}]'],
  ['mtu', 'mtu: 1400'],
  ['sysctls', 'sysctls: {net.ipv4.ip_forward: 1}'],
  ['kind', 'kind: router'],
])('of two nodes that share a network, one alone has `%s`', (key, text) => {
  const shared = 'namespaces: {user: shared, net: shared}'
  const faults = faultsOf(`nodes:\n  a: {${shared}, interfaces: {d0: {kind: dummy}}}\n  b: {${shared}, ${text}}`)
  expect(faults).toEqual([
    expect.stringMatching(new RegExp(`^3:\\d+ nodes\\.b\\.${key}: b shares its network with a, .*; b has \`${key}\`$`)),
  ])
})

test('a default MTU is no description of the network of a guest', () => {
  const shared = 'namespaces: {user: shared, net: shared}'
  const text = `defaults: {node: {mtu: 1400}}\nnodes: {a: {${shared}}, b: {${shared}}, c: {}}\nlinks: [[a, c]]`
  expect(resolve(text).nodes.find(({ name }) => name === 'b')?.network).toBe('a')
})

test('root outside is warned of, however it comes about', () => {
  const warned = (node: string) => resolve(`nodes: {a: ${node}}`).warnings
  for (const node of [
    '{users: {map: host}}',
    '{users: {map: [{inside: 0, outside: 0, count: 1}]}}',
    '{namespaces: {user: host}}',
  ]) {
    expect(warned(node), node).toEqual([
      expect.stringMatching(/^root in a is not confined: outside it is the user who runs nslab/),
    ])
  }
  expect(warned('{users: {map: [{inside: 0, outside: 100000, count: 1}, {inside: 5, outside: 0, count: 1}]}}')).toEqual(
    [expect.stringMatching(/^user 5 in a is not confined/)],
  )
  expect(warned('{users: {map: [{inside: 0, outside: 1000, count: 9}]}}')).toEqual([])
})

test('ids of the machine’s own users and groups are warned of by number', () => {
  const warned = (users: string) => resolve(`nodes: {a: {users: {${users}}}}`).warnings
  const range = (outside: number, count: number, inside = 0) =>
    `{inside: ${inside}, outside: ${outside}, count: ${count}}`
  const high = `map: [${range(100_000, 9)}]`
  const theirs = "of the machine's own: when root runs nslab, the node can read and change their files"
  expect(warned(`${high}, groups: [${range(200_000, 1)}, ${range(42, 1, 1)}]`)).toEqual([`a has group 42 ${theirs}`])
  expect(warned(`${high}, groups: [${range(0, 5)}, ${range(990, 100, 5)}]`)).toEqual([
    `a has groups 0–4, 990–999 ${theirs}`,
  ])
  expect(warned(`map: [${range(1, 5000)}]`)).toEqual([`a has users 1–999 and groups 1–999 ${theirs}`])
  expect(warned(`${high}, groups: host`)).toEqual([`a has all groups ${theirs}`])
})

test('a sysctl of the machine’s is refused wherever somebody in the node is root outside', () => {
  const users = 'users: {map: [{inside: 0, outside: 100000, count: 1}, {inside: 1, outside: 0, count: 1}]}'
  expect(faultsOf(`nodes: {a: {${users}, sysctls: {kernel.panic: 0}}}`)[0]).toContain(
    'kernel.panic is the whole machine’s, and is not changed',
  )
})

test('the plan says which namespaces a node has', () => {
  const namespaces = 'namespaces: {user: shared, ipc: host}'
  const [op] = explain(planLab(resolve(`nodes: {a: {${namespaces}, users: {map: host}, time: {boottime: 7d}}}`)))
  expect(op?.command).toContain(
    'unshare --user=shared/user --pid --mount --uts --cgroup --time --map-users=0,0,4294967295 --map-groups=0,0,4294967295 --boottime 604800 --fork',
  )
})

const node = (text: string) => `nodes: {a: ${text}}`
const map = (text: string) => node(`{users: {map: ${text}}}`)

describe.each<[string, [string, string][]]>([
  [
    'in their shape',
    [
      [node('{namespaces: {utc: own}}'), '1:26 nodes.a.namespaces.utc: unknown key utc; did you mean uts?'],
      [
        node('{namespaces: {network: own}}'),
        '1:26 nodes.a.namespaces.network: unknown key network; there are user, pid, mnt, uts, ipc, net, cgroup, time',
      ],
      [
        node('{namespaces: {ipc: sharde}}'),
        '1:31 nodes.a.namespaces.ipc: expected own, shared or host, got "sharde"; did you mean shared?',
      ],
      [node('{namespaces: host}'), '1:25 nodes.a.namespaces: expected a map, got "host"'],
      [node('{users: {maps: host}}'), '1:21 nodes.a.users.maps: unknown key maps; did you mean map?'],
      [
        map('[{inside: 0, outside: 1, counts: 2}]'),
        '1:51 nodes.a.users.map.0.counts: unknown key counts; did you mean count?',
      ],
      [node('{time: {uptime: 7d}}'), '1:20 nodes.a.time.uptime: unknown key uptime; there are boottime, monotonic'],
      [
        node('{time: {boottime: 7}}'),
        '1:30 nodes.a.time.boottime: "7" is not a duration such as 7d, -3h, 1d12h or 1.5s',
      ],
      [
        node('{time: {boottime: "7"}}'),
        '1:30 nodes.a.time.boottime: "7" is not a duration such as 7d, -3h, 1d12h or 1.5s',
      ],
      [
        node('{time: {monotonic: 60000d}}'),
        '1:31 nodes.a.time.monotonic: a clock can be moved by at most 4611686018 seconds',
      ],
    ],
  ],
  [
    'in what the host would have to give',
    [
      [
        node('{namespaces: {pid: host}}'),
        '1:31 nodes.a.namespaces.pid: pid: host is not allowed: its processes would outlive the lab, which ends only the processes in its own PID namespaces',
      ],
      [
        node('{namespaces: {net: host}}'),
        "1:31 nodes.a.namespaces.net: net: host is not allowed: nslab never touches the host's network",
      ],
      [
        node('{namespaces: {mnt: host}}'),
        '1:31 nodes.a.namespaces.mnt: mnt: host is not allowed: the host would see what the node mounts over its /proc, /run, /tmp and /dev',
      ],
      [
        node('{namespaces: {uts: host}, hostname: x}'),
        '1:48 nodes.a.hostname: uts: host has the host’s hostname, which is not changed',
      ],
      [
        node('{namespaces: {uts: host}, domainname: x}'),
        '1:50 nodes.a.domainname: uts: host has the host’s domainname, which is not changed',
      ],
      [
        node('{namespaces: {time: host}, time: {boottime: 7d}}'),
        '1:45 nodes.a.time: time: host has the host’s clocks, which cannot be moved',
      ],
      [
        node('{namespaces: {user: host}, users: {map: host}}'),
        '1:46 nodes.a.users: user: host has the host’s users, which cannot be mapped',
      ],
      [
        node('{namespaces: {user: host}, sysctls: {kernel.panic: 1}}'),
        '1:49 nodes.a.sysctls.kernel.panic: kernel.panic is the whole machine’s, and is not changed',
      ],
      [
        node('{users: {map: host}, sysctls: {vm/swappiness: 1}}'),
        '1:43 nodes.a.sysctls.vm/swappiness: vm/swappiness is the whole machine’s, and is not changed',
      ],
      [
        node('{namespaces: {ipc: host}, sysctls: {kernel.msgmax: 1}}'),
        '1:48 nodes.a.sysctls.kernel.msgmax: kernel.msgmax is the host’s in a node with ipc: host, and is not changed',
      ],
      [
        node('{sysctls: {kernel.hostname: x}}'),
        "1:23 nodes.a.sysctls.kernel.hostname: kernel.hostname is what the node's key `hostname` says",
      ],
      [
        node('{namespaces: {uts: shared}, sysctls: {kernel/domainname: x}}'),
        "1:50 nodes.a.sysctls.kernel/domainname: kernel/domainname is what the node's key `domainname` says",
      ],
    ],
  ],
  [
    'in what cannot be shared alone',
    [
      [
        node('{namespaces: {pid: shared}}'),
        '1:31 nodes.a.namespaces.pid: pid: shared needs user: shared as well: only root of the user namespace that a PID namespace belongs to can mount its /proc',
      ],
      [
        node('{namespaces: {net: shared, user: own}}'),
        '1:31 nodes.a.namespaces.net: net: shared needs user: shared as well: only root of the user namespace that a network belongs to can configure it and mount its /sys',
      ],
      [
        node('{namespaces: {mnt: shared, user: shared, pid: shared, net: shared, ipc: shared}}'),
        '1:31 nodes.a.namespaces.mnt: mnt: shared needs uts: shared as well: there is one /etc/hostname',
      ],
      [
        node('{namespaces: {mnt: shared, user: shared, pid: shared, uts: shared, ipc: shared}}'),
        '1:31 nodes.a.namespaces.mnt: mnt: shared needs net: shared as well: there is one /sys, which shows one network',
      ],
    ],
  ],
  [
    'among nodes that share',
    [
      [
        'nodes:\n  a: {namespaces: {user: host, pid: shared}}\n  b: {namespaces: {user: shared, pid: shared}}',
        '3:26 nodes.b.namespaces.user: b shares pid with a, whose user is host: it must be the same for both',
      ],
      [
        'nodes:\n  a: {hostname: x, namespaces: {uts: shared}}\n  b: {hostname: y, namespaces: {uts: shared}}',
        '3:17 nodes.b.hostname: b shares uts with a: what `hostname` says must be the same for both',
      ],
      [
        'nodes:\n  a: {time: {boottime: 1d}, namespaces: {time: shared}}\n  b: {time: {boottime: 2d}, namespaces: {time: shared}}',
        '3:13 nodes.b.time: b shares time with a: what `time` says must be the same for both',
      ],
      [
        'nodes:\n  a: {users: {map: host}, namespaces: {user: shared}}\n  b: {users: {map: [{inside: 0, outside: 9, count: 1}]}, namespaces: {user: shared}}',
        '3:14 nodes.b.users: b shares user with a: what `users` says must be the same for both',
      ],
      [
        'nodes: {a: &n {namespaces: {user: shared, net: shared}}, b: *n, c: {}}\nlinks: [[a, c], [b, c]]',
        '1:58 nodes.b: b shares its network with a, which is the one that can have links, addresses and the like; b has links',
      ],
      [
        'nodes: {a: {namespaces: {user: shared, net: shared}}, b: {kind: router, namespaces: {user: shared, net: shared}}, c: {}}\nlinks: [[a, c]]',
        '1:65 nodes.b.kind: b shares its network with a, which is the one that can have links, addresses and the like; b has `kind`',
      ],
    ],
  ],
  [
    'in maps of users',
    [
      [map('[]'), '1:26 nodes.a.users.map: a map has at least one range'],
      [
        map('[{inside: 1, outside: 5, count: 1}]'),
        '1:26 nodes.a.users.map: the node would have no root: one range must begin with `inside: 0`',
      ],
      [
        map('[{inside: 0, outside: 5, count: 10}, {inside: 9, outside: 50, count: 1}]'),
        '1:72 nodes.a.users.map.1.inside: inside ids 9–9 overlap 0–9',
      ],
      [
        map('[{inside: 0, outside: 5, count: 10}, {inside: 10, outside: 14, count: 2}]'),
        '1:85 nodes.a.users.map.1.outside: outside ids 14–15 overlap 5–14',
      ],
      [map('[{inside: 0, outside: -1, count: 1}]'), '1:48 nodes.a.users.map.0.outside: an id is 0 to 4294967294'],
      [map('[{inside: 0, outside: 1, count: 0}]'), '1:58 nodes.a.users.map.0.count: a range has at least one id'],
      [
        map('[{inside: 0, outside: 1, count: 4294967295}]'),
        '1:27 nodes.a.users.map.0: the range ends at 4294967295; an id is 0 to 4294967294',
      ],
      [
        map('[{inside: 0.5, outside: 1, count: 1}]'),
        '1:36 nodes.a.users.map.0.inside: expected a whole number, got 0.5',
      ],
    ],
  ],
])('faults %s', (_, cases) => {
  test.each(cases)('%s', (text, fault) => {
    expect(faultsOf(text)).toContain(fault)
  })
})
