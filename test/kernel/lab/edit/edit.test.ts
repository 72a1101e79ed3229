// Edits of a running lab: `node add|rm|restart` and `link add|rm`, read back with iproute2.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { Lab } from '../../../../src/lab/lab.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'
import { TestUser } from '../../../support/user.js'

// h1 ── r1 ── r2 ── h2, and h3 beside h1
const topology = (name: string) => `
name: ${name}
neighbours: dynamic
kinds: { pc: { extends: host, labels: { site: here } } }
nodes:
  h1: { exec: ['date +%s%N > /tmp/started'] }
  r1: { kind: router, addresses: { eth1: [192.0.2.1/24] } }
  r2: { kind: router }
  h2: {}
  h3: {}
links: [[h1, r1], [r1, r2], [r2, h2], [h3, r1]]
`

/** What a node has, without routes, which an edit computes anew. */
const interfacesOf = (nslab: Cli, node: string) =>
  ip(nslab, node, 'address').map(({ ifname, address, mtu, addr_info }: any) => ({
    ...{ ifname, address, mtu },
    addresses: addr_info.map(({ local, prefixlen }: any) => `${local}/${prefixlen}`),
  }))

/** In no order: that of link-local routes is the one in which the interfaces came up. */
const routesOf = (nslab: Cli, node: string): string[] =>
  [...ip(nslab, node, 'route', 'show', 'table', 'all'), ...ip(nslab, node, '-6', 'route', 'show', 'table', 'all')]
    .map((route) => JSON.stringify(route))
    .toSorted()

function ok(nslab: Cli, ...words: string[]) {
  const result = nslab(words, { cwd: '/' })
  expect(result.status, `${words.join(' ')}: ${result.stderr}`).toBe(0)
  return result
}

const pidsOf = (nslab: Cli): Record<string, number> =>
  Object.fromEntries(
    ok(nslab, 'inspect', '--json')
      .json()
      .nodes.map(({ name, pid }: any) => [name, pid]),
  )

