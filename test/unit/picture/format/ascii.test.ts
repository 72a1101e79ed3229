import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { ascii } from '../../../../src/picture/format/ascii/ascii.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { runs } from '../../../support/effort.js'
import { edge, graph, node } from '../drawn.js'
import { options, shipped, viewOf } from '../support.js'
import { oddGraph } from './odd.js'

const drawn = (name: string, some: Parameters<typeof options>[0] = {}) => {
  const whole = options(some)
  return ascii(graphOf(shipped(name), whole), whole)
}

/** The widest line of the picture, without the list below it. */
const width = (text: string) => Math.max(...(text.split('\n\n')[0] ?? '').split('\n').map((line) => stringWidth(line)))

test('two routers fit into 60 columns with all of their labels', () => {
  const text = drawn('two-routers', { columns: 60 })
  expect(text).toMatchInlineSnapshot(`
    "    ┌──────────────┐
        │ h1           │
        └─┬────────────┘
          │ eth0
          │ 10.0.0.0/31
          │ fd00::/127
          │ eth0
          │ 10.0.0.1/31
          │ fd00::1/127
    ┌─────┴────────────────┐
    │ r1                   │
    │ lo 10.255.0.1/32     │
    │ lo fd00:ffff::1/128  │
    └─────────┬────────────┘
              │ eth1
              │ 10.0.0.2/31
              │ fd00::2/127
              │ eth0
              │ 10.0.0.3/31
              │ fd00::3/127
    ┌─────────┴────────────┐
    │ r2                   │
    │ lo 10.255.0.2/32     │
    │ lo fd00:ffff::2/128  │
    └─┬────────────────────┘
      │ eth1
      │ 10.0.0.4/31
      │ fd00::4/127
      │ eth0
      │ 10.0.0.5/31
      │ fd00::5/127
    ┌─┴────────────┐
    │ h2           │
    └──────────────┘
    "
  `)
  expect(width(text)).toBeLessThanOrEqual(60)
})

test('lines that meet and cross, buses', () => {
  expect(drawn('ring', { labels: 'names' })).toMatchInlineSnapshot(`
    "    ┌────────────────┐  ┌────────────────┐
        │ r2             │  │ r4             │
        └─┬───────┬──────┘  └─┬───────┬──────┘
          │ eth0  │ eth1      │ eth1  │ eth0
     ┌────┘  ┌────┼───────────┘  ┌────┘
     │       │    └──────┐       │
     │ eth1  │ eth2      │ eth0  │ eth1
    ┌┴───────┴───────┐  ┌┴───────┴───────┐
    │ r1             │  │ r3             │
    └─┬──────────────┘  └─┬──────────────┘
      │ eth0              │ eth2
      │ eth0              │ eth0
    ┌─┴──────┐          ┌─┴──────┐
    │ h1     │          │ h2     │
    └────────┘          └────────┘
    "
  `)
  expect(drawn('lan', { labels: 'names' })).toMatchInlineSnapshot(`
    "    ╒════════════════════════╕
        │ sw1                    │
        ╘═╤═══════╤═══════╤══════╛
          │ eth0  │ eth1  │ eth2
     ┌────┘       │       └──┐
     │ eth0       │ eth0     │ eth0
    ┌┴───────┐  ┌─┴──────┐  ┌┴───────┐
    │ h1     │  │ h2     │  │ h3     │
    └────────┘  └────────┘  └────────┘
    "
  `)
})

test('tunnels are dashed, and a legend says so', () => {
  expect(drawn('overlay', { labels: 'names' })).toMatchInlineSnapshot(`
    "┌────────────────────┐
    │ h1                 │
    └─┬───────┬──────────┘
      │ eth0  ╎ vx42
      │       ╎ vxlan 42
      │       └╌╌┐
      │ eth0     ╎
    ┌─┴──────┐   ╎
    │ r1     │  ┌┘
    └─┬──────┘  ╎
      │ eth1    ╎
      │ eth0    ╎
    ┌─┴──────┐  ╎
    │ r2     │  ╎
    └─┬──────┘  ╎
      │ eth1    ╎
     ┌┘      ┌╌╌┘
     │ eth0  ╎ vx42
    ┌┴───────┴───────┐
    │ h2             │
    └────────────────┘

    ╎ tunnel
    "
  `)
})

test('without UTF-8, all characters are ASCII', () => {
  const whole = options({ labels: 'names', plain: true })
  const text = ascii(
    graphOf(viewOf('nodes: {a: {title: "São Paulo"}, b: {kind: switch}, c: {}}\nlinks: [[a, b], [c, b]]'), whole),
    whole,
  )
  expect(text).toMatch(/^[ -~\n]+$/)
  expect(text).toMatchInlineSnapshot(`
    "+------------+
    | S?o Paulo  |
    +-+----------+
      | eth0
      | eth0
    +=+======+
    | b      |
    +=+======+
      | eth1
      | eth0
    +-+------+
    | c      |
    +--------+
    "
  `)
})

