// `apply` and `diff`: what is whose, what an apply leaves alone, what happens when it fails or is killed, and bad input.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'
import { TestUser } from '../../../support/user.js'

// h1 ── r1 ── h2
const CHAIN = `
nodes: { h1: {}, r1: { kind: router }, h2: {} }
links: [["h1:eth0", "r1:eth0"], ["r1:eth1", "h2:eth0"]]
`
// h1 ── r1 ── h2, r1 ── h3, and r1 gets a route, a sysctl and a name
const MORE = `
nodes:
  h1: {}
  r1: { kind: router, routes: [{ to: 198.51.100.0/24, via: h2 }], sysctls: { net.ipv4.ip_default_ttl: 77 }, hostname: core }
  h2: {}
  h3: {}
links: [["h1:eth0", "r1:eth0"], ["r1:eth1", "h2:eth0"], { endpoints: ["r1:eth2", "h3:eth0"], mtu: 1400 }]
`
/** This kernel has no device of this kind, so the last step of the change fails. */
const LACKING = MORE.replace('  h3: {}', '  h3: { interfaces: { v10: { kind: vlan, parent: eth0, id: 10 } } }')

const asUser = (): Cli => {
  const user = new TestUser(61_103)
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

const up = (nslab: Cli, lab: string, text = CHAIN) => {
  const { status, stderr } = nslab(['up', '-', '--name', lab], { input: text, cwd: '/' })
  expect(status, stderr).toBe(0)
}
const apply = (nslab: Cli, lab: string, text: string, ...words: string[]) =>
  nslab(['apply', '-', lab, '--name', lab, ...words], { input: text, cwd: '/' })
const differences = (nslab: Cli, lab: string, text: string): { kind: string; part: string; name: string }[] =>
  nslab(['diff', lab, '-', '--name', lab, '--json'], { input: text, cwd: '/' }).json().differences

/** Starts a command in a node, which ends with the test. */
const inNode = (stateDirectory: string, node: string, ...command: string[]): ChildProcess =>
  nslabIn(stateDirectory, 'exec', node, '--', ...command)

function nslabIn(stateDirectory: string, ...words: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...words], {
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  return child
}

describe.for<[string, boolean]>([
  ['root', false],
  ['an ordinary user', true],
])('for %s', ([, isUser]) => {
  test('a second apply does nothing, and the first one is told', ({ nslab: rootNslab }) => {
    const nslab = isUser ? asUser() : rootNslab
    const lab = uniqueName('twice')
    up(nslab, lab)
    expect(nslab(['diff', lab, '-', '--name', lab], { input: MORE, cwd: '/' }).status).toBe(8)
    expect(apply(nslab, lab, MORE, '--dry-run').stdout).toMatch(/\+ route.*198\.51\.100\.0\/24/)
    expect(nslab(['diff', lab, '-', '--name', lab], { input: MORE, cwd: '/' }).status).toBe(8)
    expect(apply(nslab, lab, MORE).stdout).toContain('is as the file says now')
    expect(apply(nslab, lab, MORE, '--json').json()).toMatchObject({ equal: true, applied: false, differences: [] })
    expect(nslab(['ping', `${lab}/h1`, 'h3', '-c', '1']).status).toBe(0)
    expect(apply(nslab, lab, CHAIN).status).toBe(0)
    expect(nslab(['diff', lab, '-', '--name', lab], { input: CHAIN, cwd: '/' }).status).toBe(0)
  })

  test('what somebody else has made stays unless it is pruned, and what is ours comes back', ({ nslab: rootNslab }) => {
    const nslab = isUser ? asUser() : rootNslab
    const lab = uniqueName('whose')
    up(nslab, lab, MORE)
    const by = (...words: string[]) =>
      expect(nslab(['exec', `${lab}/r1`, '--', ...words], { cwd: '/' })).toMatchObject({ status: 0 })
    by('ip', 'route', 'add', '203.0.113.0/24', 'via', '10.0.0.0')
    by('ip', 'address', 'add', '192.0.2.9/32', 'dev', 'lo')
    expect(differences(nslab, lab, MORE).map(({ kind }) => kind)).toEqual(['foreign', 'foreign'])
    by('ip', 'route', 'del', '198.51.100.0/24')
    by('sysctl', '-qw', 'net.ipv4.ip_default_ttl=5')
    expect(apply(nslab, lab, MORE)).toMatchObject({ status: 0 })
    const routes = ip(nslab, `${lab}/r1`, 'route').map(({ dst }: { dst: string }) => dst)
    expect(routes).toEqual(expect.arrayContaining(['198.51.100.0/24', '203.0.113.0/24']))
    expect(apply(nslab, lab, MORE, '--prune')).toMatchObject({ status: 0 })
    expect(ip(nslab, `${lab}/r1`, 'route').map(({ dst }: { dst: string }) => dst)).not.toContain('203.0.113.0/24')
    expect(differences(nslab, lab, MORE)).toEqual([])
  })

  test('a failure rolls everything back', ({ nslab: rootNslab }) => {
    const nslab = isUser ? asUser() : rootNslab
    const lab = uniqueName('back')
    up(nslab, lab)
    const { status, stderr } = apply(nslab, lab, LACKING)
    expect(status, stderr).toBe(4)
    expect(stderr).toContain('v10')
    expect(nslab(['ls', '--json']).json().labs[0]).not.toHaveProperty('degraded')
    expect(differences(nslab, lab, CHAIN)).toEqual([])
    expect(nslab(['ping', `${lab}/h1`, 'h2', '-c', '1']).status).toBe(0)
  })
})

test.for([
  ['r1', 'ip route flush table main'],
  ['h1', 'ip route flush table main; ip -6 route flush table main'],
  [
    'r1',
    'ip route flush dev eth1 table local; ip -6 route flush dev eth1 table local; ip -6 route flush dev lo table local',
  ],
])('routes that the kernel makes with addresses come back: %s, %s', ([node, command], { nslab }) => {
  const lab = uniqueName('lost')
  up(nslab, lab)
  const ofAddresses = () =>
    [
      ip(nslab, `${lab}/${node}`, 'route', 'show', 'table', 'all'),
      ip(nslab, `${lab}/${node}`, '-6', 'route', 'show', 'table', 'all'),
    ]
      .flat()
      .filter(({ dst }: { dst: string }) => !/^(?:127|::1|fe80|ff00)/.test(dst))
      .map((route) => JSON.stringify(route))
      .toSorted()
  const before = ofAddresses()
  expect(nslab(['exec', `${lab}/${node}`, '--', 'sh', '-c', command as string], { cwd: '/' })).toMatchObject({
    status: 0,
  })
  expect(ofAddresses()).not.toEqual(before)
  expect(differences(nslab, lab, CHAIN).map(({ part }) => part)).toContain('address')
  expect(apply(nslab, lab, CHAIN)).toMatchObject({ status: 0, stdout: expect.stringContaining('has lost its route') })
  expect(ofAddresses()).toEqual(before)
  expect(differences(nslab, lab, CHAIN)).toEqual([])
})

test('settings of a bridge that were changed by hand, and that the file does not state, become the kernel’s defaults', ({
  nslab,
}) => {
  const lab = uniqueName('bridge')
  const text = 'nodes: { h1: {}, s1: { kind: switch } }\nlinks: [[h1, s1]]\n'
  up(nslab, lab, text)
  const settings = () => {
    const { stp_state, ageing_time, priority } = ip(nslab, `${lab}/s1`, '-d', 'link', 'show', 'br0')[0].linkinfo
      .info_data
    return { stp_state, ageing_time, priority }
  }
  const before = settings()
  const words = ['type', 'bridge', 'stp_state', '1', 'ageing_time', '1000', 'priority', '4096']
  expect(nslab(['exec', `${lab}/s1`, '--', 'ip', 'link', 'set', 'br0', ...words], { cwd: '/' })).toMatchObject({
    status: 0,
  })
  expect(differences(nslab, lab, text).map(({ part }) => part)).toEqual(['stp', 'priority', 'ageing'])
  expect(apply(nslab, lab, text)).toMatchObject({ status: 0 })
  expect(settings()).toEqual(before)
})

// r1 ── h1, r1 ── h2: the second subnet goes from r1 to behind h1, and r1 and h1 swap their addresses in the first one.
const routed = (own: [string, string], other: string, second: string, routes: string) => `
routing: none
nodes:
  r1: { kind: router, addresses: { eth0: ["${own[0]}/24", "${own[1]}/64"]${second} }, routes: [${routes}] }
  h1: { kind: router, addresses: { eth0: [${other}] } }
  h2: {}
links: [["r1:eth0", "h1:eth0"], ["r1:eth1", "h2:eth0"]]
`
const BEFORE = routed(
  ['10.7.2.1', 'fd07:2::1'],
  '"10.7.2.2/24", "fd07:2::2/64"',
  ', eth1: ["10.7.3.1/24", "fd07:3::1/64"]',
  '{ to: 10.9.0.0/16, via: 10.7.2.2 }, { to: "fd09::/64", via: "fd07:2::2" }',
)
const AFTER = routed(
  ['10.7.2.2', 'fd07:2::2'],
  '"10.7.2.1/24", "fd07:2::1/64"',
  '',
  '{ to: 10.7.3.0/24, via: 10.7.2.1 }, { to: "fd07:3::/64", via: "fd07:2::1", metric: 256 }',
)

test('a route that an address stood in the way of, and its failure, which brings back addresses before routes', ({
  nslab,
}) => {
  const lab = uniqueName('room')
  up(nslab, lab, BEFORE)
  const { status, stderr } = apply(
    nslab,
    lab,
    AFTER.replace('h2: {}', 'h2: { interfaces: { v10: { kind: vlan, parent: eth0, id: 10 } } }'),
  )
  expect(status, stderr).toBe(4)
  expect(nslab(['ls', '--json']).json().labs[0]).not.toHaveProperty('degraded')
  expect(differences(nslab, lab, BEFORE)).toEqual([])
  expect(apply(nslab, lab, AFTER)).toMatchObject({ status: 0, stdout: expect.stringMatching(/goes first, since/) })
  expect(differences(nslab, lab, AFTER)).toEqual([])
  expect(ip(nslab, `${lab}/r1`, 'route', 'get', '10.7.3.9')).toMatchObject([{ gateway: '10.7.2.1' }])
})

test('a ping a hundred times a second and a TCP transfer lose nothing while all around them changes', async ({
  nslab,
  stateDirectory,
}) => {
  const lab = uniqueName('keep')
  up(nslab, lab)
  const serve = `let n = 0; require('net').createServer((c) => c.on('data', (d) => { n += d.length }).on('end', () => { console.log(n); process.exit() })).listen(5000, () => console.log('ready'))`
  const send = `const c = require('net').connect(5000, '10.0.0.3', async () => { for (let i = 0; i < 60; i++) { c.write(Buffer.alloc(100000)); await new Promise((r) => setTimeout(r, 50)) } c.end() })`
  const server = inNode(stateDirectory, `${lab}/h2`, process.execPath, '-e', serve)
  await once(server.stdout as NodeJS.ReadableStream, 'data')
  const sent = inNode(stateDirectory, `${lab}/h1`, process.execPath, '-e', send)
  const ping = nslabIn(stateDirectory, 'ping', `${lab}/h1`, 'h2', '-c', '300', '-i', '0.01', '--json')
  let [received, pinged] = ['', '']
  server.stdout?.on('data', (text) => {
    received += text
  })
  ping.stdout?.on('data', (text) => {
    pinged += text
  })
  await setTimeout(300)
  for (const text of [MORE, CHAIN, MORE]) expect(apply(nslab, lab, text)).toMatchObject({ status: 0 })
  await Promise.all([server, sent, ping].map((child) => once(child, 'close')))
  expect(JSON.parse(pinged)).toMatchObject({ sent: 300, received: 300 })
  expect(Number(received)).toBe(6_000_000)
})

test('killed at any instant, it leaves a lab that the next apply brings to the file', async ({
  nslab,
  stateDirectory,
}) => {
  const lab = uniqueName('kill')
  up(nslab, lab)
  const file = join(stateDirectory, '..', `${lab}.yaml`)
  for (let round = 0; round < 10; round++) {
    const text = round % 2 === 0 ? MORE : CHAIN
    writeFileSync(file, text)
    const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'apply', file, lab, '--name', lab], {
      env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
      stdio: 'ignore',
    })
    await setTimeout(120 + 40 * round)
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const { status, stderr } = apply(nslab, lab, text, '--yes')
    expect(status, `after ${120 + 40 * round} ms: ${stderr}`).toBe(0)
    expect(differences(nslab, lab, text)).toEqual([])
    expect(nslab(['ls', '--json']).json().labs[0]).not.toHaveProperty('degraded')
    expect(nslab(['ping', `${lab}/h1`, 'h2', '-c', '1'])).toMatchObject({ status: 0 })
  }
})