describe.for<[string, boolean]>([
  ['root', false],
  ['an ordinary user', true],
])('for %s', ([, isOrdinary]) => {
  function callerOf(nslab: Cli): Cli {
    if (!isOrdinary) return nslab
    const user = new TestUser(61_104)
    onTestFinished(() => user[Symbol.dispose]())
    return user.nslab.bind(user)
  }

  function up(own: Cli): { nslab: Cli; name: string } {
    const nslab = callerOf(own)
    const name = uniqueName('edit')
    const { status, stderr } = nslab(['up', '-'], { input: topology(name), cwd: '/' })
    expect(status, stderr).toBe(0)
    return { nslab, name }
  }

  test('a node and its link come, with a kind of the file, and go; all others stay as they are', ({ nslab: own }) => {
    const { nslab, name } = up(own)
    const old = ['h1', 'r1', 'r2', 'h2', 'h3']
    const before = old.map((node) => interfacesOf(nslab, node))
    const routes = old.map((node) => routesOf(nslab, node))
    const pids = pidsOf(nslab)

    const dry = ok(nslab, 'node', 'add', 'h9', '--kind', 'pc', '--dry-run', '--json').json()
    expect(dry).toMatchObject({ lab: name, applied: false, equal: false })
    expect(pidsOf(nslab)).toEqual(pids)
    expect(ok(nslab, 'node', 'add', `${name}/h9`, '--kind', 'pc').stdout).toMatch(/\+ node +h9/)
    expect(ok(nslab, 'inspect', '--json').json().nodes.at(-1)).toMatchObject({ name: 'h9', labels: { site: 'here' } })
    ok(nslab, 'link', 'add', 'h9:up0', 'r2', 'mtu=1400', 'subnets=[198.51.100.0/24]')
    expect(interfacesOf(nslab, 'h9')).toContainEqual(expect.objectContaining({ ifname: 'up0', mtu: 1400 }))
    ok(nslab, 'ping', 'h9', 'h1', '-c', '1')
    ok(nslab, 'ping', 'h1', 'h9', '-c', '1')
    old.forEach((node, at) => {
      const now = interfacesOf(nslab, node)
      expect(now.slice(0, before[at]?.length)).toEqual(before[at])
    })
    expect(pidsOf(nslab)).toMatchObject(pids)

    ok(nslab, 'node', 'rm', 'h9')
    expect(old.map((node) => interfacesOf(nslab, node))).toEqual(before)
    expect(old.map((node) => routesOf(nslab, node))).toEqual(routes)
    expect(pidsOf(nslab)).toEqual(pids)
  })

  test('without the first link and its node, all others keep their names and addresses', ({ nslab: own }) => {
    const { nslab } = up(own)
    const rest = ['r2', 'h2', 'h3']
    const before = rest.map((node) => interfacesOf(nslab, node))
    const router = interfacesOf(nslab, 'r1')
    ok(nslab, 'link', 'rm', 'h1')
    ok(nslab, 'node', 'rm', 'h1')
    expect(rest.map((node) => interfacesOf(nslab, node))).toEqual(before)
    expect(interfacesOf(nslab, 'r1')).toEqual(router.filter(({ ifname }: any) => ifname !== 'eth0'))
    ok(nslab, 'ping', 'h3', 'h2', '-c', '1')
    // The next edit starts from what is there now.
    ok(nslab, 'link', 'add', 'h3', 'h2')
    expect(rest.map((node) => interfacesOf(nslab, node).slice(0, 2))).toEqual(before.map((each) => each.slice(0, 2)))
    ok(nslab, 'ping', 'h3', 'h2', '-c', '1')
  })

  test('a node that restarts keeps its network, and runs its commands again', ({ nslab: own }) => {
    const { nslab, name } = up(own)
    const tables = () => [interfacesOf(nslab, 'h1'), routesOf(nslab, 'h1')]
    const started = () => ok(nslab, 'exec', 'h1', '--', 'cat', '/tmp/started').stdout
    const namespaces = () =>
      ok(nslab, 'inspect', '--json')
        .json()
        .nodes.find((node: any) => node.name === 'h1').namespaces
    const [before, first, old, pids] = [tables(), started(), namespaces(), pidsOf(nslab)]
    const { restarts } = ok(nslab, 'node', 'restart', `${name}/h1`, '--json').json()
    expect(restarts).toMatchObject([{ node: 'h1', isNewNetwork: false }])
    const now = namespaces()
    expect([now.net, now.user]).toEqual([old.net, old.user])
    for (const kind of ['pid', 'mnt', 'ipc', 'uts', 'cgroup']) expect(now[kind], kind).not.toBe(old[kind])
    expect(tables()).toEqual(before)
    expect(started()).not.toBe(first)
    const { h1: _, ...others } = pidsOf(nslab)
    expect(pids).toMatchObject(others)
    ok(nslab, 'ping', 'h2', 'h1', '-c', '1')
  })

  test('an interface that was taken down stays down through an edit, and comes back with all that it had', ({
    nslab: own,
  }) => {
    const { nslab } = up(own)
    const before = routesOf(nslab, 'r2')
    ok(nslab, 'link', 'down', 'r2:eth0')
    ok(nslab, 'node', 'add', 'h9')
    expect(ip(nslab, 'r2', 'link', 'show', 'eth0')[0].flags).not.toContain('UP')
    ok(nslab, 'node', 'restart', 'r2')
    expect(ip(nslab, 'r2', 'link', 'show', 'eth0')[0].flags).not.toContain('UP')
    ok(nslab, 'link', 'up', 'r2:eth0')
    expect(routesOf(nslab, 'r2')).toEqual(before)
    ok(nslab, 'ping', 'h1', 'h2', '-c', '1')
  })
})

// b ── a ── c: a sends by groups of next hops over both links, b by a group over the one that goes down
const GROUPS = `
name: groups
neighbours: static
nodes:
  a:
    addresses: { eth0: [192.0.2.1/24], eth1: [192.0.3.1/24] }
    nexthops: { 1: { via: 192.0.2.2 }, 3: { via: 192.0.3.2 }, 2: { group: { 1: 1, 3: 2 } }, 4: { group: { 1: 1 } } }
    routes: [{ to: 198.51.101.0/24, nhid: 2 }, { to: 198.51.102.0/24, nhid: 4 }]
  b:
    addresses: { eth0: [192.0.2.2/24] }
    nexthops: { 7: { via: 192.0.2.1 }, 8: { group: { 7: 1 } } }
    routes: [{ to: 198.51.103.0/24, nhid: 8 }]
  c: { addresses: { eth0: [192.0.3.2/24] } }
links: [[a, b], [a, c]]
`

test('next hops over an interface that was taken down, and their groups, wait for it through an edit', ({ nslab }) => {
  expect(nslab(['up', '-'], { input: GROUPS, cwd: '/' })).toMatchObject({ status: 0 })
  const all = () => ['a', 'b'].map((node) => [ip(nslab, node, 'nexthop'), routesOf(nslab, node)])
  const before = all()
  ok(nslab, 'interface', 'down', 'a:eth0')
  const down = all()
  ok(nslab, 'node', 'add', 'z')
  expect(all()).toEqual(down)
  ok(nslab, 'interface', 'up', 'a:eth0')
  expect(all()).toEqual(before)
  ok(nslab, 'interface', 'down', 'a:eth0')
  expect(nslab(['apply', '-'], { input: GROUPS.replace('  c:', '  y: {}\n  c:'), cwd: '/' })).toMatchObject({
    status: 0,
  })
  expect(all()).toEqual(before)
})

