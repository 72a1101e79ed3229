// `link set` on links that the kernel or the wire emulates already, read back with iproute2 and measured.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { kernelKinds } from '../../../../src/lab/who/kernel-kinds.js'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { link } from '../../../support/node-ip.js'
import { qdiscs } from '../../../support/node-tc.js'
import { TestUser } from '../../../support/user.js'

const hasNetem = (await kernelKinds()).has('netem')

// h1 ── h2 through the wire, h1 ── h3 with the kernel's tbf, h2 ── h3 plain
const TOPOLOGY = `
neighbours: static
nodes: { h1: {}, h2: {}, h3: {} }
links:
  - { endpoints: [h1, h2], emulation: wire, delay: 10ms }
  - { endpoints: [h1, h3], rate: 20mbit, queue: 50 }
  - [h2, h3]
`

const asUser = (): Cli => {
  const user = new TestUser(61_331)
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

function up(nslab: Cli, stem: string, topology = TOPOLOGY): string {
  const name = uniqueName(stem)
  const { status, stderr } = nslab(['up', '-', '--name', name], { input: topology, cwd: '/' })
  expect(status, stderr).toBe(0)
  return name
}

function set(nslab: Cli, ...words: string[]): string {
  const { status, stdout, stderr } = nslab(['link', 'set', ...words], { cwd: '/' })
  expect(status, stderr).toBe(0)
  return stdout
}

/** The least round-trip time, in ms. */
function rtt(nslab: Cli, from: string, to: string): number {
  const { status, stdout, stderr } = nslab(['ping', from, to, '-c', '4', '-i', '0.02', '--json'], { cwd: '/' })
  expect(status, stderr + stdout).toBe(0)
  return JSON.parse(stdout).rttMs.min
}

/** A busy machine is late, and never early. */
function expectMs(found: number, wanted: number): void {
  expect(found).toBeGreaterThanOrEqual(wanted)
  expect(found).toBeLessThan(wanted + 8)
}

const segments = (nslab: Cli): number[] =>
  ['h1 eth0', 'h1 eth1', 'h2 eth0', 'h2 eth1', 'h3 eth0', 'h3 eth1'].map((end) => {
    const [node, name] = end.split(' ') as [string, string]
    return link(nslab, node, name).gso_max_segs
  })

const start = (...words: string[]) => spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...words], { stdio: 'pipe' })

describe.for<[string, boolean]>([
  ['root', false],
  ['an unprivileged user', true],
])('for %s', ([, unprivileged]) => {
  test('a wire changes what is named and keeps the rest', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    up(nslab, 'live18wire')
    expectMs(rtt(nslab, 'h1', 'h2'), 20)
    expect(set(nslab, 'h1:eth0', 'delay=30ms')).toBe('h1:eth0 → h2:eth0: delay 30ms (wire)\n')
    expectMs(rtt(nslab, 'h1', 'h2'), 40)
    expect(set(nslab, 'h1:eth0', 'rate=10mbit')).toMatch(/: delay 30ms rate 10mbit limit \d+p \(wire\)/)
    expect(set(nslab, '--both', 'h2:eth0', 'loss=0.001%', 'rate=')).toBe(
      'h2:eth0 → h1:eth0: delay 10ms loss 0.001% (wire)\nh1:eth0 → h2:eth0: delay 30ms loss 0.001% (wire)\n',
    )
    expect(set(nslab, '--clear', '--both', 'h1:eth0')).toContain('h1:eth0 → h2:eth0: no impairments (wire)')
    expect(rtt(nslab, 'h1', 'h2')).toBeLessThan(5)
    expect(set(nslab, '--clear', 'h1:eth0', 'delay=2ms')).toBe('h1:eth0 → h2:eth0: delay 2ms (wire)\n')
  })

  test('tbf is changed in place, with the queue below it', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    up(nslab, 'live18tbf')
    expect(rtt(nslab, 'h1', 'h3')).toBeLessThan(5)
    const before = qdiscs(nslab, 'h1', 'eth1')
    expect(before.map(({ kind }) => kind)).toEqual(['tbf', 'pfifo'])
    set(nslab, 'h1:eth1', 'rate=40mbit')
    const after = qdiscs(nslab, 'h1', 'eth1')
    expect(after[0]).toMatchObject({ kind: 'tbf', handle: before[0].handle, options: { rate: 5_000_000 } })
    expect(after[0].packets).toBeGreaterThanOrEqual(before[0].packets)
    // The kernel gives the limit of tbf, in bytes, to the fifo below it as well.
    expect(after[1]).toMatchObject({ kind: 'pfifo', handle: before[1].handle, options: { limit: 50 } })
    expect(qdiscs(nslab, 'h3', 'eth0')[0]).toMatchObject({ kind: 'tbf', options: { rate: 2_500_000 } })

    set(nslab, 'h1:eth1', 'queue=30kb')
    // (30,720 bytes − the burst) at 5,000,000 bytes a second, in microseconds.
    expect(qdiscs(nslab, 'h1', 'eth1')).toMatchObject([{ kind: 'tbf', options: { lat: 5539 } }])
  })

  test('without impairments, links are as they were before', ({ nslab: rootNslab, stateDirectory }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    const name = up(nslab, 'live18off')
    const any = 65_535
    expect(segments(nslab)).toEqual([any, 1, any, any, 1, any])
    set(nslab, 'h1:eth1', '--clear')
    expect(segments(nslab)).toEqual([any, any, any, any, 1, any])
    set(nslab, 'h3:eth0', '--clear')
    expect(qdiscs(nslab, 'h1', 'eth1')).toEqual([])
    expect(qdiscs(nslab, 'h3', 'eth0')).toEqual([])
    expect(segments(nslab)).toEqual(Array(6).fill(any))
    set(nslab, 'h1:eth0', 'loss=1%')
    expect(segments(nslab)).toEqual([1, any, any, any, any, any])
    set(nslab, 'h1:eth0', '--both', 'delay=none', 'loss=none')
    expect(segments(nslab)).toEqual(Array(6).fill(any))
    const { links } = nslab(['link', 'ls', name, '--json'], { cwd: '/' }).json()
    expect(links.map(({ emulation }: { emulation: string }) => emulation)).toEqual(['wire', null, null])
    set(nslab, 'h2:eth1', 'rate=1gbit')
    expect(segments(nslab)).toEqual([any, any, any, 6, any, any])
    set(nslab, 'h2:eth1', 'rate=1mbit')
    expect(segments(nslab)).toEqual([any, any, any, 1, any, any])
    expect(stateDirectory).not.toBe('')
  })
})

