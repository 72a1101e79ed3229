// What happens in a running lab is told as it happens, and agrees with what `ip monitor` says in the node.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'
import { Watching } from '../../../support/watching.js'

const UID = 61105

// h1 ── r1 ── h2
const CHAIN = `
nodes: { h1: {}, r1: { kind: router }, h2: {} }
links: [[h1, r1], [r1, h2]]
`

/** What is done in h1, what is told of it, and what `ip monitor` says. */
const CHANGES: [command: string, event: object, monitor: RegExp][] = [
  ['ip link add br7 type bridge', { event: 'link', action: 'add', interface: 'br7', type: 'bridge' }, /: br7: /],
  ['ip link set br7 up', { event: 'link', action: 'up', interface: 'br7', was: { state: 'down' } }, /br7: .*UP/],
  [
    'ip link set eth0 mtu 1400',
    { event: 'link', action: 'change', interface: 'eth0', mtu: 1400, was: { mtu: 1500 } },
    /eth0@.* mtu 1400/,
  ],
  [
    'ip link set br7 name br8',
    { event: 'link', action: 'rename', interface: 'br8', was: { interface: 'br7' } },
    /: br8: /,
  ],
  [
    'ip address add 10.77.0.1/24 dev eth0',
    { event: 'address', action: 'add', interface: 'eth0', address: '10.77.0.1/24' },
    /inet 10\.77\.0\.1\/24/,
  ],
  [
    'ip -6 address add fd77::1/64 dev eth0',
    { event: 'address', action: 'add', family: 6, address: 'fd77::1/64' },
    /inet6 fd77::1\/64/,
  ],
  [
    'ip route add 10.78.0.0/16 via 10.77.0.9',
    {
      event: 'route',
      action: 'add',
      destination: '10.78.0.0/16',
      gateways: ['10.77.0.9'],
      interfaces: ['eth0'],
      protocol: 'boot',
    },
    /10\.78\.0\.0\/16 via 10\.77\.0\.9 dev eth0/,
  ],
  [
    'ip route replace 10.78.0.0/16 via 10.77.0.8',
    { event: 'route', action: 'change', destination: '10.78.0.0/16', was: { gateways: ['10.77.0.9'] } },
    /10\.78\.0\.0\/16 via 10\.77\.0\.8/,
  ],
  [
    'ip route append 10.78.0.0/16 via 10.77.0.7',
    { event: 'route', action: 'add', destination: '10.78.0.0/16', gateways: ['10.77.0.7'] },
    /10\.78\.0\.0\/16 via 10\.77\.0\.7/,
  ],
  [
    'ip route del 10.78.0.0/16 via 10.77.0.7',
    { event: 'route', action: 'remove', destination: '10.78.0.0/16', gateways: ['10.77.0.7'] },
    /Deleted 10\.78\.0\.0\/16 via 10\.77\.0\.7/,
  ],
  [
    'ip -6 route add fd78::/64 nexthop via fd77::8 nexthop via fd77::9',
    { event: 'route', action: 'add', destination: 'fd78::/64', gateways: ['fd77::8', 'fd77::9'] },
    /fd78::\/64 /,
  ],
  [
    'ip -6 route del fd78::/64 via fd77::8',
    { event: 'route', action: 'change', destination: 'fd78::/64', gateways: ['fd77::9'] },
    /Deleted fd78::\/64/,
  ],
  [
    'ip route add blackhole 10.79.0.0/16',
    { event: 'route', action: 'add', type: 'blackhole', destination: '10.79.0.0/16', gateways: [] },
    /blackhole 10\.79\.0\.0\/16/,
  ],
  [
    'ip nexthop add id 7 via 10.77.0.6 dev eth0',
    { event: 'nexthop', action: 'add', id: 7, gateway: '10.77.0.6', interface: 'eth0' },
    /id 7 via 10\.77\.0\.6 dev eth0/,
  ],
  [
    'ip route add 10.80.0.0/16 nhid 7',
    { event: 'route', action: 'add', destination: '10.80.0.0/16', nexthop: 7 },
    /10\.80\.0\.0\/16 nhid 7/,
  ],
  [
    'ip rule add priority 77 from 10.77.0.0/24 table 99',
    { event: 'rule', action: 'add', priority: 77, from: '10.77.0.0/24', table: '99' },
    /77:\s+from 10\.77\.0\.0\/24 lookup 99/,
  ],
  ['ip rule del priority 77', { event: 'rule', action: 'remove', priority: 77 }, /Deleted 77:/],
  [
    'ip neigh add 10.77.0.5 lladdr 02:00:00:00:00:05 dev eth0',
    { event: 'neighbour', action: 'add', address: '10.77.0.5', mac: '02:00:00:00:00:05', state: 'permanent' },
    /10\.77\.0\.5 dev eth0 lladdr 02:00:00:00:00:05 PERMANENT/,
  ],
  [
    'ip neigh replace 10.77.0.5 lladdr 02:00:00:00:00:06 dev eth0',
    { event: 'neighbour', action: 'change', was: { mac: '02:00:00:00:00:05' } },
    /02:00:00:00:00:06 PERMANENT/,
  ],
  [
    'ip neigh del 10.77.0.5 dev eth0',
    { event: 'neighbour', action: 'remove', address: '10.77.0.5' },
    /Deleted 10\.77\.0\.5/,
  ],
  [
    'ip link set eth0 down',
    { event: 'link', action: 'down', interface: 'eth0', was: { state: 'up' } },
    /eth0@.*state DOWN/,
  ],
  ['ip link set eth0 up', { event: 'link', action: 'up', interface: 'eth0' }, /eth0@.*UP,LOWER_UP/],
  [
    'ip address del 10.77.0.1/24 dev eth0',
    { event: 'address', action: 'remove', address: '10.77.0.1/24' },
    /Deleted .*10\.77\.0\.1\/24/,
  ],
  ['ip link del br8', { event: 'link', action: 'remove', interface: 'br8' }, /Deleted .*br8/],
]