test('what does not fit is in a list below', () => {
  const text = drawn('leaf-spine', { columns: 70 })
  expect(width(text)).toBeLessThanOrEqual(70)
  expect(text).toContain('\n\ns1: lo 10.255.0.1/32, lo fd00:ffff::1/128\n')
  expect(text).toContain('\ns1 eth0 10.0.0.0/31 fd00::/127 ── l1 eth0 10.0.0.1/31 fd00::1/127\n')
})

describe('room', () => {
  const topology = (count: number) =>
    viewOf(
      `nodes: {s: {kind: switch}, "h{i}": {repeat: {i: ${count}}}}\nlinks: [{repeat: {i: ${count}}, endpoints: ["h{i}", s]}]`,
    )

  test('the hosts of a large LAN are in one box', () => {
    const whole = options({ columns: 60 })
    const text = ascii(graphOf(topology(20), whole), whole)
    expect(width(text)).toBeLessThanOrEqual(60)
    expect(text.split('\n\n')[0]).toMatchInlineSnapshot(`
      "          ╒════╕
                │ s  │
                ╘═══╤╛
                    │ 20 links
      ┌─────────────┴────────────┐
      │ h1  h2  h3  h4  h5  h6   │
      │ h7  h8  h9  h10  h11     │
      │ h12  h13  h14  h15  h16  │
      │ h17  h18  h19  h20       │
      └──────────────────────────┘"
    `)
    for (let host = 1; host <= 20; host++) expect(text).toContain(`\nh${host} eth0 10.128.0.${host}/24 `)
  })

  test('over 30 nodes, and pictures without room, say what to use instead', () => {
    expect(() => ascii(graphOf(topology(30), options()), options())).toThrow(
      'ascii draws up to 30 nodes, and this picture has 31',
    )
    const narrow = options({ columns: 5 })
    expect(() => ascii(graphOf(shipped('two-routers'), narrow), narrow)).toThrow(
      'this picture does not fit into 5 columns',
    )
  })
})

test('a dead node and a link that is down', () => {
  const graph = graphOf(shipped('two-hosts'), options({ labels: 'names' }))
  const text = ascii(
    {
      ...graph,
      nodes: graph.nodes.map((node, at) => ({ ...node, status: at === 0 ? ('dead' as const) : ('paused' as const) })),
      edges: graph.edges.map((edge) => ({ ...edge, state: 'down' as const })),
    },
    options({ labels: 'names' }),
  )
  expect(text).toMatchInlineSnapshot(`
    "┌┈┈┈┈┈┈┈┈┈┈┈┈┐
    ┊ h1 (dead)  ┊
    └┈┈┈┈┈┬┈┈┈┈┈┈┘
          ┊ eth0
          ┊ eth0
    ┌─────┴────────┐
    │ h2 (paused)  │
    └──────────────┘

    ┊ down
    "
  `)
})

describe('bundles', () => {
  const leaves = (kind: 'host' | 'router', count: number, some: Parameters<typeof node>[1] = {}) =>
    Array.from({ length: count }, (_, at) => node(`${kind}${at}`, { kind, ...some }))
  const star = (nodes: ReturnType<typeof node>[], labelsOf: (id: string) => string[] = () => []) =>
    graph(
      [node('s', { kind: 'switch', isBus: true }), ...nodes],
      nodes.map(({ id }, at) => edge(`s:eth${at}`, `${id}:eth0`, { labels: labelsOf(id) })),
    )
  const picture = (drawn: ReturnType<typeof graph>, some: Parameters<typeof options>[0] = {}) =>
    ascii(drawn, options({ columns: 60, labels: 'names', ...some })).split('\n\n')[0]

  test('routers and hosts are in boxes of their own', () => {
    expect(picture(star([...leaves('host', 6), ...leaves('router', 5)]))).toMatchInlineSnapshot(`
      "┌──────────────────────┐
      │ host0  host1  host2  │
      │ host3  host4  host5  │
      └─────┬────────────────┘
            │ 6 links
          ╒═╧════════╕
          │ s        │
          ╘═╤════════╛
            │ 5 links
      ┌─────┴────────────┐
      │ router0  router1 │
      │ router2  router3 │
      │ router4          │
      └──────────────────┘"
    `)
  })

  test('what is said of the state of all has a line of its own', () => {
    expect(picture(star(leaves('host', 12, { status: 'paused' })))).toMatchInlineSnapshot(`
      "      ╒════════════╕
            │ s          │
            ╘═╤══════════╛
              │ 12 links
      ┌───────┴────────────────┐
      │ host0  host1  host2    │
      │ host3  host4  host5    │
      │ host6  host7  host8    │
      │ host9  host10  host11  │
      │ (paused)               │
      └────────────────────────┘"
    `)
  })

  test('lines that are impaired alike keep their impairments', () => {
    expect(picture(star(leaves('host', 8), (id) => ['10 ms', `${id} → loss 5 %`]))).toMatchInlineSnapshot(`
      "  ╒══════════════════╕
        │ s                │
        ╘═╤════════════════╛
          │ 8 links
          │ 10 ms
          │ host → loss 5 %
      ┌───┴──────────────────┐
      │ host0  host1  host2  │
      │ host3  host4  host5  │
      │ host6  host7         │
      └──────────────────────┘"
    `)
    const differ = picture(star(leaves('host', 8), (id) => (id < 'host4' ? ['10 ms'] : [])))
    expect(differ?.match(/ 4 links/g)).toHaveLength(2)
  })
})

