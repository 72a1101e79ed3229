// `ping` as a user calls it: names stand for what the kernel has, and a mesh tells what it cannot ping.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { Lab } from '../../../../src/index.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { ROOT, test, uniqueName } from '../../../support/lab.js'

const LAN = 'nodes: {a: {}, b: {}, c: {}}\nlinks: [[a, b, c]]\nfamilies: [4]\n'

test('a name stands for the address that the node has now', ({ nslab }) => {
  const lab = uniqueName('ping')
  expect(nslab(['up', '-', '--name', lab], { input: LAN })).toMatchObject({ status: 0 })
  for (const [node, address] of [
    ['a', '192.0.2.1/24'],
    ['b', '192.0.2.2/24'],
  ] as const) {
    const script = `ip addr flush dev eth0 && ip addr add ${address} dev eth0 && ip link add name br0 type bridge`
    expect(nslab(['exec', `${lab}/${node}`, '--', 'sh', '-c', script])).toMatchObject({ status: 0 })
  }
  for (const word of ['b', 'b:eth0', 'b-eth0', `${lab}/b`])
    expect(nslab(['ping', `${lab}/a`, word, '-c', '1', '--json']).json()).toMatchObject({
      address: '192.0.2.2',
      received: 1,
    })
  expect(nslab(['ping', `${lab}/a`, 'b:br0'])).toMatchObject({
    status: 7,
    stderr: 'error: node b:br0 has no address\n',
  })
  expect(nslab(['ping', `${lab}/a`, 'b:eth7'])).toMatchObject({
    status: 7,
    stderr: expect.stringMatching(/^error: node b has no interface eth7\nhint: its interfaces: .*eth0/),
  })
  expect(nslab(['ping', `${lab}/a`, '10.0.0.300'])).toMatchObject({
    status: 2,
    stderr: 'error: 10.0.0.300 is not an address\n',
  })
})

test('a node without an address has its row in the mesh, and the others are pinged', ({ nslab }) => {
  const lab = uniqueName('ping')
  expect(nslab(['up', '-', '--name', lab], { input: LAN })).toMatchObject({ status: 0 })
  expect(nslab(['exec', `${lab}/c`, '--', 'ip', 'addr', 'flush', 'dev', 'eth0'])).toMatchObject({ status: 0 })
  const json = nslab(['ping', '--all', '--lab', lab, '--json', '-W', '0.2'])
  expect(json).toMatchObject({ status: 8 })
  const pairs = new Map(json.json().pairs.map((pair: any) => [`${pair.from} ${pair.to}`, pair]))
  expect(pairs.get('a b')).toMatchObject({ sent: 2, received: 2, error: null })
  expect(pairs.get('b a')).toMatchObject({ sent: 2, received: 2, error: null })
  expect(pairs.get('a c')).toMatchObject({ address: null, sent: 0, received: 0, error: 'c has no address' })
  expect(pairs.get('c a')).toMatchObject({ received: 0, error: 'Network is unreachable' })
  const { stdout } = nslab(['ping', '--all', '--lab', lab, '-W', '0.2'])
  expect(stdout).toContain('– c has no address: 2 pairs not pinged\n')
  expect(stdout).toMatch(/^a .* –$/m)
})

test('a mesh lists the pairs without an answer', ({ nslab }) => {
  const lab = uniqueName('ping')
  expect(nslab(['up', '-', '--name', lab], { input: LAN })).toMatchObject({ status: 0 })
  const deaf = 'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all'
  expect(nslab(['exec', `${lab}/c`, '--', 'sh', '-c', deaf])).toMatchObject({ status: 0 })
  const { status, stdout } = nslab(['ping', '--all', '--lab', lab, '-W', '0.1'])
  expect(status).toBe(8)
  expect(stdout).toMatch(/^✗ a → c \(10\.[0-9.]+\): 0 of 2, no answer$/m)
  expect(stdout).toMatch(/^✗ b → c /m)
})

