// `kinds` and `defaults`: what nodes and links say, over what their kind says, over what all say.
import { expect, test } from 'vitest'
import { linksOf, nodeOf, parse, resolve, shown } from '../support.js'

test('a kind builds on another; the nearest word wins, and maps are merged', () => {
  const { nodes } = parse(`
defaults: { node: { labels: { site: lab, rack: "0" } } }
kinds:
  leaf: { extends: fabric, labels: { role: leaf } }
  fabric: { extends: router, sysctls: { net.ipv4.ip_default_ttl: 32 }, labels: { role: fabric, rack: "1" } }
nodes:
  l1: { kind: leaf, labels: { rack: "2" } }
  h1: {}
`)
  expect(nodes.get('l1')).toMatchObject({
    kind: 'router',
    sysctls: { 'net.ipv4.ip_default_ttl': '32' },
    labels: { site: 'lab', role: 'leaf', rack: '2' },
  })
  expect(nodes.get('h1')).toMatchObject({ kind: 'host', labels: { site: 'lab', rack: '0' } })
})

test('lists are replaced, not joined', () => {
  const { nodes } = parse(`
kinds: { h: { routes: [{ to: default, via: 10.0.0.1 }] } }
nodes: { a: { kind: h, routes: [] }, b: { kind: h } }
`)
  expect([...nodes.values()].map(({ routes }) => routes.length)).toEqual([0, 1])
})

test('a kind called like a built-in one adds to it, also for the switch of a LAN', () => {
  const lab = resolve(`
kinds: { router: { labels: { a: x } }, switch: { labels: { b: "y" } }, edge: { extends: router } }
nodes: { r: { kind: router }, e: { kind: edge }, h: {} }
links: [[r, e, h]]
`)
  expect(nodeOf(lab, 'r').labels).toEqual({ a: 'x' })
  expect(nodeOf(lab, 'e').labels).toEqual({ a: 'x' })
  expect(nodeOf(lab, 'lan1')).toMatchObject({ kind: 'switch', labels: { b: 'y' } })
})

test('defaults of links are for links that do not say otherwise; defaults can name the kind', () => {
  const lab = resolve(`
defaults: { link: { mtu: 9000 }, node: { kind: router } }
nodes: { a: {}, b: {}, c: { kind: host } }
links: [[a, b], { endpoints: [b, c], mtu: 1400 }]
`)
  expect(lab.links.map(({ mtu }) => mtu)).toEqual([9000, 1400])
  expect(lab.nodes.map(({ kind }) => kind)).toEqual(['router', 'router', 'host'])
  expect(linksOf(lab)).toEqual(['a:eth0–b:eth0', 'b:eth1–c:eth0'])
})

test('defaults can name a kind of the topology’s own', () => {
  const { nodes } = parse(`
kinds: { leaf: { extends: fabric, labels: { role: leaf } }, fabric: { extends: router } }
defaults: { node: { kind: leaf } }
nodes: { a: {}, b: { kind: host } }
`)
  expect([...nodes.values()].map(({ kind, labels }) => [kind, labels])).toEqual([
    ['router', { role: 'leaf' }],
    ['host', {}],
  ])
  expect(parse('kinds: {k1: {}}\ndefaults: {node: {kind: "k{i}"}}\nnodes: {"a{i}": {repeat: 1}}').nodes.size).toBe(1)
})

test('kinds are repeated with the nodes that are of them', () => {
  const lab = resolve(
    'kinds: {h: {hostname: "host-{i}"}}\nnodes: {"h{i}": {kind: h, repeat: 2}, x: {kind: h, hostname: y}}',
  )
  expect(lab.nodes.map(({ hostname }) => hostname)).toEqual(['host-1', 'host-2', 'y'])
})

test('kinds that extend each other in a loop are refused, with the chain', () => {
  expect(shown('kinds: {a: {extends: b}, b: {extends: c}, c: {extends: a}}\nnodes: {x: {kind: a}}')).toEqual([
    '1:56 kinds.c.extends: kinds extend each other in a loop: a → b → c → a',
  ])
  expect(shown('kinds: {a: {extends: a}}\nnodes: {x: {}}')).toEqual([
    '1:22 kinds.a.extends: kinds extend each other in a loop: a → a',
  ])
})

test.each([
  ['nodes: {a: {kind: ruter}}', '1:19 nodes.a.kind: there is no kind ruter; did you mean router?'],
  [
    'kinds: {leaf: {}}\nnodes: {a: {kind: x}}',
    '2:19 nodes.a.kind: there is no kind x; there are host, router, switch, leaf',
  ],
  [
    'kinds: {leaf: {extends: laef}}\nnodes: {a: {}}',
    '1:25 kinds.leaf.extends: there is no kind laef; did you mean leaf?',
  ],
  [
    'kinds: {router: {extends: host}}\nnodes: {a: {}}',
    '1:18 kinds.router.extends: router is built in; it extends nothing',
  ],
  ['kinds: {leaf: {kind: router}}\nnodes: {a: {}}', '1:16 kinds.leaf.kind: unknown key kind; there are title, labels'],
  ['kinds: {a_b: {}}\nnodes: {a: {}}', '1:9 kinds.a_b: a_b: a name consists of letters, digits and inner hyphens'],
  [
    'defaults: {node: {kidn: host}}\nnodes: {a: {}, b: {}}',
    '1:19 defaults.node.kidn: unknown key kidn; did you mean kind?',
  ],
  [
    'kinds: {leaf: {}}\ndefaults: {node: {kind: laef}}\nnodes: {a: {}, b: {kind: host}}',
    '2:25 defaults.node.kind: there is no kind laef; did you mean leaf?',
  ],
  [
    'kinds: {leaf: {}}\ndefaults: {node: {kind: laef}}\nnodes: {b: {kind: host}}',
    '2:25 defaults.node.kind: there is no kind laef; did you mean leaf?',
  ],
  [
    'defaults: {node: {kind: 3}}\nnodes: {a: {kind: host}}',
    '1:25 defaults.node.kind: there is no kind 3; there are host, router, switch',
  ],
  ['defaults: {links: {}}\nnodes: {a: {}}', '1:12 defaults.links: unknown key links; did you mean link?'],
  ['kinds: {k: {sysctls: {x: 1}}}\nnodes: {a: {kind: k}, b: {kind: k}}', '1:23 kinds.k.sysctls.x: x: not a sysctl key'],
  ['nodes: {a: {kind: 3}}', '1:19 nodes.a.kind: there is no kind 3; there are host, router, switch'],
  [
    'nodes: {a: {<<: {kind: router}}}',
    '1:13 nodes.a.<<: YAML 1.2 has no merge key; write what nodes share under `kinds` or `defaults`',
  ],
])('%s', (text, fault) => {
  const faults = shown(text)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(fault)
})