test('a long title is cut, and a list below has it whole', () => {
  const title = 'The gateway of the northern branch office, second floor, cabinet 7, next to the staircase'
  const titled = graph([node('a', { lines: [title, 'a'] }), node('b')], [edge('a', 'b')])
  for (const labels of ['all', 'names', 'none'] as const) {
    const text = ascii(titled, options({ labels }))
    expect(width(text)).toBeLessThanOrEqual(80)
    expect(text).toContain('The gateway of the no...')
    expect(text).toContain(`\n\n${title}: a\n`)
  }
})

test('with names, what is at the middle of a line stays', () => {
  expect(drawn('campus', { labels: 'names', columns: 200 })).toContain('trunk 10, 20')
  expect(drawn('satellite', { labels: 'names', columns: 200 })).toMatch(/ ms/)
  expect(drawn('campus', { labels: 'none', columns: 200 })).not.toContain('trunk 10, 20')
})

test('a tunnel that is down is not as a link that is down', () => {
  const edges = [edge('a', 'b', { state: 'down' }), edge('a:t', 'b:t', { state: 'down', layer: 'overlay' })]
  const legend = (plain: boolean) => ascii(graph([node('a'), node('b')], edges), options({ plain })).split('\n\n')[1]
  expect(legend(false)).toBe('┊ down   ╏ tunnel that is down\n')
  expect(legend(true)).toBe('x down   ! tunnel that is down\n')
})

test('without UTF-8, frames around wide characters are whole', () => {
  const nodes = [node('a', { lines: ['東京の路由器'] }), node('b'), node('c')]
  const edges = [edge('a:eth0', 'b', { labels: ['a → 5 ms ±1 ms'] }), edge('a:eth1', 'c', { labels: ['a → 5 ms'] })]
  expect(ascii(graph(nodes, edges), options({ plain: true }))).toMatchInlineSnapshot(`
    "      +--------+
          | b      |
          +-+------+
            | eth0
            | eth0
            | a -> 5 ms +-1 ms
          +-+------------------+
          | ??????             |
          +-+------------------+
            | eth1
            | a -> 5 ms
            | eth0
          +-+------+
          | c      |
          +--------+
    "
  `)
})

/** Random graphs of up to 12 nodes, with parallel links and loops. */
const random = fc
  .record({
    count: fc.integer({ min: 1, max: 12 }),
    pairs: fc.array(fc.tuple(fc.nat(11), fc.nat(11), fc.boolean()), { maxLength: 18 }),
    columns: fc.integer({ min: 60, max: 200 }),
  })
  .map(({ count, pairs, columns }) => ({ count, columns, pairs: pairs.filter(([a, b]) => a < count && b < count) }))

test('every node is there whole, every end has its name, and nothing is wider than the terminal', () => {
  fc.assert(
    fc.property(random, ({ count, pairs, columns }) => {
      const end = (node: number, edge: number) => ({
        node: `node${node}`,
        interface: `if${edge}`,
        addresses: [],
        state: 'up' as const,
        master: null,
      })
      const graph = {
        ...graphOf(shipped('two-hosts'), options()),
        nodes: Array.from({ length: count }, (_, at) => ({
          ...{ id: `node${at}`, lines: [`node${at}.`], status: 'running' as const, group: null, count: 1 },
          ...{ kind: at % 2 === 0 ? ('host' as const) : ('router' as const), isBus: at === 5 },
        })),
        edges: pairs.map(([a, b, isOverlay], at) => ({
          ...{ id: `e${at}`, type: 'veth', state: 'up' as const, labels: [], network: null },
          ends: [end(a, at), end(b, at)] as [ReturnType<typeof end>, ReturnType<typeof end>],
          layer: isOverlay ? ('overlay' as const) : ('underlay' as const),
        })),
      }
      const text = fitting(() => ascii(graph, options({ labels: 'names', columns })))
      if (text === null) return
      expect(width(text)).toBeLessThanOrEqual(columns)
      for (let at = 0; at < count; at++) expect(text).toContain(`node${at}.`)
      const isWhole = !text.includes(' links') && !text.includes(' ── ')
      const names = text.match(/ if\d+(?!\d)/g) ?? []
      if (isWhole) expect(names.sort()).toEqual(pairs.flatMap((_, at) => [` if${at}`, ` if${at}`]).sort())
    }),
    runs(100),
  )
})

test('odd texts take the columns that a terminal gives them', () => {
  fc.assert(
    fc.property(oddGraph, (graph) => {
      const text = fitting(() => ascii(graph, options({ columns: 120 })))
      if (text === null) return
      expect(width(text)).toBeLessThanOrEqual(120)
      for (const { lines } of graph.nodes) expect(text).toContain(lines[0])
    }),
    runs(100),
  )
})

function fitting(draw: () => string): string | null {
  try {
    return draw()
  } catch (error) {
    expect((error as Error).message).toMatch(/^this picture does not fit/)
    return null
  }
}