test('Ctrl-C stops the sending and prints the summary', async ({ nslab, stateDirectory }) => {
  const lab = uniqueName('ping')
  expect(nslab(['up', '-', '--name', lab], { input: LAN })).toMatchObject({ status: 0 })
  const words = [join(ROOT, 'bin/run.js'), 'ping', `${lab}/a`, 'b', '-c', '1000', '-i', '0.1']
  const child = spawn(process.execPath, words, { env: { ...process.env, NSLAB_STATE_DIR: stateDirectory } })
  let output = ''
  let isInterrupted = false
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
    // A second one ends nslab.
    if (isInterrupted || !/icmp_seq=3 /.test(output)) return
    isInterrupted = true
    child.kill('SIGINT')
  })
  const [status] = await once(child, 'close')
  expect(status).toBe(0)
  expect(output).toMatch(/^(\d+) packets sent, \1 received, 0 % lost$/m)
  expect(output).toMatch(/^rtt min\/avg/m)
})

test.for(['192.0.2.53', '2001:db8::53'])(
  '%s, an address of several nodes, is answered by the nearest, which is named',
  (address, { nslab }) => {
    const lab = uniqueName('anycast')
    const input = `
nodes:
  h: {}
  r1: { kind: router }
  r2: { kind: router }
  near: { anycast: [192.0.2.53/32, "2001:db8::53/128"] }
  far: { anycast: [192.0.2.53/32, "2001:db8::53/128"] }
links: [[h, r1], [near, r1], [r1, r2], [far, r2]]
`
    expect(nslab(['up', '-', '--name', lab], { input })).toMatchObject({ status: 0 })
    const near = nslab(['ping', `${lab}/h`, address, '-c', '2', '-i', '0.01'])
    expect(near).toMatchObject({ status: 0 })
    expect(near.stdout).toContain(`reply from ${address} (near): icmp_seq=1 `)
    expect(nslab(['ping', `${lab}/r2`, address, '-c', '1', '--json']).json()).toMatchObject({
      address,
      received: 1,
      answeredBy: ['far'],
    })
    expect(nslab(['ping', `${lab}/h`, 'r2', '-c', '1', '--json']).json()).toMatchObject({ received: 1, answeredBy: [] })
  },
)

test('an answer of another node that has the address is none', ({ nslab }) => {
  const lab = uniqueName('twice')
  const input = `
routing: none
nodes: { a: {}, b: {}, c: {}, d: {} }
links:
  - { endpoints: [a, b], subnets: [10.1.1.0/24] }
  - { endpoints: [c, d], subnets: [10.1.1.0/24] }
families: [4]
`
  expect(nslab(['up', '-', '--name', lab], { input })).toMatchObject({ status: 0, stderr: '' })
  const own = nslab(['ping', `${lab}/a`, 'c', '-c', '1'])
  expect(own).toMatchObject({ status: 8 })
  expect(own.stdout).toContain('from 10.1.1.1: icmp_seq=1 answered by a, which has the address too\n')
  const other = nslab(['ping', `${lab}/a`, 'd', '-c', '1', '--json'])
  expect(other).toMatchObject({ status: 8 })
  expect(other.json()).toMatchObject({ received: 0, answeredBy: ['b'] })
  expect(nslab(['ping', `${lab}/a`, 'b', '-c', '1'])).toMatchObject({ status: 0 })

  const mesh = nslab(['ping', '--all', '--lab', lab, '--json'])
  expect(mesh).toMatchObject({ status: 8 })
  const answered = mesh.json().pairs.filter(({ received }: { received: number }) => received > 0)
  expect(answered.map(({ from, to }: any) => `${from} ${to}`).sort()).toEqual(['a b', 'b a', 'c d', 'd c'])
})

