// Links that the kernel emulates: what is made is what the plan says, and what the script of the same topology makes. netem,
// which this kernel may lack, is tried in test/vm.
import { execFileSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { Lab, networkScript, type ResolvedTopology } from '../../../../src/index.js'
import { kernelKinds } from '../../../../src/lab/who/kernel-kinds.js'
import type { Direction, Impairment, Queue } from '../../../../src/model/impairment.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { test, uniqueName } from '../../../support/lab.js'
import { bothNetworks, ScriptLab } from '../../../support/script-lab.mjs'

const kinds = await kernelKinds()
const hasAll = (['tbf', 'htb', 'pfifo', 'bfifo', 'u32'] as const).every((kind) => kinds.has(kind))

const limited = (bitsPerSecond: number, queue: Impairment['queue'] = { kind: 'fifo', packets: 50 }): Impairment => ({
  rate: { bitsPerSecond, burstBytes: 4000, overheadBytes: 4 },
  ...(queue ? { queue } : {}),
})

function emulated(text: string, link: number, directions: [Direction, Direction]): ResolvedTopology {
  const topology = resolveTopology(parseTopology(`name: ${uniqueName('shaped')}\n${text}`))
  Object.assign(topology.links[link] ?? {}, { emulation: { backend: 'auto', directions } })
  return topology
}

/** Builds the lab, and the network of its script, and expects them to be the same. */
async function expectSame(topology: ResolvedTopology): Promise<{ lab: Lab; shaping: Record<string, string[]> }> {
  const lab = await Lab.up(topology)
  onTestFinished(() => lab.down())
  const made = await ScriptLab.run(networkScript(topology, kinds))
  onTestFinished(() => made.close())
  const both = await bothNetworks(lab, made)
  expect(both.script).toEqual(both.lab)
  return {
    lab,
    shaping: Object.fromEntries(Object.entries(both.lab).map(([node, each]) => [node, each.shaping ?? []])),
  }
}

const segments = (lab: Lab, node: string, name: string): number =>
  JSON.parse(
    execFileSync('ip', ['-n', `${lab.name}.${node}`, '-j', '-d', 'link', 'show', 'dev', name], { encoding: 'utf8' }),
  )[0].gso_max_segs

test.skipIf(process.getuid?.() !== 0)('every kind that this kernel has is found, as tc finds it', () => {
  const found = (kind: string): boolean => {
    const options: Record<string, string> = {
      tbf: 'rate 1mbit burst 9k limit 9k',
      red: 'limit 60000 avpkt 1000 bandwidth 10mbit',
    }
    const command = `tc qdisc add dev lo root ${kind} ${options[kind] ?? ''} 2> /dev/null`
    return (
      execFileSync('unshare', ['-n', 'sh', '-c', `${command} && echo yes || echo no`], { encoding: 'utf8' }) === 'yes\n'
    )
  }
  for (const kind of ['netem', 'tbf', 'htb', 'pfifo', 'bfifo', 'codel', 'fq_codel', 'red'] as const)
    expect([kind, kinds.has(kind)]).toEqual([kind, found(kind)])
})

// h1 ── r1 ══ h2
test.skipIf(!hasAll)('a rate and its queue, one of packets and one of bytes', async ({ stateDirectory: _ }) => {
  const { lab, shaping } = await expectSame(
    emulated('nodes: {h1: {}, r1: {kind: router}, h2: {}}\nlinks: [[h1, r1], [r1, h2]]', 1, [
      { impairment: limited(10e6) },
      { impairment: limited(100e6, { kind: 'fifo', bytes: 60_000 }) },
    ]),
  )
  expect(shaping.r1).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^tc qdisc tbf 2: dev eth1 root .*rate 10Mbit burst \d+b/),
      'tc qdisc pfifo 3: dev eth1 parent 2:1 limit 50p',
    ]),
  )
  expect(shaping.h2).toEqual(
    expect.arrayContaining([expect.stringMatching(/^tc qdisc tbf 2: dev eth0 root .*rate 100Mbit/)]),
  )
  expect(shaping.h1?.filter((line) => line.includes('tbf'))).toEqual([])
  expect([segments(lab, 'r1', 'eth1'), segments(lab, 'h2', 'eth0')]).toEqual([1, 1])
  expect(segments(lab, 'h1', 'eth0')).toBeGreaterThan(1)
  expect(await lab.node('h1').ping('h2')).toMatchObject({ lossPercent: 0 })
})

