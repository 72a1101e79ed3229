// Links that the kernel emulates, in labs: what tc(8) reads of them, and what a ping takes.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { Lab, networkScript, parseTopology, resolveTopology } from '../../dist/index.js'
import { bothNetworks, ScriptLab } from '../support/script-lab.mjs'

const tc = (lab, node, ...args) =>
  JSON.parse(execFileSync('tc', ['-n', `${lab.name}.${node}`, '-j', ...args], { encoding: 'utf8' }))

const FQ_CODEL = {
  kind: 'fq_codel',
  ...{ packets: 200, flows: 64, quantumBytes: 1514, targetNs: 5_000_000, intervalNs: 100_000_000, ecn: true },
}

/** Builds a lab of which one link is emulated. Its script makes the same. */
const withLab = (text, link, directions, action) => withLinks(text, { [link]: directions }, action)

async function withLinks(text, emulated, action) {
  const topology = resolveTopology(parseTopology(text))
  for (const [link, directions] of Object.entries(emulated))
    topology.links[link].emulation = { backend: 'netem', directions }
  const lab = await Lab.up(topology)
  let made
  try {
    made = await ScriptLab.run(networkScript(topology))
    const { lab: own, script } = await bothNetworks(lab, made)
    assert.deepEqual(script, own)
    await action(lab)
  } finally {
    await made?.close()
    await lab.down()
  }
}