test('a bridge has the MTU that is written, whatever its ports have, and keeps it when a port joins', ({ nslab }) => {
  const lab = uniqueName('mtu')
  const bridged = (mtu: number, ports: string) =>
    `nodes: { s: { interfaces: { br0: { kind: bridge, members: [${ports}], mtu: ${mtu} } } }, a: {}, b: {} }\nlinks: [[s, a], [s, b]]`
  const mtuOf = () => ip(nslab, `${lab}/s`, 'link', 'show', 'br0')[0].mtu
  up(nslab, lab, bridged(1400, 'eth0'))
  expect([mtuOf(), differences(nslab, lab, bridged(1400, 'eth0'))]).toEqual([1400, []])
  for (const [mtu, ports] of [
    [1400, 'eth0, eth1'],
    [1500, 'eth0'],
    [1300, 'eth1'],
  ] as const) {
    expect(apply(nslab, lab, bridged(mtu, ports))).toMatchObject({ status: 0 })
    expect([mtuOf(), differences(nslab, lab, bridged(mtu, ports))]).toEqual([mtu, []])
  }
})

test('a bridge whose topology has just changed ages as a new one when STP is switched off', async ({ nslab }) => {
  const lab = uniqueName('stp')
  const bridged = (stp: boolean, ageing = '') =>
    `nodes: { s: { interfaces: { br0: { kind: bridge, members: [eth0], stp: ${stp}${ageing} } } }, a: {} }\nlinks: [[s, a]]`
  const ageing = () => ip(nslab, `${lab}/s`, '-d', 'link', 'show', 'br0')[0].linkinfo.info_data.ageing_time
  up(nslab, lab, bridged(true, ', ageing: 100'))
  // A port that begins to forward is a change of the topology, after twice the forward delay of 2 s.
  await expect.poll(ageing, { timeout: 20_000 }).toBe(400)
  expect(differences(nslab, lab, bridged(true, ', ageing: 100'))).toEqual([])
  expect(apply(nslab, lab, bridged(false))).toMatchObject({ status: 0 })
  expect([ageing(), differences(nslab, lab, bridged(false))]).toEqual([30_000, []])
})