describe.each(['root', 'an ordinary user'])('as %s', (who) => {
  const asWho = (stateDirectory: string) => {
    const user = who === 'root' ? undefined : new TestUser(UID)
    const env = { NSLAB_STATE_DIR: user ? `${user.directory}/labs` : stateDirectory }
    return { user, env }
  }

  test('each kind of event is told as `ip monitor` says it', async ({ nslab: asRoot, stateDirectory }) => {
    const { user, env } = asWho(stateDirectory)
    using _ = user ?? { [Symbol.dispose]: () => {} }
    const nslab = user ? user.nslab.bind(user) : asRoot
    const name = uniqueName('watch')
    expect(nslab(['up', '-', '--name', name], { input: CHAIN })).toMatchObject({ status: 0 })
    using watching = await Watching.begin({ env, args: [name], ...(user ? { user } : {}) })
    const { pid } = nslab(['inspect', name, '--json'])
      .json()
      .nodes.find((node: any) => node.name === 'h1')
    const monitor = spawn('nsenter', [
      '-t',
      pid,
      '-n',
      'ip',
      '-o',
      'monitor',
      'link',
      'address',
      'route',
      'nexthop',
      'rule',
      'neigh',
    ])
    let said = ''
    monitor.stdout.on('data', (text) => (said += text))
    try {
      await setTimeout(300)
      for (const [command, event, words] of CHANGES) {
        const from = watching.events.length
        const { status, stderr } = spawnSync('nsenter', ['-t', pid, '-n', ...command.split(' ')], { encoding: 'utf8' })
        expect({ status, stderr }, command).toEqual({ status: 0, stderr: '' })
        await watching.until({ node: 'h1', ...event }, from).catch((error) => {
          throw new Error(`${command}: ${error.message}`)
        })
        await expect.poll(() => said, { message: command }).toMatch(words)
      }
      // The kernel does not tell of IPv4 routes and next hops that go with their interface: they are told all the same.
      for (const gone of [
        { event: 'route', destination: '10.78.0.0/16' },
        { event: 'route', destination: '10.80.0.0/16' },
        { event: 'nexthop', id: 7 },
      ])
        await watching.until({ node: 'h1', action: 'remove', ...gone })
      expect(said).not.toMatch(/Deleted (?:10\.80|id 7)/)
      expect(watching.events.filter(({ event }) => event === 'lost')).toEqual([])
    } finally {
      monitor.kill()
    }
  })

  test('nodes that pause, resume and end, changed impairments, and the end of the lab', async ({
    nslab: asRoot,
    stateDirectory,
  }) => {
    const { user, env } = asWho(stateDirectory)
    using _ = user ?? { [Symbol.dispose]: () => {} }
    const nslab = user ? user.nslab.bind(user) : asRoot
    const name = uniqueName('watch')
    expect(nslab(['up', '-', '--name', name], { input: CHAIN })).toMatchObject({ status: 0 })
    using watching = await Watching.begin({ env, args: [name], ...(user ? { user } : {}) })

    expect(nslab(['pause', 'h1'])).toMatchObject({ status: 0 })
    await watching.until({ event: 'node', action: 'pause', node: 'h1' })
    expect(nslab(['resume', 'h1'])).toMatchObject({ status: 0 })
    await watching.until({ event: 'node', action: 'resume', node: 'h1' })

    expect(nslab(['link', 'set', 'h1:eth0', 'delay=20ms'])).toMatchObject({ status: 0 })
    const set = await watching.until({ event: 'impairment', from: 'h1:eth0' })
    expect(set).toMatchObject({
      action: 'add',
      node: 'h1',
      to: 'r1:eth0',
      impairments: 'delay 20ms',
      was: { impairments: null },
    })
    expect(nslab(['link', 'set', 'h1:eth0', '--clear'])).toMatchObject({ status: 0 })
    await watching.until({ event: 'impairment', action: 'remove', from: 'h1:eth0', impairments: null })

    const { pid } = nslab(['inspect', name, '--json'])
      .json()
      .nodes.find((node: any) => node.name === 'h2')
    process.kill(pid, 'SIGKILL')
    await watching.until({ event: 'node', action: 'end', node: 'h2', pid })
    // The keeper holds the network of a dead node.
    expect(nslab(['link', 'down', 'r1:eth1'])).toMatchObject({ status: 0 })
    await watching.until({ event: 'link', action: 'down', node: 'h2' })

    expect(nslab(['down', name])).toMatchObject({ status: 0 })
    expect(await watching.ended).toBe(0)
    expect(watching.events.at(-1)).toMatchObject({ event: 'lab', action: 'down', lab: name, nodes: 3 })
    // That nodes end with their lab is no news.
    expect(watching.events.filter(({ event, action }) => event === 'node' && action === 'end')).toHaveLength(1)
  })
})

