// `link down`, `link up` and `link flap`, read back with iproute2.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'
import { TestUser } from '../../../support/user.js'

// h1 ── r1 ── r2 ── h2, and r1 ── r2 once more
const topology = (name: string) => `
name: ${name}
neighbours: static
nodes:
  h1: {}
  r1: { kind: router }
  r2:
    kind: router
    nexthops: { 7: { via: "r1:eth1" }, 9: { group: { 7: 1 } } }
    rules: [{ from: 192.0.2.0/24, table: 77, priority: 100 }]
    routes:
      - { to: 198.51.100.0/24, nhid: 9 }
      - { to: default, via: "r1:eth1", table: 77 }
  h2: {}
links: [[h1, r1], [r1, r2], [r1, r2], [r2, h2]]
`

const asUser = (): Cli => {
  const user = new TestUser(61_051)
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

/** What the kernel has in a node, sorted, without counters. */
function tablesOf(nslab: Cli, node: string): string[] {
  const shown = [
    ['route', 'show', 'table', 'all'],
    ['-6', 'route', 'show', 'table', 'all'],
    ['nexthop'],
    ['neighbour', 'show', 'nud', 'permanent'],
    ['address'],
  ]
  return shown
    .flatMap((words): unknown[] => ip(nslab, node, ...words))
    .map((entry) => JSON.stringify(entry, (key, value) => (key === 'stats64' ? undefined : value)))
    .toSorted()
}

const up = (nslab: Cli, name: string) => {
  const { status, stderr } = nslab(['up', '-'], { input: topology(name), cwd: '/' })
  expect(status, stderr).toBe(0)
}

describe.for<[string, boolean]>([
  ['root', false],
  ['an unprivileged user', true],
])('for %s', ([, unprivileged]) => {
  test('a link that was down has again all that its nodes had', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    const name = uniqueName('linkdown')
    up(nslab, name)
    const nodes = ['r1', 'r2']
    const before = nodes.map((node) => tablesOf(nslab, node))

    expect(nslab(['link', 'down', 'r2:eth0'], { cwd: '/' }).stdout).toBe('r2:eth0 is down\n')
    expect(ip(nslab, 'r2', 'link', 'show', 'eth0')[0].flags).not.toContain('UP')
    expect(ip(nslab, 'r1', 'link', 'show', 'eth1')[0].flags).toContain('NO-CARRIER')
    expect(ip(nslab, 'r2', 'nexthop')).toEqual([])
    expect(ip(nslab, 'r2', 'route', 'show', 'table', '77')).toEqual([])
    expect(nslab(['link', 'ls', '--json'], { cwd: '/' }).json().links[1]).toMatchObject({ b: 'r2:eth0', state: 'down' })

    expect(nslab(['link', 'up', `${name}/r2:eth0`, '--json'], { cwd: '/' }).json()).toEqual({
      changes: [{ endpoint: 'r2:eth0', state: 'up', changed: true }],
    })
    expect(nodes.map((node) => tablesOf(nslab, node))).toEqual(before)
    expect(nslab(['ping', 'h1', 'h2', '-c', '1'], { cwd: '/' }).status).toBe(0)
  })

  test('when both ends were down, all is back once both are up, in any order', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    up(nslab, uniqueName('linkboth'))
    const before = tablesOf(nslab, 'r2')
    expect(nslab(['link', 'down', '--both', 'r1:eth1'], { cwd: '/' }).stdout).toBe('r1:eth1 is down\nr2:eth0 is down\n')
    expect(nslab(['link', 'up', 'r2:eth0'], { cwd: '/' }).status).toBe(0)
    expect(ip(nslab, 'r2', 'nexthop')).toEqual([])
    expect(nslab(['link', 'up', 'r1:eth1'], { cwd: '/' }).status).toBe(0)
    expect(tablesOf(nslab, 'r2')).toEqual(before)
    expect(nslab(['link', 'up', 'r1:eth1'], { cwd: '/' }).stdout).toBe('r1:eth1 is up already\n')
  })
})