test('a node whose namespaces change is restarted when that is agreed to, and keeps its network', ({ nslab }) => {
  const lab = uniqueName('restart')
  up(nslab, lab)
  const shared = CHAIN.replace('h1: {}', 'h1: { namespaces: { ipc: shared } }')
  const before = ip(nslab, `${lab}/h1`, 'link', 'show', 'eth0')[0].ifindex
  const refused = apply(nslab, lab, shared)
  expect(refused).toMatchObject({ status: 2 })
  expect(refused.stderr).toMatch(/restarts h1 .*nobody can be asked here/)
  expect(apply(nslab, lab, shared, '--yes')).toMatchObject({ status: 0 })
  expect(ip(nslab, `${lab}/h1`, 'link', 'show', 'eth0')[0].ifindex).toBe(before)
  expect(nslab(['ping', `${lab}/h1`, 'h2', '-c', '1'])).toMatchObject({ status: 0 })
  expect(differences(nslab, lab, shared)).toEqual([])
})

test('nodes that share a network are changed with it', ({ nslab }) => {
  const lab = uniqueName('pod')
  const pod = '{ namespaces: { user: shared, net: shared, ipc: shared } }'
  const before = `nodes: { h1: {}, a: ${pod}, b: ${pod} }\nlinks: [["h1:eth0", "a:eth0"]]`
  const after = before.replace('h1: {}', 'h1: {}, h2: {}').replace('links: [', 'links: [["h1:eth1", "h2:eth0"], ')
  up(nslab, lab, before)
  for (const text of [after, before]) {
    expect(apply(nslab, lab, text)).toMatchObject({ status: 0 })
    expect(differences(nslab, lab, text)).toEqual([])
    expect(nslab(['ping', `${lab}/b`, 'h1:eth0', '-c', '1'])).toMatchObject({ status: 0 })
  }
})