test('only what is asked for is told', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('watch')
  expect(nslab(['up', '-', '--name', name], { input: CHAIN })).toMatchObject({ status: 0 })
  const env = { NSLAB_STATE_DIR: stateDirectory }
  using some = await Watching.begin({ env, args: [name, '--node', 'h*', '--event', 'route,node'] })
  expect(some.events[0]).toMatchObject({ nodes: 2 })
  for (const node of ['r1', 'h1']) {
    expect(nslab(['exec', node, '--', 'ip', 'address', 'add', '10.77.0.1/24', 'dev', 'eth0'])).toMatchObject({
      status: 0,
    })
  }
  await some.until({ event: 'route', node: 'h1' })
  expect(some.events.slice(1).map(({ event, node }) => `${event} ${node}`)).toEqual(['route h1'])
  some.process.kill('SIGINT')
  expect(await some.ended).toBe(0)

  expect(nslab(['watch', `${name}-not`])).toMatchObject({ status: 7 })
  expect(nslab(['watch', name, '--node', 'h9'])).toMatchObject({
    status: 7,
    stderr: expect.stringContaining('no node h9'),
  })
  expect(nslab(['watch', name, '--event', 'weather'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('link, address'),
  })
})

test('nodes that `apply` adds, restarts and removes', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('watch')
  const text = (nodes: string, links: string) => `name: ${name}\nnodes: { ${nodes} }\nlinks: [${links}]\n`
  const two = text('h1: {}, h2: {}', '[h1, h2]')
  expect(nslab(['up', '-'], { input: two })).toMatchObject({ status: 0 })
  using watching = await Watching.begin({ env: { NSLAB_STATE_DIR: stateDirectory }, args: [name] })

  const three = text('h1: {}, h2: {}, h3: {}', '[h1, h2], [h2, h3]')
  const file = join(stateDirectory, '..', `${name}.yaml`)
  onTestFinished(() => rmSync(file, { force: true }))
  const apply = (input: string) => {
    writeFileSync(file, input)
    expect(nslab(['apply', file, '--yes'])).toMatchObject({ status: 0 })
  }
  apply(three)
  const { pid } = await watching.until({ event: 'node', action: 'add', node: 'h3' })
  await watching.until({ event: 'link', action: 'add', node: 'h2', interface: 'eth1' })
  // The network of the new node is watched, too.
  expect(nslab(['exec', 'h3', '--', 'ip', 'link', 'set', 'eth0', 'mtu', '1300'])).toMatchObject({ status: 0 })
  await watching.until({ event: 'link', action: 'change', node: 'h3', mtu: 1300 })

  process.kill(pid, 'SIGKILL')
  await watching.until({ event: 'node', action: 'end', node: 'h3', pid })
  apply(three)
  await watching.until({ event: 'node', action: 'restart', node: 'h3' })
  await watching.until({ event: 'link', action: 'change', node: 'h3', mtu: 1500 })

  apply(two)
  await watching.until({ event: 'node', action: 'remove', node: 'h3' })
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
  expect(await watching.ended).toBe(0)
  expect(watching.events.at(-1)).toMatchObject({ event: 'lab', action: 'down', nodes: 2 })
})

