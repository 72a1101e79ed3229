// What emulates a link, and the operations and commands for it.
import { describe, expect, test } from 'vitest'
import { LabError } from '../../../../src/errors.js'
import type { Direction, Impairment, LinkEmulation } from '../../../../src/model/impairment.js'
import { type EmulationKind, EVERY_KIND } from '../../../../src/model/kernel-kinds.js'
import type { ResolvedTopology } from '../../../../src/model/resolved.js'
import { buildPlan, planLab } from '../../../../src/plan/build.js'
import { backendOf } from '../../../../src/plan/emulation/backend.js'
import { WIRE_NODE } from '../../../../src/plan/emulation/links.js'
import { netemOf } from '../../../../src/plan/emulation/qdiscs.js'
import { explain } from '../../../../src/plan/say/explain.js'
import { networkScript } from '../../../../src/plan/say/script.js'
import { resolve } from '../../topology/support.js'

const MS = 1_000_000
const RATE = { rate: { bitsPerSecond: 10e6, burstBytes: 3028, overheadBytes: 0 } } as const
const LIMITED: Impairment = { ...RATE, queue: { kind: 'fifo', packets: 50 } }
const DELAYED: Impairment = { delayNs: 10 * MS }

const both = (impairment: Impairment | null, backend: LinkEmulation['backend'] = 'auto'): LinkEmulation => ({
  backend,
  directions: [{ impairment }, { impairment: null }],
})
const without = (...kinds: EmulationKind[]) => new Set([...EVERY_KIND].filter((kind) => !kinds.includes(kind)))
const backend = (emulation: LinkEmulation, kinds: ReadonlySet<EmulationKind> = EVERY_KIND) =>
  backendOf(emulation, kinds, 'h1:eth0 – h2:eth0')