test('networks become shared, and their own again', ({ nslab }) => {
  const lab = uniqueName('pod')
  const own = 'nodes: { a: {}, b: {}, c: {} }\nlinks: [[a, b], [b, c]]\n'
  const pod = '{ namespaces: { net: shared, user: shared } }'
  const shared = `nodes: { a: ${pod}, b: ${pod}, c: {}, d: {} }\nlinks: [[c, d]]\n`
  up(nslab, lab, own)
  for (const text of [shared, own]) {
    expect(apply(nslab, lab, text, '--yes')).toMatchObject({ status: 0 })
    expect(differences(nslab, lab, text)).toEqual([])
  }
  expect(nslab(['ping', `${lab}/a`, 'b', '-c', '1']).status).toBe(0)
})

test('up of a lab that runs says what apply would do', ({ nslab }) => {
  const lab = uniqueName('again')
  up(nslab, lab)
  const { status, stderr } = nslab(['up', '-', '--name', lab], { input: MORE, cwd: '/' })
  expect(status).toBe(7)
  expect(stderr).toMatch(/runs already, and differs from the file: \d+ to add, \d+ to change/)
  expect(stderr).toContain('nslab apply')
})

test('bad input', ({ nslab, stateDirectory }) => {
  const lab = uniqueName('bad')
  up(nslab, lab)
  const other = nslab(['apply', '-', lab, '--name', `${lab}-other`], { input: CHAIN })
  expect(other).toMatchObject({ status: 2 })
  expect(other.stderr).toContain(`the topology is that of a lab named ${lab}-other, not of ${lab}`)
  expect(nslab(['apply', '-'], { input: 'name: nosuch\nnodes: { a: {} }' })).toMatchObject({ status: 7 })
  expect(nslab(['diff'], {})).toMatchObject({ status: 2 })
  nslab(['pause', `${lab}/h1`])
  const paused = apply(nslab, lab, CHAIN.replace('h1: {}', 'h1: { exec: ["true"] }'))
  expect(paused).toMatchObject({ status: 8 })
  expect(paused.stderr).toContain('h1 is paused')
  expect(apply(nslab, lab, MORE)).toMatchObject({ status: 0 })
  const record = join(stateDirectory, lab, 'applied.json')
  writeFileSync(record, readFileSync(record, 'utf8').slice(0, 100))
  const damaged = apply(nslab, lab, CHAIN)
  expect(damaged).toMatchObject({ status: 4 })
  expect(damaged.stderr).toMatch(/cannot be changed: .*applied\.json is damaged/)
})