test('nodes that share a network are told of once', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('watch')
  const shared = 'namespaces: { user: shared, net: shared }'
  const input = `nodes: { h1: {}, h2: { ${shared} }, h3: { ${shared} } }\nlinks: [[h1, h2]]\n`
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
  using watching = await Watching.begin({ env: { NSLAB_STATE_DIR: stateDirectory }, args: [name, '--event', 'link'] })
  expect(nslab(['exec', 'h3', '--', 'ip', 'link', 'set', 'eth0', 'mtu', '1300'])).toMatchObject({ status: 0 })
  await watching.until({ event: 'link', interface: 'eth0', node: 'h2', sharedWith: ['h3'] })
  expect(watching.events.filter(({ event }) => event === 'link')).toHaveLength(1)
})

test('a lab of 300 nodes at rest takes no processor time', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('watch')
  const { stdout } = nslab(['generate', 'chain', '150'])
  expect(nslab(['up', '-', '--name', name], { input: stdout })).toMatchObject({ status: 0 })
  using watching = await Watching.begin({ env: { NSLAB_STATE_DIR: stateDirectory }, args: [name] })
  const ticks = () => {
    const fields = readFileSync(`/proc/${watching.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  }
  const ticksIn = async (ms: number) => {
    const before = ticks()
    await setTimeout(ms)
    return ticks() - before
  }
  // V8 works for a while after the start, and so does what has only just been made. A tick is 10 ms.
  await expect.poll(() => ticksIn(5000), { timeout: 40_000 }).toBe(0)
})

test('the directory of a lab has what it had', ({ nslab, stateDirectory }) => {
  const name = uniqueName('watch')
  expect(nslab(['up', '-', '--name', name], { input: CHAIN })).toMatchObject({ status: 0 })
  const { mode, uid } = statSync(`${stateDirectory}/${name}/lock`)
  expect(nslab(['pause', `${name}/h1`])).toMatchObject({ status: 0 })
  expect(statSync(`${stateDirectory}/${name}/lock`)).toMatchObject({ mode, uid })
})
