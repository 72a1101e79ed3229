import { describe, expect, test } from 'vitest'
import type { PictureEdge } from '../../../../src/model/picture/graph.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { summaryOf } from '../../../../src/picture/graph/summary.js'
import { edge, graph, node } from '../drawn.js'
import { options, shipped, viewOf } from '../support.js'

const lineOf = ({ id, layer, labels, network }: PictureEdge) => `${layer} ${id} [${labels}] ${network}`

describe('nodes and links', () => {
  test('a switch without addresses is a bus; the lines to it carry its network', () => {
    const graph = graphOf(shipped('lan'), options())
    expect(graph.nodes.map(({ id, kind, isBus }) => [id, kind, isBus])).toEqual([
      ['h1', 'host', false],
      ['h2', 'host', false],
      ['h3', 'host', false],
      ['sw1', 'switch', true],
    ])
    expect(graph.networks).toEqual([{ prefix: '10.128.0.0/24' }])
    expect(graph.edges.map(({ network }) => network)).toEqual([0, 0, 0])
    expect(graph.edges[0]?.ends[0]).toEqual({
      node: 'h1',
      interface: 'eth0',
      addresses: ['10.128.0.1/24', 'fd00:1::1/64'],
      state: 'planned',
      master: null,
    })
  })

  test('addresses are there where they are wanted, those of no line in the box', () => {
    const ends = (labels: 'none' | 'names' | 'addresses' | 'all') => {
      const graph = graphOf(shipped('two-routers'), options({ labels }))
      return [graph.nodes[1]?.lines, graph.edges[0]?.ends[1].addresses]
    }
    expect(ends('none')).toEqual([['r1'], []])
    expect(ends('names')).toEqual([['r1'], []])
    const all = [
      ['r1', 'lo 10.255.0.1/32', 'lo fd00:ffff::1/128'],
      ['10.0.0.1/31', 'fd00::1/127'],
    ]
    expect(ends('addresses')).toEqual(all)
    expect(ends('all')).toEqual(all)
  })

  test('a title stands above the name, and a group is that of the label', () => {
    const graph = graphOf(
      viewOf('nodes: {a: {title: "São Paulo", labels: {site: south}}, b: {labels: {site: north}}, c: {}}'),
      options({ groupBy: 'site' }),
    )
    expect(graph.nodes.map(({ lines, group }) => [lines, group])).toEqual([
      [['São Paulo', 'a'], 'group:south'],
      [['b'], 'group:north'],
      [['c'], null],
    ])
    expect(graph.groups).toEqual([
      { id: 'group:south', label: 'south' },
      { id: 'group:north', label: 'north' },
    ])
  })

  test('impairments are short, one line for each direction that differs', () => {
    const [edge] = graphOf(
      viewOf(`
nodes: {phone: {}, tower: {kind: router}}
links: [{endpoints: [phone, tower], delay: 25ms, jitter: 8ms, loss: 0.5%, phone: {rate: 10mbit}}]`),
      options(),
    ).edges
    expect(edge?.labels).toEqual(['phone → 25 ms ±8 ms, loss 0.5 %, 10 Mbit/s', 'tower → 25 ms ±8 ms, loss 0.5 %'])
  })

  test('VLANs of ports and of VLAN interfaces are at the lines; trunks carry several networks, so none', () => {
    const graph = graphOf(shipped('campus'), options())
    expect(graph.edges.map(lineOf)).toEqual([
      'underlay ann:eth0--s1:eth0 [VLAN 10] 0',
      'underlay guest:eth0--s1:eth1 [VLAN 20] 1',
      'underlay s1:eth2--s2:eth0 [trunk 10, 20] null',
      'underlay bob:eth0--s2:eth1 [VLAN 10] 0',
      'underlay visitor:eth0--s2:eth2 [VLAN 20] 1',
      'underlay r:eth0--s2:eth3 [trunk 10, 20] null',
      'underlay r:eth1--internet:eth0 [] 2',
    ])
    expect(graph.edges[5]?.ends[0].addresses).toEqual([])
    expect(graph.nodes.find(({ id }) => id === 'r')?.lines).toContain('eth0.10 10.128.0.3/24')
  })

  test('members of VRFs and bonds are in the box, and at the ends', () => {
    const graph = graphOf(
      viewOf(`
nodes:
  r: {kind: router, interfaces: {red: {kind: vrf, table: 10, members: [eth0]}, bond0: {kind: bond, members: [eth1, eth2]}}}
  a: {}
  s: {kind: router, interfaces: {bond0: {kind: bond, members: [eth0, eth1]}}}
links: [[a, r], [r, s], [r, s]]`),
      options(),
    )
    expect(graph.nodes[0]?.lines).toEqual(expect.arrayContaining(['vrf red: eth0', 'bond bond0: eth1 eth2']))
    expect(graph.edges.map(({ ends }) => ends.map(({ master }) => master))).toEqual([
      [null, 'red'],
      ['bond0', 'bond0'],
      ['bond0', 'bond0'],
    ])
  })
})