/** Lifetimes run on, and an address is tentative for a moment. */
const withoutLifetime = (line: string): string =>
  line.replaceAll(/(_life_time|expires)":[0-9]{1,4}\b/g, '$1":0').replaceAll('"tentative":true,', '')

test('what was added by hand is there again too', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('linkadded')
  up(nslab, name)
  const script = `
    ip route add broadcast 192.0.2.200 dev eth0 table local; ip route add local 192.0.2.201 dev eth0 table local
    ip route add multicast 239.1.0.0/16 dev eth0
    ip neigh add proxy 192.0.2.44 dev eth0; ip -6 neigh add proxy 2001:db8::44 dev eth0
    ip -6 addr add fe80::7/64 dev eth0 nodad; ip -6 addr add 2001:db8:1::1/64 dev eth0 nodad
    ip -6 addr add 2001:db8::5/64 dev eth0 nodad valid_lft 600 preferred_lft 300
    ip -6 addr add 2001:db8::6/64 dev eth0 nodad valid_lft 1 preferred_lft 1`
  expect(nslab(['exec', 'r2', '--', 'sh', '-ec', script]).status).toBe(0)
  const shown = () =>
    [...tablesOf(nslab, 'r2'), ...['-4', '-6'].flatMap((family) => ip(nslab, 'r2', family, 'neigh', 'show', 'proxy'))]
      .map((each) => withoutLifetime(typeof each === 'string' ? each : JSON.stringify(each)))
      .toSorted()
  const before = shown()
  for (const added of ['192.0.2.200', '192.0.2.201', '239.1.0.0/16', '192.0.2.44', '2001:db8::44'])
    expect(before.join()).toContain(`"dst":"${added}"`)

  expect(nslab(['link', 'down', 'r2:eth0']).status).toBe(0)
  // The second time, the first reading must not be lost.
  expect(nslab(['link', 'down', '--both', 'r2:eth0']).status).toBe(0)
  await setTimeout(1500)
  expect(nslab(['link', 'up', '--both', 'r2:eth0']).status).toBe(0)
  const addresses = ip(nslab, 'r2', '-6', 'address', 'show', 'eth0')[0].addr_info
  const left = addresses.find(({ local }: { local: string }) => local === '2001:db8::5')
  expect(left.valid_life_time).toBeLessThan(599)
  expect(left.valid_life_time).toBeGreaterThan(500)
  expect(left.preferred_life_time).toBeLessThan(299)
  const isShort = (line: string) => line.includes('2001:db8::6')
  // The kernel may make its own link-local address before or after the added one.
  const inAnyOrder = (_: string, value: unknown) =>
    Array.isArray(value) ? value.filter((each) => !isShort(JSON.stringify(each))).toSorted(byText) : value
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  const rest = (lines: string[]) =>
    lines
      .filter((line) => !line.includes('"dst":"2001:db8::6"'))
      .map((line) => JSON.stringify(JSON.parse(line), inAnyOrder))
      .toSorted()
  expect(rest(shown())).toEqual(rest(before))
  expect(addresses.some(({ local }: { local: string }) => local === '2001:db8::6')).toBe(false)
  expect(readFileSync(join(stateDirectory, name, 'state.json'), 'utf8')).not.toContain('"down"')
})

test('a flapping link is up at the end, also when the command is interrupted', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('linkflap')
  up(nslab, name)
  const before = tablesOf(nslab, 'r2')
  const { status, stdout } = nslab(['link', 'flap', 'r2:eth0', '--every', '200ms', '--down', '50ms', '--for', '500ms'])
  expect(status).toBe(0)
  expect(stdout.match(/is down/g)).toHaveLength(3)
  expect(stdout.match(/is up/g)).toHaveLength(3)
  expect(tablesOf(nslab, 'r2')).toEqual(before)

  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'link', 'flap', 'r2:eth0', '--every', '1h'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
  expect(tablesOf(nslab, 'r2')).toEqual(before)
  expect(readFileSync(join(stateDirectory, name, 'state.json'), 'utf8')).not.toContain('"down"')
})

test('two commands that change one lab wait for each other', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('linkrace')
  up(nslab, name)
  const words = ['r1:eth1', 'r1:eth2', 'r1:eth0', 'h2:eth0']
  const run = (word: string) =>
    spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'link', 'down', word], { stdio: 'ignore' })
  const codes = await Promise.all(words.map(async (word) => (await once(run(word), 'exit'))[0]))
  expect(codes).toEqual([0, 0, 0, 0])
  const { down } = JSON.parse(readFileSync(join(stateDirectory, name, 'state.json'), 'utf8'))
  const kept = down.map(({ endpoint }: { endpoint: string }) => endpoint)
  expect(kept).toEqual(expect.arrayContaining(words))
})

test.for<[string, number, RegExp]>([
  ['h9', 7, /has no node h9/],
  ['r1', 2, /r1 has 3 links\nhint: its links: r1:eth0, r1:eth1, r1:eth2/],
  ['r1:eth7', 7, /r1 has no link at eth7/],
  ['r1:lo', 7, /r1 has no link at lo/],
])('link down %s fails with %d', ([word, code, message], { nslab }) => {
  up(nslab, uniqueName('linkbad'))
  const { status, stderr } = nslab(['link', 'down', word])
  expect(stderr).toMatch(message)
  expect(status).toBe(code)
})

test('an interface that the node has renamed is still the end of its link', ({ nslab }) => {
  const name = uniqueName('linkname')
  up(nslab, name)
  const script = 'ip link set eth0 down && ip link set eth0 name uplink && ip link set uplink up'
  expect(nslab(['exec', 'h1', '--', 'sh', '-c', script]).status).toBe(0)
  expect(nslab(['link', 'down', 'h1:eth0']).status).toBe(0)
  const pid = nslab(['inspect', '--json']).json().nodes[0].pid
  const shown = execFileSync('nsenter', ['-t', String(pid), '-n', 'ip', 'link', 'show', 'uplink'], { encoding: 'utf8' })
  expect(shown).toMatch(/state DOWN/)
})