test.for<[string[], number, RegExp]>([
  [['h1:eth0', 'delay=3'], 2, /delay: 3 has no unit: a time is written like 10ms/],
  [['h1:eth0', 'loss=101%'], 2, /loss: 101% is out of range/],
  [['h1:eth0', 'bandwidth=3mbit'], 2, /unknown key bandwidth; there are preset, delay/],
  [['h1:eth0', 'rate=1mbit', 'queue.kind=codel', 'queue.target=0s'], 2, /queue\.target: 0s is out of range.*1us to/],
  [['h1:eth0', 'jitter.amount=1ms', 'jitter.correlation='], 2, /jitter\.correlation: "" is not a percentage/],
  [['h1:eth0', 'queue=10'], 2, /write a rate or a trace too/],
  [['h1:eth0', 'delay=none', 'reorder=1%'], 2, /reordered frame is sent without its delay/],
  [['h1:eth0', 'trace=/no/such/file'], 2, /\/no\/such\/file/],
  [['h1:eth0'], 2, /nothing to set: write KEY=VALUE/],
  [['h9:eth0', 'delay=1ms'], 7, /has no node h9/],
  [['h1:eth0', '--pair', 'h2', 'delay=1ms'], 2, /--pair needs the port of a switch/],
  [['h1:eth0', '--pair', 'h2', '--both', 'delay=1ms'], 2, /cannot have --both/],
])('link set %s fails with %d and changes nothing', ([words, code, message], { nslab }) => {
  up(nslab, 'live18bad')
  const { status, stderr } = nslab(['link', 'set', ...words])
  expect(stderr).toMatch(message)
  expect(status).toBe(code)
  expect(nslab(['link', 'ls', '--json']).json().links[0]).toMatchObject({ from_a: 'delay 10ms', from_b: 'delay 10ms' })
})

test('the words are warned of as those of a file are', ({ nslab }) => {
  up(nslab, 'live18warn')
  const { stderr } = nslab(['link', 'set', 'h1:eth0', 'jitter=20ms'])
  expect(stderr).toMatch(/warning: h1:eth0 → h2:eth0: a jitter of 20ms is above the delay of 10ms/)
})