describe('overlays', () => {
  test('a VXLAN is one line between the nodes of its ends', () => {
    expect(graphOf(shipped('overlay'), options()).edges.map(lineOf)).toContainEqual(
      expect.stringMatching(/^overlay h1:vx42--h2:vx42 \[vxlan 42\] null$/),
    )
  })

  test('WireGuard peers are found by their keys', () => {
    const { edges } = graphOf(shipped('wireguard'), options({ layer: 'overlay' }))
    expect(edges.map(({ id }) => id)).toEqual(['r1:wg0--r2:wg0', 'r1:wg0--laptop:wg0'])
  })

  test('the overlay has the ends of tunnels alone, the underlay no tunnels', () => {
    const overlay = graphOf(shipped('stretched-lan'), options({ layer: 'overlay' }))
    expect(overlay.nodes.map(({ id }) => id)).toEqual(['r1', 'r2'])
    const underlay = graphOf(shipped('stretched-lan'), options({ layer: 'underlay' }))
    expect(underlay.edges.filter(({ layer }) => layer === 'overlay')).toEqual([])
    expect(underlay.nodes).toHaveLength(5)
  })

  test.each(['gre', 'gretap', 'ipip', 'sit', 'geneve'])('%s tunnels are lines', (kind) => {
    const id = kind === 'geneve' ? 'id: 7, ' : ''
    const { edges } = graphOf(
      viewOf(`
nodes:
  a: {interfaces: {t0: {kind: ${kind}, ${id}remote: b}}}
  b: {interfaces: {t9: {kind: ${kind}, ${id}remote: a}}}
links: [[a, b]]`),
      options({ layer: 'overlay' }),
    )
    expect(edges.map(lineOf)).toEqual([`overlay a:t0--b:t9 [${kind}${kind === 'geneve' ? ' 7' : ''}] null`])
  })

  test('a tunnel that nothing answers ends at the node that has the address', () => {
    const { edges } = graphOf(
      viewOf('nodes: {a: {interfaces: {t0: {kind: ipip, remote: b}}}, b: {}}\nlinks: [[a, b]]'),
      options({ layer: 'overlay' }),
    )
    expect(edges.map(({ id }) => id)).toEqual(['a:t0--b:'])
  })
})

describe('a running lab', () => {
  test('a dead node keeps its lines, a down link and a paused node look so', () => {
    const view = shipped('two-routers')
    const running = {
      ...view,
      status: 'running' as const,
      nodes: view.nodes.map((node) => {
        if (node.name === 'h1') return { ...node, status: 'dead' as const, interfaces: [] }
        return { ...node, status: node.name === 'r1' ? ('paused' as const) : ('running' as const) }
      }),
      links: view.links.map((link, at) => ({ ...link, state: at === 0 ? ('down' as const) : ('up' as const) })),
    }
    const graph = graphOf(running, options())
    expect(graph.nodes.map(({ status }) => status)).toEqual(['dead', 'paused', 'running', 'running'])
    expect(graph.edges.map(({ state }) => state)).toEqual(['down', 'up', 'up'])
    expect(graph.edges[0]?.ends[0]).toEqual({
      node: 'h1',
      interface: 'eth0',
      addresses: [],
      state: 'down',
      master: null,
    })
  })
})

describe('a very large lab', () => {
  const large = viewOf(
    'nodes:\n  leaf{i}: {kind: router, repeat: {i: 20}}\n  h{i}-{j}: {repeat: {i: 20, j: 80}, labels: {pod: "{i%2}"}}\nlinks: [{repeat: {i: 20, j: 80}, endpoints: ["leaf{i}", "h{i}-{j}"]}]',
  )

  test('is drawn in summary, by names', () => {
    const graph = graphOf(large, options())
    expect(graph.nodes.map(({ id, lines, count }) => [id, lines, count])).toEqual([
      ['group:leaf*', ['leaf*', '20 routers'], 20],
      ['group:h*', ['h*', '1600 hosts'], 1600],
    ])
    expect(graph.edges.map(({ id, labels }) => [id, labels])).toEqual([['group:leaf*--group:h*', ['1600 links']]])
  })

  test('by the label that is wanted', () => {
    const { nodes } = graphOf(large, options({ groupBy: 'pod' }))
    expect(nodes.map(({ id, count }) => [id, count])).toEqual([
      ['group:leaf*', 20],
      ['group:1', 800],
      ['group:0', 800],
    ])
  })

  test('a label with a value for each node makes no summary', () => {
    const many = viewOf('nodes: {"h{i}": {repeat: {i: 1600}, labels: {id: "x{i}"}}, r: {kind: router}}')
    expect(graphOf(many, options({ groupBy: 'id' })).nodes.map(({ id, count }) => [id, count])).toEqual([
      ['group:h*', 1600],
      ['group:r*', 1],
    ])
  })

  test('tunnels of several types are counted by type', () => {
    const nodes = [node('a1'), node('b1')]
    const edges = ['vxlan', 'gre', 'vxlan'].map((type, at) =>
      edge(`a1:t${at}`, `b1:t${at}`, { layer: 'overlay', type }),
    )
    expect(summaryOf(graph(nodes, edges)).edges).toMatchObject([
      { type: 'vxlan, gre', labels: ['2 × vxlan', '1 × gre'] },
    ])
  })

  test('whole with --full', () => {
    expect(graphOf(large, options({ full: true, labels: 'none' })).nodes).toHaveLength(1620)
  })
})

test('texts of several lines, and control characters, become one line', () => {
  const view = viewOf('nodes: {a: {labels: {site: "x\\n\\u202ey"}}}')
  const graph = graphOf(view, options({ groupBy: 'site' }))
  expect(graph.groups).toEqual([{ id: 'group:x\ufffdy', label: 'x\ufffdy' }])
  expect(graph.nodes[0]?.group).toBe('group:x\ufffdy')
})

test('the empty value of a label has a name', () => {
  const { groups } = graphOf(viewOf('nodes: {a: {labels: {site: ""}}}'), options({ groupBy: 'site' }))
  expect(groups).toEqual([{ id: 'group:(empty)', label: '(empty)' }])
})