test('nodes without a family in common are not pinged, and nothing is wrong', ({ nslab }) => {
  const lab = uniqueName('families')
  const input = `
nodes: { four: { families: [4] }, six: { families: [6] }, both: {} }
links: [[four, six, both]]
`
  expect(nslab(['up', '-', '--name', lab], { input })).toMatchObject({ status: 0 })
  const mesh = nslab(['ping', '--all', '--lab', lab, '--json'])
  expect(mesh).toMatchObject({ status: 0 })
  const of = (from: string, to: string) => mesh.json().pairs.find((pair: any) => pair.from === from && pair.to === to)
  expect(of('four', 'six')).toMatchObject({ address: null, sent: 0, error: null })
  expect(of('both', 'six')).toMatchObject({ sent: 2, received: 2 })
  expect(of('six', 'both').address).toContain(':')
  expect(nslab(['ping', '--all', '-6', '--lab', lab])).toMatchObject({ status: 0 })
  expect(nslab(['ping', `${lab}/six`, 'both', '-c', '1'])).toMatchObject({ status: 0 })
  expect(nslab(['ping', `${lab}/four`, 'six'])).toMatchObject({
    status: 7,
    stderr: expect.stringMatching(/^error: four and six have no addresses of one family; six has f/),
  })
})

test('a node that shares the network of another answers for it', ({ nslab }) => {
  const lab = uniqueName('shared')
  const shared = '{ namespaces: { user: shared, net: shared } }'
  const input = `nodes: { a: {}, b: ${shared}, c: ${shared} }\nlinks: [[a, b]]\n`
  expect(nslab(['up', '-', '--name', lab], { input })).toMatchObject({ status: 0 })
  expect(nslab(['ping', `${lab}/a`, 'c', '-c', '1', '--json']).json()).toMatchObject({ received: 1, answeredBy: [] })
  expect(nslab(['ping', '--all', '--lab', lab])).toMatchObject({ status: 0 })
})

// a, b, c on one segment
test('globs choose who pings and who is pinged', ({ nslab }) => {
  const lab = uniqueName('ping')
  expect(nslab(['up', '-', '--name', lab], { input: LAN })).toMatchObject({ status: 0 })
  const pairs = (...words: string[]) =>
    nslab(['ping', '--all', '--lab', lab, '--json', ...words])
      .json()
      .pairs.map(({ from, to }: any) => `${from} ${to}`)
  expect(pairs('--from', 'a')).toEqual(['a b', 'a c'])
  expect(pairs('--to', '?', '--from', '*b')).toEqual(['b a', 'b c'])
  expect(pairs('--to', 'c')).toEqual(['a c', 'b c'])
  expect(nslab(['ping', '--all', '--lab', lab, '--from', 'x*'])).toMatchObject({
    status: 7,
    stderr: expect.stringContaining(`error: lab ${lab} has no node x* that can be pinged\n`),
  })
  expect(nslab(['ping', `${lab}/a`, 'b', '--from', 'a'])).toMatchObject({ status: 2 })
})

test.skipIf(process.getuid?.() !== 0)(
  'a ping of a size has as many bytes, and may not be fragmented',
  async ({ stateDirectory: _ }) => {
    const lab = await Lab.up(
      resolveTopology(parseTopology(`name: ${uniqueName('size')}\nnodes: {a: {}, b: {}}\nlinks: [[a, b]]\n`)),
    )
    onTestFinished(() => lab.down())
    const count = (name: string, conditions: string) =>
      `counter ${name} {}; chain ${name} { type filter hook input priority 0; ${conditions} counter name ${name}; };`
    const rules = [
      count('four', 'icmp type echo-request ip length 1028 ip frag-off & 0x4000 != 0'),
      count('six', 'icmpv6 type echo-request ip6 length 1008'),
      count('plain', 'icmp type echo-request ip length 84'),
    ]
    expect(await lab.node('b').exec(['nft', `table inet f { ${rules.join(' ')} }`])).toMatchObject({
      stderr: '',
      exitCode: 0,
    })
    const ping = (options: { size?: number; family: 4 | 6 }) =>
      lab.node('a').ping('b', { ...options, count: 2, intervalMs: 0 })
    expect(await ping({ size: 1000, family: 4 })).toMatchObject({ received: 2 })
    expect(await ping({ size: 1000, family: 6 })).toMatchObject({ received: 2 })
    expect(await ping({ family: 4 })).toMatchObject({ received: 2 })
    expect(await ping({ size: 1473, family: 4 })).toMatchObject({ received: 0 })
    const { stdout } = await lab.node('b').exec(['nft', 'list', 'counters'])
    expect([...stdout.matchAll(/packets (\d+)/g)].map(([, packets]) => packets)).toEqual(['2', '2', '2'])
  },
)