test.skipIf(hasNetem)('a link that is to have netem is not replaced', ({ nslab }) => {
  up(nslab, 'live18netem', 'nodes: { a: {}, b: {} }\nlinks: [{ endpoints: [a, b], rate: 1mbit, emulation: netem }]')
  const correlated = nslab(['link', 'set', 'a', 'loss=1%', 'loss.correlation=25%'])
  expect(correlated.stderr).toMatch(/loss: netem loses far less with a correlation/)
  expect(correlated.status).toBe(2)
  const { status, stderr } = nslab(['link', 'set', 'a', 'delay=1ms'])
  expect(stderr).toMatch(/netem/)
  expect(status).toBe(4)
  expect(qdiscs(nslab, 'a', 'eth0')[0]).toMatchObject({ kind: 'tbf', options: { rate: 125_000 } })
})

// a, b, c on one switch
test('a pair of a LAN is set at the port towards the receiver', ({ nslab }) => {
  up(nslab, 'live18pair', 'neighbours: static\nnodes: { a: {}, b: {}, c: {} }\nlinks: [[a, b, c]]')
  const port = nslab(['link', 'ls', '--json']).json().links[2].b
  expect(nslab(['link', 'set', 'c', '--pair', 'a', 'rate=1mbit']).stderr).toContain(`write ${port}`)
  expect(nslab(['link', 'set', port, '--pair', 'd', 'rate=1mbit']).stderr).toMatch(/d is no other station .*a, b/)
  expect(set(nslab, port, '--pair', 'a', 'rate=8mbit')).toMatch(/^a:eth0 → c:eth0: rate 8mbit limit \d+p \(tbf\)/)
  const [node, name] = port.split(':')
  const mac = link(nslab, 'a', 'eth0').address
  expect(nslab(['exec', node, '--', 'tc', 'class', 'show', 'dev', name]).stdout.match(/class htb/g)).toHaveLength(2)
  const filters = nslab(['exec', node, '--', 'tc', 'filter', 'show', 'dev', name]).stdout
  expect(filters).toContain(mac.replaceAll(':', '').slice(0, 8))
  set(nslab, port, '--pair', 'a', 'rate=16mbit')
  expect(qdiscs(nslab, node, name).find(({ kind }) => kind === 'tbf')).toMatchObject({ options: { rate: 2_000_000 } })
  set(nslab, port, '--clear')
  expect(qdiscs(nslab, node, name)).toEqual([])
})

test('commands that change one link at the same time are all carried out', async ({ nslab }) => {
  up(nslab, 'live18race')
  const words = ['delay=4ms', 'loss=0.1%', 'duplicate=0.2%', 'corrupt=0.3%', 'rate=5mbit']
  const codes = await Promise.all(
    words.map(async (word) => (await once(start('link', 'set', 'h1:eth0', word), 'exit'))[0]),
  )
  expect(codes).toEqual([0, 0, 0, 0, 0])
  const { from_a: from } = nslab(['link', 'ls', '--json']).json().links[0]
  expect(from).toMatch(/^delay 4ms loss 0.1% duplicate 0.2% corrupt 0.3% rate 5mbit limit \d+p$/)
})

test.for<[string, string, string]>([
  ['tbf', 'h3', 'h1:eth1'],
  ['the wire', 'h2', 'h1:eth0'],
])('a TCP transfer goes on when the rate of %s changes', async ([, to, end], { nslab }) => {
  up(nslab, 'live18tcp')
  set(nslab, end, 'rate=10mbit')
  nslab(['exec', to, '--', 'iperf3', '-s', '-1', '-D'])
  const address = nslab(['ping', 'h1', to, '-c', '1', '--json']).json().address
  const client = start('exec', 'h1', '--', 'iperf3', '-c', address, '-t', '4', '-i', '0.5', '-J')
  const output = text(client.stdout)
  await setTimeout(2000)
  set(nslab, end, 'rate=30mbit')
  const { intervals } = JSON.parse(await output)
  const rates: number[] = intervals.map(({ sum }: any) => sum.bits_per_second / 1e6)
  expect(Math.min(...rates)).toBeGreaterThan(5)
  expect(rates.at(-1)).toBeGreaterThan(22)
  expect(rates[1]).toBeLessThan(15)
})

test('no ping is lost while the delay of a wire changes', async ({ nslab }) => {
  up(nslab, 'live18ping')
  const ping = start('ping', 'h1', 'h2', '-c', '200', '-i', '0.01', '--json')
  const output = text(ping.stdout)
  for (const delay of ['40ms', '1ms', '25ms']) {
    await setTimeout(300)
    set(nslab, '--both', 'h1:eth0', `delay=${delay}`)
  }
  expect(JSON.parse(await output)).toMatchObject({ sent: 200, received: 200 })
})
