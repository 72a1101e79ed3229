// Ports and paths as `ping --tcp`, `ping --udp` and `traceroute` find them, of root and of an ordinary user.
import { describe, expect } from 'vitest'
import { test as base, runCli, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

type Run = (...words: string[]) => { status: number | null; stdout: string; stderr: string; json: () => any }

//             ┌─ a ─┐
//  h1 ── r1 ──┤     ├── r2 ── h2
//             └─ b ─┘
const DIAMOND = `
nodes: { h1: {}, h2: {}, r1: { kind: router }, a: { kind: router }, b: { kind: router }, r2: { kind: router } }
links: [[h1, r1], [r1, a], [r1, b], [a, r2], [b, r2], [r2, h2]]
`

const SERVER = [
  'import socket, threading',
  'udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
  'udp.bind(("0.0.0.0", 7))',
  'deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
  'deaf.bind(("0.0.0.0", 9))',
  'tcp = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True)',
  'print("ready", flush=True)',
  'while True:',
  '  data, peer = udp.recvfrom(2048)',
  '  udp.sendto(data, peer)',
].join('\n')

const test = base.extend<{ who: string; run: Run }>({
  who: 'root',
  run: async ({ who, stateDirectory }, use) => {
    if (who === 'root') {
      await use((...words) => runCli(words, { input: DIAMOND, env: { NSLAB_STATE_DIR: stateDirectory } }))
      return
    }
    using user = new TestUser(61_012)
    await use((...words) => user.nslab(words, { input: DIAMOND }))
  },
})

describe.each(['root', 'an ordinary user'])('of %s', (who) => {
  test.override({ who })

  test('ports are open, refused, silent and unreachable', ({ run }) => {
    const lab = uniqueName('ports')
    expect(run('up', '-', '--name', lab)).toMatchObject({ status: 0 })
    const serve = `python3 -c '${SERVER}' >/run/served 2>&1 & until grep -q ready /run/served; do sleep 0.05; done`
    expect(run('exec', `${lab}/h2`, '--', 'setsid', 'sh', '-c', `${serve}; exec sleep 0`)).toMatchObject({ status: 0 })
    const ask = (...words: string[]) => run('ping', `${lab}/h1`, ...words, '-W', '0.3', '--json')

    for (const [words, state] of [
      [['--tcp', '80'], 'open'],
      [['--tcp', '80', '-6'], 'open'],
      [['--tcp', '81'], 'refused'],
      [['--tcp', '81', '-6'], 'refused'],
      [['--udp', '7'], 'open'],
      [['--udp', '8'], 'refused'],
      [['--udp', '9'], 'silent'],
      [['--udp', '8', '-6'], 'refused'],
    ] as const) {
      const { status, json } = ask('h2', ...words)
      expect({ words, status, ...json() }).toMatchObject({ state, status: state === 'open' ? 0 : 8, to: 'h2' })
    }
    expect(ask('h2', '--udp', '8').json()).toMatchObject({ reportedBy: 'h2', error: 'Destination port unreachable' })
    expect(ask('h2', '--tcp', '81').json()).toMatchObject({ reportedBy: null, error: 'Connection refused' })
    expect(ask('192.0.2.1', '--tcp', '80').json()).toMatchObject({ state: 'unreachable', reportedBy: 'r1' })
    expect(run('ping', `${lab}/h1`, 'h2', '--tcp', '80').stdout).toMatch(
      /^tcp port 80 of h2 \(10\.[\d.]+\) is open: [\d.]+ ms\n$/,
    )

    const rules = (rule: string) =>
      `nft 'flush ruleset; table inet f { chain c { type filter hook forward priority 0; ${rule}; }; }'`
    expect(
      run(
        'exec',
        `${lab}/r2`,
        '--',
        'sh',
        '-c',
        rules('tcp dport 80 drop; tcp dport 90 reject; udp dport 7 reject with icmp type admin-prohibited'),
      ),
    ).toMatchObject({ status: 0 })
    expect(ask('h2', '--tcp', '80')).toMatchObject({ status: 8 })
    expect(ask('h2', '--tcp', '80').json()).toMatchObject({
      state: 'silent',
      rttMs: null,
      error: null,
      reportedBy: null,
    })
    expect(ask('h2', '--tcp', '90').json()).toMatchObject({ state: 'refused', reportedBy: 'r2' })
    expect(ask('h2', '--udp', '7').json()).toMatchObject({
      state: 'unreachable',
      error: 'Packet filtered',
      reportedBy: 'r2',
    })
    expect(run('down', lab)).toMatchObject({ status: 0 })
  })

  test.for([['-4'], ['-6']])('a trace names every node of both ways, by IPv%s', ([family = ''], { run }) => {
    const lab = uniqueName('ways')
    expect(run('up', '-', '--name', lab)).toMatchObject({ status: 0 })
    // 6 answers of each node come at once (icmp_ratelimit). Flows that all took one way would do so by chance 1 time in 32.
    for (const node of ['r1', 'a', 'b', 'r2', 'h2'])
      run('exec', `${lab}/${node}`, '--', 'sysctl', '-w', 'net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0')
    const traced = run('traceroute', `${lab}/h1`, 'h2', family, '--flows', '32', '--json')
    expect(traced).toMatchObject({ status: 0 })
    const { hops, reached } = traced.json()
    expect(reached).toBe(true)
    expect(hops.map((hop: any) => [...new Set(hop.answers.map((answer: any) => answer.node))].sort())).toEqual([
      ['r1'],
      ['a', 'b'],
      ['r2'],
      ['h2'],
    ])
    // A flow takes one way: through a it comes in at eth0 of r2, through b at eth1.
    const flowsOf = (hop: any, node: string, name: string) =>
      hop.answers.find((each: any) => each.node === node && each.interface === name).flows
    expect(flowsOf(hops[1], 'a', 'eth0')).toEqual(flowsOf(hops[2], 'r2', 'eth0'))
    expect(flowsOf(hops[1], 'b', 'eth0')).toEqual(flowsOf(hops[2], 'r2', 'eth1'))
    expect(run('traceroute', `${lab}/h1`, 'h2', family).stdout).toMatch(/^1 {2}r1:eth0 \(\S+\) {2}[\d.]+ ms$/m)

    const drop = `nft 'table inet f { chain c { type filter hook input priority 0; udp dport 33434 drop; }; }'`
    expect(run('exec', `${lab}/h2`, '--', 'sh', '-c', drop)).toMatchObject({ status: 0 })
    const silent = run('traceroute', `${lab}/h1`, 'h2', family, '--max-hops', '6', '-W', '0.1')
    expect(silent).toMatchObject({ status: 8 })
    expect(silent.stdout).toMatch(/^4-6 {2}\*\n$/m)
    expect(run('down', lab)).toMatchObject({ status: 0 })
  })
})

base('the library has both, and what cannot be sent is told', async ({ stateDirectory }) => {
  expect(stateDirectory).not.toBe('')
  const { Lab } = await import('../../../../dist/index.js')
  const topology = `name: ${uniqueName('lib')}
nodes: { h1: {}, h2: {} }
links: [[h1, h2]]
families: [4]
`
  const lab = await Lab.up(topology)
  const h1 = lab.node('h1')
  expect(await h1.connect('h2', { protocol: 'tcp', port: 80 })).toMatchObject({
    state: 'refused',
    from: 'h1',
    to: 'h2',
  })
  expect(await h1.trace('h2')).toMatchObject({
    reached: true,
    hops: [{ answers: [{ node: 'h2', interface: 'eth0' }] }],
  })
  const unsent = { from: 'h1', error: 'Network is unreachable' }
  expect(await h1.connect('192.0.2.1', { protocol: 'udp', port: 80 })).toMatchObject({
    ...unsent,
    state: 'unreachable',
  })
  expect(await h1.trace('192.0.2.1')).toMatchObject({ ...unsent, reached: false, hops: [] })
  await lab.down()
})