test('the file of a lab, its variables and what it includes are not needed any more', ({ nslab, stateDirectory }) => {
  const place = join(stateDirectory, '..', uniqueName('edit-files'))
  mkdirSync(place)
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  const name = uniqueName('edit')
  writeFileSync(join(place, 'base.yaml'), 'kinds: { edge: { extends: router, labels: { role: "${role}" } } }')
  writeFileSync(
    join(place, 'lab.yaml'),
    `{name: ${name}, include: base.yaml, vars: {role: {env: EDIT_ROLE}, count: 1}, nodes: {"n{i}": {repeat: {i: "1..\${count}"}, kind: edge}}}`,
  )
  const built = nslab(['up', 'lab.yaml', '--set', 'count=2'], { cwd: place, env: { EDIT_ROLE: 'core' } })
  expect(built.status, built.stderr).toBe(0)
  rmSync(place, { recursive: true })
  ok(nslab, 'node', 'add', 'n9', 'kind=edge')
  ok(nslab, 'link', 'add', 'n9', 'n2')
  const { nodes } = ok(nslab, 'inspect', '--json').json()
  expect(nodes.map((node: any) => [node.name, node.labels.role])).toEqual([
    ['n1', 'core'],
    ['n2', 'core'],
    ['n9', 'core'],
  ])
})

test.for<[words: string[], status: number, message: string]>([
  [['node', 'add', 'h1'], 7, 'has a node h1 already'],
  [['node', 'add', 'no_name'], 2, '"no_name"'],
  [['node', 'add', 'h9', 'kind=rotuer'], 3, 'did you mean router?'],
  [['node', 'add', 'h9', 'knid=router'], 3, 'did you mean kind?'],
  [['node', 'add', 'h9', 'env={A: 1}', 'knid=router'], 3, 'nslab node add h9:1:30: unknown key knid'],
  [['node', 'add', 'h9', 'env={A: 1}', 'dns=[x'], 3, 'nslab node add h9:1:34: this [ is not closed'],
  [['link', 'add', 'h1', 'r2', 'mtu=many'], 3, 'nslab link add h1 r2:1:26: expected a number'],
  [['node', 'add', 'h9', 'kind: router'], 2, 'node add takes one node'],
  [['node', 'rm', 'h4'], 7, 'has no node h4'],
  [['node', 'rm', 'h1', 'r1', 'r2', 'h2', 'h3'], 2, 'no node of lab'],
  [['node', 'restart', 'r9'], 7, 'has no node r9'],
  [['link', 'add', 'h1'], 2, 'link add takes two ends'],
  [['link', 'add', 'h1', 'r9'], 7, 'has no node r9; did you mean r1?'],
  [['link', 'add', 'h1:eth0', 'r2'], 7, 'h1:eth0 is an end of the link h1:eth0 – r1:eth0 already'],
  [['link', 'add', 'h1:lo', 'r2'], 7, 'h1:lo is an interface of that node already'],
  [['link', 'rm', 'h1:eth7'], 7, 'h1 has no link at eth7'],
  [['link', 'rm', 'r1'], 2, 'r1 has 3 links'],
  [['link', 'rm', 'r1:eth1'], 0, ''],
  [['interface', 'down', 'r1:eth9'], 7, 'r1 has no interface eth9'],
  [['interface', 'down', 'r1'], 2, '"r1" is not [LAB/]NODE:INTERFACE'],
])('%s ends with %s', ([words, status, message], { nslab }) => {
  const name = uniqueName('edit')
  expect(nslab(['up', '-'], { input: topology(name) }).status).toBe(0)
  const before = nslab(['inspect', '--json']).json().nodes.length
  const result = nslab([...words, ...(words.includes('down') ? [] : ['--dry-run'])])
  expect([result.status, result.stderr], result.stderr).toEqual([status, expect.stringContaining(message)])
  expect(nslab(['inspect', '--json']).json().nodes).toHaveLength(before)
})

test('a lab whose topology a program has made cannot be edited, and its nodes restart', async ({ nslab }) => {
  const name = uniqueName('edit')
  await using lab = await Lab.up(resolveTopology(parseTopology(topology(name))))
  const refused = nslab(['node', 'add', 'h9'])
  expect([refused.status, refused.stderr]).toEqual([
    4,
    expect.stringContaining(`lab ${name} was made by a program from no text`),
  ])
  const net = readlinkSync(`/proc/${lab.node('h2').pid}/ns/net`)
  ok(nslab, 'node', 'restart', 'h2')
  const [, , , h2] = nslab(['inspect', '--json']).json().nodes
  expect(readlinkSync(`/proc/${h2.pid}/ns/net`)).toBe(net)
})