describe('what emulates a link', () => {
  test('nothing, where frames are carried as they are, unless the wire is demanded', () => {
    expect(backend(both(null))).toBeNull()
    expect(backend(both(null, 'netem'))).toBeNull()
    expect(backend(both(null, 'wire'))).toBe('wire')
  })

  test('tbf for a rate alone, netem for all else', () => {
    expect(backend(both(LIMITED))).toBe('tbf')
    expect(backend(both(DELAYED))).toBe('netem')
    expect(backend(both({ ...DELAYED, ...LIMITED }))).toBe('netem')
  })

  test.each<[string, Impairment, EmulationKind]>([
    ['netem', DELAYED, 'netem'],
    ['tbf', LIMITED, 'tbf'],
    ['a queue in packets', LIMITED, 'pfifo'],
    ['a queue in bytes', { ...RATE, queue: { kind: 'fifo', bytes: 9000 } }, 'bfifo'],
    ['codel', { ...RATE, queue: { kind: 'codel', packets: 9, targetNs: MS, intervalNs: 9 * MS, ecn: false } }, 'codel'],
    ['a seed', { ...DELAYED, seed: '7' }, 'netem-seed'],
  ])('the wire on a kernel without %s', (_, impairment, kind) => {
    expect(backend(both(impairment))).not.toBe('wire')
    expect(backend(both(impairment), without(kind))).toBe('wire')
  })

  const chance = { probability: 0.01, correlation: 0.25 }
  const jitter = { amountNs: MS, distribution: 'normal', correlation: 0.5, reorder: false } as const
  test.each<[string, Impairment, ReturnType<typeof backendOf> | 'refused']>([
    ['a trace', { trace: { file: 'x', opportunitiesMs: [1] }, queue: { kind: 'fifo', packets: 9 } }, 'refused'],
    ['correlated loss', { loss: { model: 'random', ...chance } }, 'refused'],
    ['correlated duplication', { duplicate: chance }, 'refused'],
    ['correlated reordering', { ...DELAYED, reorder: { ...chance, gap: 1 } }, 'refused'],
    ['a negative overhead', { ...LIMITED, rate: { ...RATE.rate, overheadBytes: -14 } }, 'refused'],
    ['correlated jitter', { ...DELAYED, jitter }, 'netem'],
    ['reordering before a rate', { ...DELAYED, ...LIMITED, reorder: { ...chance, correlation: 0, gap: 1 } }, 'netem'],
  ])('the wire for %s', (_, impairment, demanded) => {
    expect(backend(both(impairment))).toBe('wire')
    if (demanded === 'refused')
      expect(() => backend(both(impairment, 'netem'))).toThrow(/^h1:eth0 – h2:eth0: netem \S+/)
    else expect(backend(both(impairment, 'netem'))).toBe(demanded)
  })

  test('an error with a way out, where netem is demanded of a kernel without it', () => {
    const error = (() => {
      try {
        return backend(both(DELAYED, 'netem'), without('netem'))
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(LabError)
    expect(error).toMatchObject({ code: 'FEATURE_MISSING', exitCode: 4 })
    expect(String(error)).toContain('h1:eth0 – h2:eth0: this kernel lacks netem (queueing discipline netem)')
    expect((error as LabError).hint).toMatch(/^write `emulation: auto` or `emulation: wire`, or use a kernel with/)
  })
})

/** A topology of which one link is emulated. */
function emulated(text: string, link: number, directions: [Direction, Direction], backend = 'auto' as const) {
  const topology: ResolvedTopology = structuredClone(resolve(text))
  Object.assign(topology.links[link] ?? {}, { emulation: { backend, directions } })
  return topology
}
const PATH = 'nodes: {h1: {}, r1: {kind: router}, h2: {}}\nlinks: [[h1, r1], [r1, h2]]'
const LAN = 'nodes: {a: {}, b: {}, c: {}, lan: {kind: switch}}\nlinks: [[a, lan], [b, lan], [c, lan]]'

const commands = (topology: ResolvedTopology): string[] =>
  explain(planLab(topology)).flatMap(({ op, command }) => (/^(?:qdisc|class|filter)/.test(op) ? [command] : []))

describe('the disciplines of a direction', () => {
  test('netem, below it tbf, below that the queue, before the interface is up', () => {
    const impairment: Impairment = {
      ...{ delayNs: 10 * MS, jitter: { amountNs: 2 * MS, distribution: 'normal', correlation: 0, reorder: false } },
      ...{ loss: { model: 'gilbert-elliott', p: 0.01, r: 0.1, lossInBad: 0.7, lossInGood: 0 }, seed: '7' },
      ...{ rate: { bitsPerSecond: 10e6, burstBytes: 3028, overheadBytes: 24 }, queue: { kind: 'fifo', packets: 50 } },
    }
    const topology = emulated(PATH, 1, [{ impairment }, { impairment: LIMITED }])
    expect(commands(topology)).toEqual([
      'tc -n r1 qdisc add dev eth1 root handle 1: netem limit 1000 delay 10ms 2ms distribution normal ' +
        'loss gemodel 1% 10% 70% 0% rate 8tbit seed 7',
      'tc -n r1 qdisc add dev eth1 parent 1:1 handle 2: tbf rate 10mbit burst 3028b limit 75900b overhead 24',
      'tc -n r1 qdisc add dev eth1 parent 2:1 handle 3: pfifo limit 50',
      'tc -n h2 qdisc add dev eth0 root handle 2: tbf rate 10mbit burst 3028b limit 75900b',
      'tc -n h2 qdisc add dev eth0 parent 2:1 handle 3: pfifo limit 50',
    ])
    const ops = planLab(topology).map(({ op }) => op)
    expect(ops.lastIndexOf('qdisc.add')).toBeLessThan(ops.lastIndexOf('link.up'))
    const router = buildPlan(topology).nodes.find(({ node }) => node === 'r1')
    const { config = [] } = router?.interfaces.find((each) => each.interface === 'eth1') ?? {}
    expect(config.map(({ op }) => op).slice(0, 4)).toEqual(['qdisc.add', 'qdisc.add', 'qdisc.add', 'link.up'])
  })

  test('a queue in bytes is that of tbf itself; others are below it', () => {
    const queue = (own: Impairment['queue']) =>
      commands(emulated(PATH, 0, [{ impairment: own ? { ...RATE, queue: own } : RATE }, { impairment: null }])).slice(1)
    expect(queue({ kind: 'fifo', bytes: 30_000 })).toEqual([])
    const times = { targetNs: 5 * MS, intervalNs: 100 * MS, ecn: true }
    expect(queue({ kind: 'codel', packets: 100, ...times })).toEqual([
      'tc -n h1 qdisc add dev eth0 parent 2:1 handle 3: codel limit 100 target 5ms interval 100ms ecn',
    ])
    expect(queue({ kind: 'fq_codel', packets: 100, flows: 64, quantumBytes: 1514, ...times })).toEqual([
      'tc -n h1 qdisc add dev eth0 parent 2:1 handle 3: fq_codel limit 100 flows 64 quantum 1514 target 5ms interval 100ms ecn',
    ])
    const red = { bytes: 60_000, minBytes: 5000, maxBytes: 15_000, probability: 0.02, ecn: false }
    expect(queue({ kind: 'red', ...red })).toEqual([
      'tc -n h1 qdisc add dev eth0 parent 2:1 handle 3: red limit 60000b min 5000b max 15000b avpkt 1000b burst 8 ' +
        'bandwidth 10mbit probability 0.02',
    ])
  })

  test('netem holds what comes while the first frame waits', () => {
    const packets = (impairment: Impairment) => netemOf(impairment).packets
    expect(packets({ delayNs: 0.1 * MS })).toBe(1000)
    expect(packets({ delayNs: 20 * MS })).toBe(20_000)
    expect(packets({ delayNs: 600 * MS })).toBe(100_000)
    expect(packets({ ...LIMITED, delayNs: 600 * MS })).toBe(25_000)
  })
})

describe('pairs of a LAN', () => {
  const macOf = (topology: ResolvedTopology, node: string) =>
    topology.nodes.find(({ name }) => name === node)?.interfaces.find(({ name }) => name === 'eth0')?.mac ?? ''
  const sources = (sharesRate: boolean, impairment: Impairment) => [
    { station: 'a:eth0', mac: macOf(resolve(LAN), 'a'), impairment, sharesRate },
  ]

  test('are classes of the switch’s port towards the receiver, each with disciplines of its own', () => {
    const topology = emulated(LAN, 2, [
      { impairment: null },
      { impairment: LIMITED, sources: sources(false, { delayNs: 40 * MS }) },
    ])
    const mac = macOf(topology, 'a').replaceAll(':', '')
    const unlimited = 'htb rate 1000gbit ceil 1000gbit burst 1000000b cburst 1000000b quantum 1518'
    expect(commands(topology)).toEqual([
      'tc -n lan qdisc add dev eth2 root handle 1: htb default 2',
      `tc -n lan class add dev eth2 parent 1: classid 1:2 ${unlimited}`,
      'tc -n lan qdisc add dev eth2 parent 1:2 handle 22: tbf rate 10mbit burst 3028b limit 75900b',
      'tc -n lan qdisc add dev eth2 parent 22:1 handle 23: pfifo limit 50',
      `tc -n lan class add dev eth2 parent 1: classid 1:3 ${unlimited}`,
      'tc -n lan qdisc add dev eth2 parent 1:3 handle 31: netem limit 40000 delay 40ms',
      `tc -n lan filter add dev eth2 parent 1: protocol all prio 1 u32 match u32 0x${mac.slice(0, 8)} 0xffffffff at -8 ` +
        `match u32 0x${mac.slice(8)}0000 0xffff0000 at -4 flowid 1:3`,
    ])
  })

  test('that share the rate of the link share it through htb, where netem is demanded', () => {
    const directions: [Direction, Direction] = [
      { impairment: null },
      { impairment: LIMITED, sources: sources(true, { delayNs: 40 * MS, ...LIMITED }) },
    ]
    expect(buildPlan(emulated(LAN, 2, directions)).wire).not.toBeNull()
    const topology = emulated(LAN, 2, directions)
    Object.assign(topology.links[2]?.emulation ?? {}, { backend: 'netem' })
    const shared = 'rate 5mbit ceil 10mbit burst 3028b cburst 3028b quantum 1518'
    expect(commands(topology).slice(1, -1)).toEqual([
      'tc -n lan class add dev eth2 parent 1: classid 1:1 htb rate 10mbit ceil 10mbit burst 3028b cburst 3028b quantum 1518',
      `tc -n lan class add dev eth2 parent 1:1 classid 1:2 htb ${shared}`,
      'tc -n lan qdisc add dev eth2 parent 1:2 handle 23: pfifo limit 50',
      `tc -n lan class add dev eth2 parent 1:1 classid 1:3 htb ${shared}`,
      'tc -n lan qdisc add dev eth2 parent 1:3 handle 31: netem limit 1667 delay 40ms',
      'tc -n lan qdisc add dev eth2 parent 31:1 handle 33: pfifo limit 50',
    ])
  })
})

describe('veth pairs', () => {
  const pairs = (topology: ResolvedTopology, kinds = EVERY_KIND) =>
    planLab(topology, kinds).flatMap((op) => (op.op === 'veth.add' ? [op] : []))

  test('carry single frames in the whole lab where the kernel emulates one link', () => {
    const all = pairs(emulated(PATH, 1, [{ impairment: DELAYED }, { impairment: null }]))
    expect(all.map(({ gsoMaxSegs, peer }) => [gsoMaxSegs, peer.gsoMaxSegs])).toEqual([
      [1, 1],
      [1, 1],
    ])
    expect(explain(all)[0]?.command).toMatch(/ gso_max_segs 1 type veth .* gso_max_segs 1 netns r1$/)
    expect(pairs(resolve(PATH)).some(({ gsoMaxSegs, peer }) => gsoMaxSegs ?? peer.gsoMaxSegs)).toBe(false)
  })

  test('lead to the wire and on where it carries the link', () => {
    const topology = emulated(PATH, 1, [{ impairment: DELAYED }, { impairment: null }])
    const plan = buildPlan(topology, new Set())
    expect(plan.wire).toEqual({
      links: [
        {
          ...{ link: 1, ends: ['r1:eth1', 'h2:eth0'], indexes: [1_000_002, 1_000_003] },
          emulation: topology.links[1]?.emulation,
        },
      ],
    })
    expect(
      pairs(topology, new Set()).map(({ node, gsoMaxSegs, peer }) => [node, gsoMaxSegs ?? null, peer]),
    ).toMatchObject([
      ['h1', null, { node: 'r1' }],
      ['r1', 1, { node: WIRE_NODE, interface: 'w1a', index: 1_000_002, mac: null, mtu: 65_535 }],
      ['h2', 1, { node: WIRE_NODE, interface: 'w1b', index: 1_000_003, mac: null, mtu: 65_535 }],
    ])
    expect(plan.nodes.at(-1)).toEqual({
      ...{ node: WIRE_NODE, add: null, remove: [], devices: [], whole: [], running: [] },
      interfaces: [
        ['w1a', 1_000_002],
        ['w1b', 1_000_003],
      ].map(([name, index]) => ({
        interface: name,
        config: [{ op: 'link.up', node: WIRE_NODE, interface: name, index }],
      })),
    })
    expect(explain(planLab(topology, new Set())).at(-1)).toEqual({
      ...{ op: 'wire.link', node: WIRE_NODE },
      command: '# nslab’s own wire carries frames between r1:eth1 and h2:eth0: r1:eth1 sends with delay',
    })
  })
})

describe('the script', () => {
  test('has the commands of the disciplines', () => {
    const script = networkScript(emulated(PATH, 1, [{ impairment: DELAYED }, { impairment: LIMITED }]))
    expect(script).toContain('tc -n r1 qdisc add dev eth1 root handle 1: netem limit 10000 delay 10ms\n')
    expect(script).toContain("tc -n h2 -batch - <<'END'\nqdisc add dev eth0 root handle 2: tbf")
  })

  test('names links that only the wire emulates, and samples', () => {
    const topology = emulated(PATH, 1, [{ impairment: DELAYED }, { impairment: null }])
    const script = networkScript(topology, new Set())
    expect(script).toContain(
      '# Only nslab’s own wire emulates these links; here they carry frames as they are:\n#   r1: "eth1", h2: "eth0"\n',
    )
    expect(script).not.toContain(WIRE_NODE)
    expect(script).not.toContain('tc -n')
    const jitter = { amountNs: MS, distribution: { table: [0] }, correlation: 0, reorder: true }
    const sampled = emulated(PATH, 1, [{ impairment: { ...DELAYED, jitter } }, { impairment: null }])
    expect(networkScript(sampled)).toContain('the jitter of these is uniform here:\n#   r1: "eth1"\n')
  })
})