export const tests = {
  // h1 ── r1 ══ h2: 20 ms towards h2, 30 ms and a rate back
  'delay, jitter, loss and a rate with its queue': () =>
    withLab(
      'name: netem-path\nnodes: {h1: {}, r1: {kind: router}, h2: {}}\nlinks: [[h1, r1], [r1, h2]]',
      1,
      [
        {
          impairment: {
            delayNs: 20_000_000,
            jitter: { amountNs: 128_000, distribution: 'normal', correlation: 0, reorder: false },
            loss: { model: 'gilbert-elliott', p: 0.0001, r: 0.5, lossInBad: 0.9, lossInGood: 0 },
          },
        },
        {
          impairment: {
            delayNs: 30_000_000,
            rate: { bitsPerSecond: 10_000_000, burstBytes: 3028, overheadBytes: 0 },
            queue: FQ_CODEL,
          },
        },
      ],
      async (lab) => {
        const [netem] = tc(lab, 'r1', 'qdisc', 'show', 'dev', 'eth1')
        assert.equal(netem.kind, 'netem')
        const { delay, jitter } = netem.options.delay
        assert.deepEqual(
          [delay, jitter].map((seconds) => Math.round(seconds * 1e6)),
          [20_000, 128],
        )
        const kinds = tc(lab, 'h2', 'qdisc', 'show', 'dev', 'eth0').map(({ kind, parent = 'root' }) => [kind, parent])
        assert.deepEqual(kinds, [
          ['netem', 'root'],
          ['tbf', '1:1'],
          ['fq_codel', '2:1'],
        ])
        await lab.node('h1').ping('h2')
        const { rttMs, received } = await lab.node('h1').ping('h2', { count: 5, intervalMs: 100 })
        assert.equal(received, 5)
        assert.ok(rttMs.min >= 50 && rttMs.min < 250, JSON.stringify(rttMs))
      },
    ),

  // h1 ── r1 ══ h2: h1's own link is not emulated
  'packets of several frames come to a router no longer than its disciplines may get them': async () => {
    const rate = { bitsPerSecond: 1e9, burstBytes: 18_750, overheadBytes: 0 }
    const queue = { kind: 'fifo', packets: 1000 }
    const cases = [
      [{ loss: { model: 'random', probability: 0.001, correlation: 0 } }, 1],
      [{ rate: { ...rate, burstBytes: 200_000 }, queue: FQ_CODEL }, 1],
      [{ delayNs: 1_000_000, rate, queue }, 6],
      [{ delayNs: 1_000_000 }, 45],
    ]
    for (const [impairment, most] of cases) {
      const topology = resolveTopology(
        parseTopology('name: netem-long\nnodes: {h1: {}, r1: {kind: router}, h2: {}}\nlinks: [[h1, r1], [r1, h2]]'),
      )
      topology.links[1].emulation = { backend: 'netem', directions: [{ impairment }, { impairment: null }] }
      const lab = await Lab.up(topology)
      try {
        const address = topology.nodes[2].interfaces.find(({ name }) => name === 'eth0').addresses[0].split('/')[0]
        const run = (node, script) => lab.node(node).exec([process.execPath, '-e', script], { cwd: '/' })
        const served = run(
          'h2',
          `require('net').createServer((c) => c.resume().on('end', () => process.exit())).listen(9)`,
        )
        const connected = await run(
          'h1',
          `const go = () => require('net').connect(9, '${address}').on('error', () => setTimeout(go, 200)).end(Buffer.alloc(4e6)); go()`,
        )
        assert.equal(connected.exitCode, 0)
        assert.equal((await served).exitCode, 0)
        const shown = execFileSync('ip', ['-n', `${lab.name}.r1`, '-s', '-j', 'link', 'show', 'dev', 'eth0'])
        const { bytes, packets } = JSON.parse(shown)[0].stats64.rx
        assert.ok(bytes > 4e6, `${bytes} bytes`)
        assert.ok(bytes / packets <= most * 1514, `${bytes / packets} bytes a packet`)
        if (most > 1) assert.ok(bytes / packets > 1514 * 2, `${bytes / packets} bytes a packet`)
      } finally {
        await lab.down()
      }
    }
  },

  'every queue, and every impairment that tc knows a word for': () => {
    const rate = { bitsPerSecond: 8_000_000, burstBytes: 16_000, overheadBytes: 4 }
    const times = { targetNs: 6_400_000, intervalNs: 128_000_000, ecn: false }
    const chance = { probability: 0.25, correlation: 0 }
    const delayNs = 64_000_000
    const impairments = [
      { rate, queue: { kind: 'codel', packets: 100, ...times } },
      { rate, queue: { kind: 'red', bytes: 60_000, minBytes: 5000, maxBytes: 15_000, probability: 0.02, ecn: true } },
      { rate, queue: { kind: 'fifo', bytes: 60_000 }, delayNs },
      { loss: { model: 'state', p13: 0.01, p31: 0.02, p32: 0.03, p23: 0.04, p14: 0.05 } },
      { loss: { model: 'random', ...chance }, corrupt: chance },
      { delayNs, duplicate: chance, reorder: { ...chance, gap: 4 } },
      { delayNs, jitter: { amountNs: 6_400_000, distribution: 'pareto', correlation: 0, reorder: true } },
      { delayNs, jitter: { amountNs: 6_400_000, distribution: 'uniform', correlation: 0.25, reorder: false } },
    ]
    const links = impairments.map(() => '[a, b]').join(', ')
    const emulated = impairments.map((impairment) => [{ impairment }, { impairment: null }])
    return withLinks(`name: netem-queues\nnodes: {a: {}, b: {}}\nlinks: [${links}]`, emulated, async (lab) => {
      assert.equal(tc(lab, 'a', 'qdisc', 'show').filter(({ kind }) => kind === 'netem').length, 6)
    })
  },

  // a, b, c ── lan: frames of a to c take 40 ms longer, those of b do not
  'a LAN, one pair of which is slower': async () => {
    const text =
      'name: netem-lan\nnodes: {a: {}, b: {}, c: {}, lan: {kind: switch}}\nlinks: [[a, lan], [b, lan], [c, lan]]'
    const { nodes } = resolveTopology(parseTopology(text))
    const mac = nodes.find(({ name }) => name === 'a').interfaces.find(({ name }) => name === 'eth0').mac
    const slow = { station: 'a:eth0', mac, impairment: { delayNs: 40_000_000 }, sharesRate: false }
    await withLab(text, 2, [{ impairment: null }, { impairment: null, sources: [slow] }], async (lab) => {
      const rtt = async (from) => {
        await lab.node(from).ping('c')
        return (await lab.node(from).ping('c', { count: 3, intervalMs: 50 })).rttMs.min
      }
      assert.ok((await rtt('a')) >= 40)
      assert.ok((await rtt('b')) < 20)
    })
  },
}