test('a text that a program has made a lab from can be edited', async ({ nslab }) => {
  const name = uniqueName('edit')
  await using _ = await Lab.up(topology(name))
  ok(nslab, 'link', 'rm', 'h3')
  ok(nslab, 'node', 'rm', 'h3')
  expect(nslab(['inspect', '--json']).json().nodes).toHaveLength(4)
})

test('no frame is lost while a router restarts, and while a link comes and goes elsewhere', async ({
  nslab,
  stateDirectory,
}) => {
  expect(nslab(['up', '-'], { input: topology(uniqueName('edit')) }).status).toBe(0)
  const child = spawn(
    process.execPath,
    [join(ROOT, 'bin/run.js'), 'ping', 'h1', 'h2', '-c', '600', '-i', '0.01', '--json'],
    { env: { ...process.env, NSLAB_STATE_DIR: stateDirectory } },
  )
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  ok(nslab, 'node', 'restart', 'r1')
  ok(nslab, 'link', 'add', 'h3', 'r2')
  ok(nslab, 'link', 'rm', 'h3:eth1')
  await once(child, 'close')
  expect(JSON.parse(output)).toMatchObject({ sent: 600, received: 600 })
})

test('a dead node and a paused one run again after a restart', ({ nslab }) => {
  expect(nslab(['up', '-'], { input: topology(uniqueName('edit')) }).status).toBe(0)
  const statuses = () =>
    nslab(['inspect', '--json'])
      .json()
      .nodes.map(({ status }: any) => status)
  process.kill(pidsOf(nslab).h2 as number, 'SIGKILL')
  ok(nslab, 'pause', 'r1')
  expect(statuses()).toEqual(['running', 'paused', 'running', 'dead', 'running'])
  ok(nslab, 'node', 'restart', 'h2', 'r1')
  expect(statuses()).toEqual(['running', 'running', 'running', 'running', 'running'])
  ok(nslab, 'ping', 'h1', 'h2', '-c', '1')
})

test.for([
  ['pid', 'pid'],
  ['net', 'network'],
])('nodes that share a %s namespace restart together', ([kind, word], { nslab }) => {
  const shared = `namespaces: { ${kind}: shared, user: shared, ipc: shared }`
  const input = `{name: ${uniqueName('edit')}, nodes: {a: {${shared}}, b: {${shared}}, c: {}}, links: [[a, c]]}`
  expect(nslab(['up', '-'], { input }).status).toBe(0)
  const pids = pidsOf(nslab)
  const refused = nslab(['node', 'restart', 'a'])
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining(`b shares its ${word} namespace`)])
  expect(refused.stderr).toContain('nslab node restart a b')
  expect(pidsOf(nslab)).toEqual(pids)
  ok(nslab, 'node', 'restart', 'a', 'b')
  const namespaceOf = (node: string) => readlinkSync(`/proc/${pidsOf(nslab)[node]}/ns/${kind}`)
  expect([namespaceOf('a') === namespaceOf('b'), namespaceOf('a') === namespaceOf('c')]).toEqual([true, false])
  expect([pidsOf(nslab).a === pids.a, pidsOf(nslab).b === pids.b, pidsOf(nslab).c === pids.c]).toEqual([
    false,
    false,
    true,
  ])
  ok(nslab, 'ping', 'a', 'c', '-c', '1')
  expect(nslab(['diff', '-'], { input }).stdout).toContain('is as the file says')
})

test('nodes that begin or cease to share a namespace in one change restart in it', ({ nslab }) => {
  const name = uniqueName('edit')
  const withBoth = (words: string) => `{name: ${name}, nodes: {a: {${words}}, b: {${words}}, c: {}}, links: [[b, c]]}`
  const [plain, shared] = [withBoth(''), withBoth('namespaces: {ipc: shared}')]
  expect(nslab(['up', '-'], { input: plain }).status).toBe(0)
  const isShared = () => {
    const [a, b] = ['a', 'b'].map((node) => readlinkSync(`/proc/${pidsOf(nslab)[node]}/ns/ipc`))
    return a === b
  }
  for (const [input, expected] of [
    [shared, true],
    [plain, false],
  ] as const) {
    const { status, stderr } = nslab(['apply', '-', name, '--yes'], { input })
    expect([status, isShared()], stderr).toEqual([0, expected])
  }
})