// h1 ── r1 ══ h2: h1's own link is not emulated
describe('packets of several segments that a router forwards', () => {
  const MEGABYTES = 4_000_000
  const FRAME = 1514
  const limitedTo = (bitsPerSecond: number, burstBytes: number, queue: Queue): Impairment => ({
    rate: { bitsPerSecond, burstBytes, overheadBytes: 0 },
    queue,
  })
  const FIFO: Queue = { kind: 'fifo', packets: 1000 }
  const CODEL: Queue = { kind: 'codel', packets: 1000, targetNs: 5e6, intervalNs: 1e8, ecn: false }

  /** Sends from h1 to h2, and returns the mean length of packets that came in at an interface. */
  async function forwarded(backend: 'auto' | 'wire', impairment: Impairment, node: string, words: string) {
    const topology = emulated('nodes: {h1: {}, r1: {kind: router}, h2: {}}\nlinks: [[h1, r1], [r1, h2]]', 1, [
      { impairment },
      { impairment: null },
    ])
    Object.assign(topology.links[1]?.emulation ?? {}, { backend })
    const lab = await Lab.up(topology)
    onTestFinished(() => lab.down())
    const [address = ''] = topology.nodes[2]?.interfaces.find(({ name }) => name === 'eth0')?.addresses ?? []
    const run = (name: string, script: string) => lab.node(name).exec([process.execPath, '-e', script], { cwd: '/' })
    const server = `require('net').createServer((c) => c.resume().on('end', () => process.exit())).listen(9)`
    const client = `require('net').connect(9, '${address.split('/')[0]}').end(Buffer.alloc(${MEGABYTES}))`
    const served = run('h2', server)
    for (let tries = 0; tries < 50; tries++) {
      const { exitCode } = await run('h1', client)
      if (exitCode === 0) break
      await setTimeout(50)
    }
    expect(await served).toMatchObject({ exitCode: 0 })
    const shown = execFileSync('ip', ['-n', `${lab.name}.${node}`, '-s', '-j', 'link', 'show', 'dev', words])
    const [{ stats64 }] = JSON.parse(String(shown))
    expect(stats64.rx.bytes).toBeGreaterThan(MEGABYTES)
    return stats64.rx.bytes / stats64.rx.packets
  }

  test.skipIf(!hasAll)('are cut by tbf where they are longer than its burst', async ({ stateDirectory: _ }) => {
    const impairment = limitedTo(1e9, 18_750, FIFO)
    expect(await forwarded('auto', impairment, 'r1', 'eth0')).toBeGreaterThan(4 * FRAME)
    expect(await forwarded('auto', impairment, 'h2', 'eth0')).toBeLessThanOrEqual(6 * FRAME)
  })

  test.skipIf(!kinds.has('codel'))(
    'are not even sent where a queue would take them for one',
    async ({ stateDirectory: _ }) => {
      // A burst as long as this lets tbf pass them whole.
      const impairment = limitedTo(1e9, 200_000, CODEL)
      expect(await forwarded('auto', impairment, 'r1', 'eth0')).toBeLessThanOrEqual(FRAME)
    },
  )

  test.each([
    [1, limitedTo(1e9, 3036, FIFO)],
    [6, limitedTo(1e9, 18_750, FIFO)],
  ])('are cut on the way to the wire where it takes %s', async (most, impairment) => {
    expect(await forwarded('wire', impairment, 'h2', 'eth0')).toBeLessThanOrEqual(most * FRAME)
  })
})

