// Every kind of fault is told with its line and column, and says what to do.
import { describe, expect, test } from 'vitest'
import { LabError, type TopologyIssue } from '../../../../src/errors.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'

function issuesOf(text: string): TopologyIssue[] {
  try {
    resolveTopology(parseTopology(text, { file: 'lab.yaml' }))
  } catch (error) {
    if (error instanceof LabError && error.code === 'TOPOLOGY_INVALID') return error.issues ?? []
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

const shown = (text: string): string[] =>
  issuesOf(text).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)

const PAIR = 'nodes: {a: {}, b: {}}\n'

/** What is wrong, the text, and the one fault that is told. */
const CASES: Record<string, [string, string][]> = {
  'as YAML': [
    ['', '1:1 : the file is empty; a topology has at least `nodes:`'],
    ['# only a comment\n', '1:1 : the file is empty; a topology has at least `nodes:`'],
    ['nodes:\n  h1: {}\n  h1: {}', '3:3 nodes.h1: h1 is there twice'],
    ['nodes:\n  a: {}\n---\nnodes: {}', '3:1 : a topology is one YAML document, and here begins a second one'],
    ['nodes: {a: *x}', '1:12 nodes.a: the alias *x stands for nothing that is written before it'],
    ['nodes: &n {a: *n}', '1:15 nodes.a: the alias *n stands for nothing that is written before it'],
    ['nodes: {__proto__: {}}', '1:9 nodes.__proto__: __proto__ cannot be a key'],
    ['nodes: {[a]: {}}', '1:9 nodes: a key must be a word'],
  ],
  'in its YAML': [
    ['nodes: [', '1:8 : this [ is not closed: a ] is missing, or a line in it is not indented'],
    ['nodes: {a: {}', '1:8 : this { is not closed: a } is missing, or a line in it is not indented'],
    ['nodes: {\n  a: {},\nb: {}\n}', '1:8 : this { is not closed: a } is missing, or a line in it is not indented'],
    [
      `${PAIR}links: [[a, b]\nrouting: none`,
      '2:8 : this [ is not closed: a ] is missing, or a line in it is not indented',
    ],
    ['nodes:\n  h1: {kind: "router}\n  h2: {}\n\n', '2:14 : this quote is not closed'],
    ["nodes:\n  h1: {kind: 'router}\n", '2:14 : this quote is not closed'],
    ['nodes: {a: {}}}', '1:15 : this bracket closes none that is open'],
    ['nodes: {a: {} b: {}}', '1:15 : a comma, or the colon of a key, is missing before this; or it belongs in quotes'],
    ['nodes:\n\ta: {}', '2:2 : YAML is indented by blanks, not by tabs'],
    ['\t\u000b', '1:1 : YAML is indented by blanks, not by tabs'],
    ['nodes:\n    a: {}\n  b: {}', '3:3 : this is indented like nothing above that it could belong to'],
    [
      'nodes: a: {}',
      '1:8 : a key and its colon cannot stand here, in the line of another key; a text with a colon and a blank is put in quotes',
    ],
    ['nodes:\n  h1 {}\n  h2: {}', '2:3 : this is no key: is a colon missing after h1?'],
    ['name:x\nnodes: {}', '1:1 : this is no key: one is on a single line, with a colon and a blank after it'],
    ['nodes: @x', '1:8 : a text that begins with @ is put in quotes'],
    ['nodes: "\\q"', '1:9 : \\q is no escape; in single quotes, a backslash is itself'],
    ['nodes: !node x', '1:8 : the tag !node means nothing in a topology'],
    ['nodes: !!set {a, b}', '1:8 : the tag !!set means nothing in a topology'],
    ['name: !!binary aGk=\nnodes: {a: {}}', '1:7 : the tag !!binary means nothing in a topology'],
  ],
  'in its shape': [
    ['[a, b]', '1:1 : expected a map, got a list'],
    ['name: x', '1:1 nodes: the key `nodes` is missing'],
    ['links: []', '1:1 nodes: the key `nodes` is missing'],
    [`${PAIR}links: [{mtu: 1500}]`, '2:9 links.0.endpoints: the key `endpoints` is missing'],
    ['nodes: {a: {interfaces: {x: {kind: gre}}}}', '1:29 nodes.a.interfaces.x.remote: the key `remote` is missing'],
    ['nodes: {a: {routes: [{}]}}', '1:22 nodes.a.routes.0.to: the key `to` is missing'],
    ['nodes:', '1:7 nodes: expected a map, got nothing'],
    ['nodes: {}', '1:8 nodes: a lab has at least one node'],
    ['nodes: {h1: {kidn: host}}', '1:14 nodes.h1.kidn: unknown key kidn; did you mean kind?'],
    ['node: {h1: {}}\nnodes: {a: {}}', '1:1 node: unknown key node; did you mean nodes?'],
    ['nodes: {h1: {kind: ruter}}', '1:20 nodes.h1.kind: there is no kind ruter; did you mean router?'],
    [`${PAIR}links: 3`, '2:8 links: expected a list, got 3'],
    [`${PAIR}links: [[[a], b]]`, '2:10 links.0.endpoints.0: expected a text or a map, got a list'],
    ['nodes: h1 {}', '1:8 nodes: expected a map, got "h1 {}": is a colon missing after h1?'],
    [
      'nodes: {a: {env: "LANG [x]"}}',
      '1:18 nodes.a.env: expected a map, got "LANG [x]": is a colon missing after LANG?',
    ],
    [`${PAIR}links: [a-b]`, '2:9 links.0: expected a list of endpoints or a map, got "a-b"'],
    [`${PAIR}links: [[]]`, '2:9 links.0.endpoints: a link has at least one endpoint'],
    [`${PAIR}links: [{endpoints: [a, b], mut: 9}]`, '2:29 links.0.mut: unknown key mut; did you mean mtu?'],
    [`${PAIR}links: [{endpoints: [a, b], cost: 0}]`, '2:35 links.0.cost: a cost is 1 to 65535'],
    [`${PAIR}links: [{endpoints: [a, b], cost: 65536}]`, '2:35 links.0.cost: a cost is 1 to 65535'],
    [`${PAIR}links: [{endpoints: [a, b], cost: low}]`, '2:35 links.0.cost: expected a number, got "low"'],
    [`compress: yes\n${PAIR}`, '1:11 compress: expected auto, always or never, got "yes"'],
    [`families: [5]\n${PAIR}`, '1:12 families.0: expected 4 or 6, got 5'],
    [`pools: {ipv4: {link: 10.0.0.0/8}}\n${PAIR}`, '1:16 pools.ipv4.link: unknown key link; did you mean links?'],
  ],
  'in its names': [
    ['name: ../../etc\nnodes: {a: {}}', '1:7 name: a name consists of letters, digits and inner hyphens'],
    ...['"x\\ny"', 'a b', `"${'x'.repeat(65)}"`, 'caf\u00e9', '""'].map((text): [string, string] => [
      `nodes: {a: {domainname: ${text}}}`,
      '1:25 nodes.a.domainname: a domain name is 1 to 64 printable ASCII characters without blanks',
    ]),
    ['nodes: {a_b: {}}', '1:9 nodes.a_b: a_b: a name consists of letters, digits and inner hyphens'],
    [
      `nodes: {a: {}, ${'x'.repeat(64)}: {}}`,
      `1:16 nodes.${'x'.repeat(64)}: ${'x'.repeat(64)}: a name has at most 63 characters`,
    ],
    [
      'nodes: {localhost: {}}',
      "1:9 nodes.localhost: the host name localhost would stand for every node's own loopback and for the node localhost",
    ],
    ['nodes: {h1: {}, H1: {}}', '1:17 nodes.H1: the host name H1 would stand for the node h1 and for the node H1'],
    [
      'nodes: {a: {}, a-eth0: {}}\nlinks: [["a", "a-eth0"]]',
      '1:16 nodes.a-eth0: the host name a-eth0 would stand for the interface a:eth0 and for the node a-eth0',
    ],
  ],
  'in its links': [
    [
      `nodes: {host1: {}}\nlinks: [[host1, hots1]]`,
      '2:17 links.0.endpoints.1: there is no node hots1; did you mean host1?',
    ],
    [`${PAIR}links:\n  - {endpoints: [a, x]}`, '3:21 links.0.endpoints.1: there is no node x'],
    [`${PAIR}links: [["a:e0", b], ["a:e0", b]]`, '2:23 links.1.endpoints.0: a:e0 is an end of another link already'],
    [
      `${PAIR}links: [["a:abcdefghijklmnop", b]]`,
      '2:10 links.0.endpoints.0: an interface name has at most 15 bytes; abcdefghijklmnop has 16',
    ],
    [
      `${PAIR}links: [["a:e/0", b]]`,
      '2:10 links.0.endpoints.0: an interface name has no "/", ":", "%" or white space: "e/0"',
    ],
    [
      `${PAIR}links: [["a:e:0", b]]`,
      '2:10 links.0.endpoints.0: an interface name has no "/", ":", "%" or white space: "e:0"',
    ],
    [`${PAIR}links: [["a:", b]]`, '2:10 links.0.endpoints.0: an interface name must not be empty'],
    [`${PAIR}links: [["a:lo", b]]`, "2:10 links.0.endpoints.0: lo is every node's loopback, no end of a link"],
    [
      'nodes: {s: {kind: switch}, a: {}}\nlinks: [["s:br0", a]]',
      '2:10 links.0.endpoints.0: br0 is the bridge that a switch is; call its port otherwise',
    ],
    [
      'nodes: {s: {kind: switch}, t: {kind: switch}}\nlinks: [[s, t], [t, s]]',
      '2:17 links.1: t and s are wired already: a loop of switches floods for ever',
    ],
    [
      `${PAIR}links: [{endpoints: [a, b], mtu: 99999999999999999999999}]`,
      '2:34 links.0.mtu: an mtu is at most 65535 bytes',
    ],
    [
      `${PAIR}links: [{endpoints: [a, b], mtu: -99999999999999999999999}]`,
      '2:34 links.0.mtu: an mtu is at least 68 bytes',
    ],
    [
      'nodes: {a: {users: {map: [{inside: 0, outside: 0, count: 99999999999999999999999}]}}}',
      '1:58 nodes.a.users.map.0.count: 1e+23 is beyond the range of whole numbers',
    ],
    [`${PAIR}links: [{endpoints: [a, b], mtu: 67}]`, '2:34 links.0.mtu: an mtu is at least 68 bytes'],
    [`${PAIR}links: [{endpoints: [a, b], mtu: 65536}]`, '2:34 links.0.mtu: an mtu is at most 65535 bytes'],
    [
      `${PAIR}links: [{endpoints: [a, b], mtu: 1279}]`,
      '2:34 links.0.mtu: IPv6 needs an mtu of 1280 or more; write `families: [4]` for less, at the link, the node or the lab',
    ],
  ],
  'in its addresses': [
    [
      address('192.0.2.1'),
      '1:32 nodes.a.addresses.eth0.0: 192.0.2.1 is not ADDRESS/LENGTH, such as 192.0.2.1/24 or 2001:db8::1/64',
    ],
    [address('192.0.2.0/24'), '1:32 nodes.a.addresses.eth0.0: 192.0.2.0/24 is the address of the network itself'],
    [
      address('192.0.2.255/24'),
      '1:32 nodes.a.addresses.eth0.0: 192.0.2.255/24 is the broadcast address of its network',
    ],
    [
      address('"2001:db8::/64"'),
      "1:32 nodes.a.addresses.eth0.0: 2001:db8::/64 is the routers' anycast address of its network",
    ],
    [
      address('224.0.0.1/24'),
      '1:32 nodes.a.addresses.eth0.0: 224.0.0.1/24 is a multicast address; no interface can have it',
    ],
    [
      address('192.0.2.1/24, 192.0.2.1/24'),
      '1:46 nodes.a.addresses.eth0.1: 192.0.2.1/24 is an address of a:eth0 already',
    ],
    [
      'nodes: {a: {addresses: {eth1: [192.0.2.1/24]}}, b: {}}\nlinks: [[a, b]]',
      '1:25 nodes.a.addresses.eth1: a has no interface eth1; did you mean eth0?',
    ],
    [
      'nodes: {a: {addresses: {eth0: [192.0.2.1/24]}}, b: {addresses: {eth0: [192.0.2.1/24]}}}\nlinks: [[a, b]]',
      '1:72 nodes.b.addresses.eth0.0: 192.0.2.1/24 is an address of a:eth0 already',
    ],
    [
      'nodes: {a: {addresses: {eth0: [198.51.100.1/24]}}, b: {}}\nlinks: [{endpoints: [a, b], subnets: [192.0.2.0/24]}]',
      "1:32 nodes.a.addresses.eth0.0: 198.51.100.1/24 is outside its link's subnet 192.0.2.0/24",
    ],
    [
      'nodes: {a: {addresses: {eth0: [192.0.2.1/24]}}, b: {addresses: {eth0: [198.51.100.1/24]}}}\nlinks: [[a, b]]',
      "1:72 nodes.b.addresses.eth0.0: 198.51.100.1/24 is outside its link's subnet 192.0.2.0/24",
    ],
    [
      'nodes: {a: {addresses: {eth0: [192.0.2.1/25]}}, b: {}}\nlinks: [{endpoints: [a, b], subnets: [192.0.2.0/24]}]',
      '1:32 nodes.a.addresses.eth0.0: 192.0.2.1/25 lies in 192.0.2.0/24 and must have its length',
    ],
    [
      `${PAIR}links: [{endpoints: [a, b], subnets: [192.0.2.1/24]}]`,
      '2:39 links.0.subnets.0: 192.0.2.1/24 has host bits set; the network is 192.0.2.0/24',
    ],
    [
      `${PAIR}links: [{endpoints: [a, b], subnets: [192.0.2.0/32]}]`,
      '2:9 links.0: 192.0.2.0/32 is too small for 2 interfaces',
    ],
    [
      'nodes: {a: {}, b: {}, c: {}}\nlinks:\n  - {endpoints: [a, b], subnets: [192.0.2.0/24]}\n  - {endpoints: [b, c], subnets: [192.0.2.128/25]}',
      '4:35 links.1.subnets.0: 192.0.2.128/25 overlaps 192.0.2.0/24 of the link a–b; for a network that is there twice on purpose, write `private: true`',
    ],
    [
      'nodes: {r: {loopback: [192.0.2.1/32]}, a: {}}\nlinks: [{endpoints: [a, r], subnets: [192.0.2.0/24]}]',
      '1:24 nodes.r.loopback.0: 192.0.2.1/32 overlaps 192.0.2.0/24 of the link a–r',
    ],
    [
      'nodes: {a: {loopback: false, addresses: {lo: [192.0.2.1/32]}}}',
      '1:42 nodes.a.addresses.lo: the addresses of lo are written under `loopback` already',
    ],
    [
      'nodes: {s: {kind: switch, addresses: {br0: [192.0.2.1/24]}}}',
      '1:39 nodes.s.addresses.br0: s is a switch; write the addresses of br0, its bridge, under `interfaces`',
    ],
    [
      `families: [4]\n${address('"2001:db8::1/64"')}`,
      '2:32 nodes.a.addresses.eth0.0: 2001:db8::1/64 is an IPv6 address, and `families` has no 6',
    ],
    [
      `pools: {ipv4: {links: 192.0.2.0/31}}\nnodes: {a: {}, b: {}, c: {}, d: {}}\nlinks: [[a, b], [b, c], [c, d]]`,
      '1:23 pools.ipv4.links: the pool 192.0.2.0/31 for links is too small: 2 more /31 are needed',
    ],
    [
      `pools: {ipv4: {links: 192.0.2.0/31}}\nnodes: {a: {}, b: {}, c: {}}\nlinks: [[a, b], [b, c]]`,
      '1:23 pools.ipv4.links: the pool 192.0.2.0/31 for links is too small: one more /31 is needed',
    ],
    [
      'pools: {ipv4: {lans: 192.0.2.0/24}}\nnodes: {s: {kind: switch}, "h{i}": {repeat: 300}}\nlinks: [{repeat: 300, endpoints: [s, "h{i}"]}]',
      '1:22 pools.ipv4.lans: the pool 192.0.2.0/24 for lans is too small: a /23 is needed',
    ],
    [
      `pools: {ipv4: {links: 192.0.2.0/31}}\nnodes: {"r{i}": {kind: router, repeat: 66}}\nlinks: [[r1, r2], [r1, r2], [r1, r65], [r1, r66], [r2, r66]]`,
      '1:23 pools.ipv4.links: the pool 192.0.2.0/31 for links is too small: one more /31 and a /30 and a /29 are needed',
    ],
    [
      'pools: {ipv4: {links: 192.0.2.0/24}}\nnodes: {a: {}, b: {}, c: {}}\nlinks: [{endpoints: [a, b], subnets: [192.0.0.0/16]}, [b, c]]',
      '1:23 pools.ipv4.links: the pool 192.0.2.0/24 for links is all within 192.0.0.0/16, which is written',
    ],
    [
      `pools: {ipv6: {links: 10.0.0.0/8}}\n${PAIR}`,
      '1:23 pools.ipv6.links: 10.0.0.0/8 is a network of IPv4, and this is a pool of IPv6',
    ],
    [
      `pools: {ipv4: {lans: "2000::/20"}}\n${PAIR}`,
      '1:22 pools.ipv4.lans: 2000::/20 is a network of IPv6, and this is a pool of IPv4',
    ],
    [
      `pools: {ipv6: {links: "fe80::/64"}}\n${PAIR}`,
      '1:23 pools.ipv6.links: fe80::/64 has link-local addresses, which mean nothing beyond their own link',
    ],
    [
      `pools: {ipv4: {links: 127.1.0.0/16}}\n${PAIR}`,
      '1:23 pools.ipv4.links: 127.1.0.0/16 is in 127.0.0.0/8, the loopback network; no interface can have it',
    ],
    [
      `pools: {ipv6: {loopbacks: "f000::/4"}}\n${PAIR}`,
      '1:27 pools.ipv6.loopbacks: f000::/4 has link-local addresses, which mean nothing beyond their own link',
    ],
    [
      `pools: {ipv4: {links: 192.0.0.0/2}}\n${PAIR}`,
      '1:23 pools.ipv4.links: 192.0.0.0/2 ends with 255.255.255.255, in 240.0.0.0/4, which is reserved; no interface can have it',
    ],
    [
      `pools: {ipv4: {links: 10.128.0.0/16}}\n${PAIR}`,
      '1:23 pools.ipv4.links: the pools links and lans overlap: 10.128.0.0/16 and 10.128.0.0/10',
    ],
  ],
  'in its routes and sysctls': [
    [
      route('{to: 192.0.2.1/24, via: 10.0.0.1}'),
      '1:27 nodes.a.routes.0.to: 192.0.2.1/24 has host bits set; the network is 192.0.2.0/24',
    ],
    [
      route('{to: default, via: 203.0.113.1}'),
      '1:41 nodes.a.routes.0.via: 203.0.113.1 is on no subnet of a; `onlink: true` with `dev` takes it to be on the link',
    ],
    [
      route('{to: default, via: 203.0.113.1, dev: eth0}'),
      '1:41 nodes.a.routes.0.via: 203.0.113.1 is on no subnet of a:eth0; `onlink: true` with `dev` takes it to be on the link',
    ],
    [route('{to: default, via: 10.0.0.0}'), '1:41 nodes.a.routes.0.via: 10.0.0.0 is an address of a itself'],
    [route('{to: "::/0", via: 10.0.0.1}'), '1:40 nodes.a.routes.0.via: 10.0.0.1 and ::/0 are of different families'],
    [route('{to: 192.0.2.0/24, dev: eth7}'), '1:46 nodes.a.routes.0.dev: a has no interface eth7; did you mean eth0?'],
    [route('{to: default}'), '1:27 nodes.a.routes.0.to: a route needs `via`, the address of its next hop'],
    [route('{to: 10.0.0.0/31, via: 10.0.0.1}'), '1:27 nodes.a.routes.0.to: a has a route to 10.0.0.0/31 already'],
    [
      'nodes: {a: {sysctls: {ip_forward: 1}}}',
      '1:23 nodes.a.sysctls.ip_forward: ip_forward: not a sysctl key such as net.ipv4.ip_forward',
    ],
    [
      'nodes: {a: {sysctls: {net.//.kernel.panic: 1}}}',
      '1:23 nodes.a.sysctls.net.//.kernel.panic: net.//.kernel.panic: not a sysctl key such as net.ipv4.ip_forward',
    ],
    [
      'nodes: {a: {sysctls: {net/../kernel/panic: 1}}}',
      '1:23 nodes.a.sysctls.net/../kernel/panic: net/../kernel/panic: not a sysctl key such as net.ipv4.ip_forward',
    ],
    [
      'nodes: {a: {sysctls: {net.ipv4.ip_forward: [1]}}}',
      '1:44 nodes.a.sysctls.net.ipv4.ip_forward: expected a text, got a list',
    ],
  ],
}

function address(list: string): string {
  return `nodes: {a: {addresses: {eth0: [${list}]}}, b: {}}\nlinks: [[a, b]]`
}

function route(text: string): string {
  return `nodes: {a: {routes: [{${text.slice(1)}]}, b: {}}\nlinks: [[a, b]]`
}

describe.each(Object.entries(CASES))('a topology that is wrong %s', (_, cases) => {
  test.each(cases.map(([text, fault]) => [fault, text]))('%s', (fault, text) => {
    expect(shown(text)).toEqual([fault])
  })
})

test('a fault of YAML is shown with a line, also where the parser found it after the end', () => {
  for (const text of ['nodes: [\n\n', 'nodes:\n  h1: {kind: "router}\n\n', 'nodes: {a: {}\n'])
    expect(issuesOf(text)[0]?.quote?.text).toMatch(/nodes|h1/)
})

test('a place has one name, however its link is written', () => {
  for (const link of ['[{nod: a}, b]', '{endpoints: [{nod: a}, b]}']) {
    expect(issuesOf(`${PAIR}links: [${link}]`).map(({ path }) => path)).toEqual([
      'links.0.endpoints.0.node',
      'links.0.endpoints.0.nod',
    ])
  }
})

test('an alias bomb is refused before anybody walks through it', () => {
  const levels = [...'bcdefghi'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`)}]`)
  const [issue] = issuesOf(`a: &a [x,x,x,x,x,x,x,x,x]\n${levels.join('\n')}\nnodes: *i`)
  expect(issue).toMatchObject({ line: 7, message: 'the aliases up to here stand for over 1000000 values' })
})

test.each([40, 1000, 20_000])('%i levels are too many', (levels) => {
  for (const [open, close] of ['[]', ['{a: ', '}']]) {
    const text = `nodes: ${open?.repeat(levels)}${close?.repeat(levels)}`
    expect(issuesOf(text)).toEqual([expect.objectContaining({ line: 1, message: 'this is nested too deeply' })])
  }
})

test.each(['? ', '- ', ': ', '[', '{', '{? '])('%s without end is refused before the parser recurses', (mark) => {
  for (const text of [mark.repeat(1500), mark.repeat(200_000)]) {
    const [issue] = issuesOf(text)
    expect(issue?.message).toMatch(/^(?:this is nested too deeply|the file has over 500000 brackets)/)
    expect(issue?.column).toBeLessThan(300)
  }
})

test.each(['"" ', '*a ', '&a ', '! '])('%s without end is refused before it is read to the end', (word) => {
  const [issue] = issuesOf(`nodes: ${word.repeat(1_000_000)}`)
  expect(issue?.message).toBe('the file has over 600000 words, marks and blanks up to here')
})

test('of many mistakes in the YAML, the parser makes one error', () => {
  const escapes = `nodes: "${'\\q'.repeat(1_900_000)}"`
  const lines = `nodes:\n  a:\n    env:\n      X: |\n        x\n${'   x\n'.repeat(200_000)}`
  expect(shown(escapes)).toEqual(['1:9 : \\q is no escape; in single quotes, a backslash is itself'])
  expect(shown(lines)).toHaveLength(1)
})

test('an alias may be used as often as there are nodes', () => {
  const nodes = Array.from({ length: 5000 }, (_, at) => `n${at}: *r`)
  expect(parseTopology(`nodes: {r: &r {kind: router}, ${nodes.join(', ')}}`).nodes.get('n4999')?.kind).toBe('router')
})

test('a text that would take long to read is refused before it is read', () => {
  const nodes = Array.from({ length: 150_000 }, (_, at) => `  n${at}: {}`)
  expect(shown(`nodes:\n${nodes.join('\n')}`)).toEqual([
    '1:1 : the file has over 500000 brackets, commas, colons, dashes and lines; `repeat` makes many nodes of one',
  ])
})

test('what goes wrong everywhere is not told everywhere', () => {
  const many = (letter: string) => Array.from({ length: 1500 }, (_, at) => `${letter}${at}`)
  const parts = many('v').map((name) => `${name}: 1`)
  const uses = many('w').map((name) => ` ${name}: "\${${name}}"`)
  const text = `vars: {${parts.join(', ')}}\nnodes: {a: {labels: {\n${uses.join(',\n')}}}}`
  expect(() => parseTopology(text, { file: 'lab.yaml' })).toThrow(
    expect.objectContaining({
      message: 'lab.yaml has over 1000 faults',
      issues: expect.objectContaining({ length: 1000 }),
    }),
  )
})

test('a name of a million letters is not repeated in the message', () => {
  const [issue] = issuesOf(`nodes: {${'a'.repeat(1_000_000)}: {}}`)
  expect(issue?.message).toMatch(/^a+ … a*: a name has at most 63 characters$/)
  expect(issue?.message.length).toBeLessThan(400)
  expect(issue?.path.length).toBeLessThan(400)
})

test('kinds that extend each other without end are refused', () => {
  const kinds = Array.from({ length: 2000 }, (_, at) => `k${at}: {extends: k${at + 1}}`)
  expect(issuesOf(`kinds: {${kinds.join(', ')}}\nnodes: {a: {kind: k0}}`)).toContainEqual(
    expect.objectContaining({ message: 'kinds extend each other over 32 deep' }),
  )
})

test('a text of over 4 Mi characters is refused', () => {
  expect(shown(`# ${'x'.repeat(17 << 20)}`)).toEqual([
    expect.stringMatching(/^1:1 : the file has \d+ characters; .* at most/),
  ])
})

test('all faults are told at once, in the order of the file', () => {
  const text = 'nodes:\n  a: { kidn: host }\n  b: { kind: hst }\nlinks:\n  - []\n  - { endpoints: [a, b], mtu: big }\n'
  expect(issuesOf(text).map(({ line, column }) => `${line}:${column}`)).toEqual(['2:8', '3:14', '5:5', '6:31'])
})

test('the error names the file, and carries it', () => {
  expect(() => parseTopology('', { file: 'lab.yaml' })).toThrow(
    expect.objectContaining({ message: 'lab.yaml has a fault', file: 'lab.yaml', exitCode: 3 }),
  )
})

test('a name given from outside is checked like one in the file', () => {
  const topology = { ...parseTopology('nodes: {a: {}}'), name: '../x' }
  expect(() => resolveTopology(topology)).toThrow(expect.objectContaining({ code: 'TOPOLOGY_INVALID' }))
})

test('names that JavaScript gives a meaning to are names like others', () => {
  const topology = parseTopology('nodes: {constructor: {}, toString: {}}\nlinks: [[constructor, toString]]')
  expect(resolveTopology(topology).nodes.map((node) => node.name)).toEqual(['constructor', 'toString'])
})

test('faults of addresses, routes and contents are told together', () => {
  const text = `nodes:
  a: {addresses: {eth9: [192.0.2.1/24]}}
  b: {routes: [{to: 192.0.2.0/24, via: 99.9.9.9}], dns: [nonode]}
links: [[a, b]]`
  expect(shown(text).map((fault) => fault.replace(/:\s.*/, ''))).toEqual([
    '2:19 nodes.a.addresses.eth9',
    '3:40 nodes.b.routes.0.via',
    '3:58 nodes.b.dns.0',
  ])
})