// h1 ── r1 ══ r2 ── h2, with a VXLAN between r1 and r2
test.skipIf(process.getuid?.() !== 0)('TCP through a tunnel passes the wire', async ({ stateDirectory: _ }) => {
  const router = (other: string) =>
    `{ kind: router, interfaces: { t: {kind: vxlan, id: 7, remote: "${other}:eth1"}, br0: {kind: bridge, members: [eth0, t]} } }`
  const topology = resolveTopology(
    parseTopology(
      `name: ${uniqueName('shaped')}\nnodes: {h1: {}, r1: ${router('r2')}, r2: ${router('r1')}, h2: {}}\n` +
        'links: [[h1, r1], [h2, r2], { endpoints: [r1, r2], delay: 1ms, emulation: wire }]',
    ),
  )
  const lab = await Lab.up(topology)
  onTestFinished(() => lab.down())
  const [address = ''] = topology.nodes.find(({ name }) => name === 'h2')?.interfaces[1]?.addresses ?? []
  const run = (name: string, script: string) => lab.node(name).exec([process.execPath, '-e', script], { cwd: '/' })
  const served = run('h2', `require('net').createServer((c) => c.resume().on('end', () => process.exit())).listen(9)`)
  const begin = performance.now()
  const client = `const go = () => require('net').connect(9, '${address.split('/')[0]}').on('error', () => setTimeout(go, 50)).end(Buffer.alloc(4e6)); go()`
  expect(await run('h1', client)).toMatchObject({ exitCode: 0 })
  expect(await served).toMatchObject({ exitCode: 0 })
  // Super-packets that the wire cannot send are sent again, frame by frame: some 0.3 Mbit/s.
  expect(performance.now() - begin).toBeLessThan(10_000)
})

// a, b, c ── lan
test.skipIf(!hasAll)('pairs of a LAN, by class', async ({ stateDirectory: _ }) => {
  const text = 'nodes: {a: {}, b: {}, c: {}, lan: {kind: switch}}\nlinks: [[a, lan], [b, lan], [c, lan]]'
  const plain = resolveTopology(parseTopology(`name: x\n${text}`))
  const mac = plain.nodes[0]?.interfaces.find(({ name }) => name === 'eth0')?.mac ?? ''
  const source = { station: 'a:eth0', mac, impairment: limited(5e6), sharesRate: false }
  const topology = emulated(text, 2, [{ impairment: null }, { impairment: limited(10e6), sources: [source] }])
  const { lab, shaping } = await expectSame(topology)
  expect(shaping.lan?.join('\n')).toContain(`match ${mac.replaceAll(':', '').slice(0, 8)}/ffffffff at -8`)
  await lab.node('a').ping('c')
  await lab.node('b').ping('c')
  const sent = (minor: string): number => {
    const all = execFileSync('tc', ['-n', `${lab.name}.lan`, '-s', 'class', 'show', 'dev', 'eth2'], {
      encoding: 'utf8',
    })
    return Number(new RegExp(`class htb 1:${minor} [\\s\\S]*?(\\d+) pkt`).exec(all)?.[1])
  }
  const [rest, own] = [sent('2'), sent('3')]
  await lab.node('a').ping('c', { count: 3, intervalMs: 20 })
  expect(sent('3') - own).toBeGreaterThanOrEqual(3)
  expect(sent('2') - rest).toBeLessThan(3)
})

test('without impairments, links have no disciplines, and the kernel’s own number of segments', async ({
  stateDirectory: _,
}) => {
  const topology = emulated('nodes: {a: {}, b: {}}\nlinks: [[a, b]]', 0, [{ impairment: null }, { impairment: null }])
  const lab = await Lab.up(topology)
  onTestFinished(() => lab.down())
  expect(segments(lab, 'a', 'eth0')).toBeGreaterThan(1)
})
