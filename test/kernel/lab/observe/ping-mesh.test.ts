// A full mesh, as the library and the command have it: tiles and single pairs give the same, and what is lost is counted.
import { expect } from 'vitest'
import { Lab, type PingPair } from '../../../../src/index.js'
import { test, uniqueName } from '../../../support/lab.js'

const star = (name: string, hosts: number): string => {
  const names = Array.from({ length: hosts }, (_, index) => `h${index + 1}`)
  const links = names.map((host) => `  - [${host}, s1]`)
  return [
    `name: ${name}`,
    'nodes:',
    '  s1: { kind: switch }',
    ...names.map((host) => `  ${host}: {}`),
    'links:',
    ...links,
    '',
  ].join('\n')
}

const path = ({ from, to }: PingPair): string => `${from} ${to}`
const failed = (pairs: readonly PingPair[]): string[] => pairs.filter(({ sent, received }) => received < sent).map(path)

// h1 … h50 on one switch: more nodes than a tile has, and more pairs than one process pings
test('a mesh with one dead link reports exactly its pairs', async ({ stateDirectory, nslab }) => {
  const name = uniqueName('mesh')
  await using lab = await Lab.up(star(name, 50))
  expect(stateDirectory).toBe(process.env.NSLAB_STATE_DIR)
  const before = await lab.pingAll({ count: 1, family: 4 })
  expect(before).toMatchObject({ sent: 2450, received: 2450 })
  expect(before.pairs).toHaveLength(2450)
  expect(before.pairs.every(({ rttMs, error }) => rttMs !== null && rttMs > 0 && error === null)).toBe(true)

  await lab.node('h30').exec(['ip', 'link', 'set', 'eth0', 'down'])
  const progress: number[] = []
  const onProgress = (done: number, total: number) => progress.push(done, total)
  const mesh = await lab.pingAll({ count: 2, family: 4, timeoutMs: 300, onProgress })
  const others = Array.from({ length: 50 }, (_, index) => `h${index + 1}`).filter((host) => host !== 'h30')
  const expected = [...others.map((host) => `${host} h30`), ...others.map((host) => `h30 ${host}`)]
  expect(failed(mesh.pairs).sort()).toEqual(expected.sort())
  expect(mesh).toMatchObject({ sent: 4900, received: 4704 })
  expect(progress.slice(-2)).toEqual([2450, 2450])
  expect(mesh.pairs.find(({ from }) => from === 'h30')).toMatchObject({ received: 0, error: 'Network is unreachable' })

  const { status, stdout } = nslab(['ping', '--all', '-4', '--lab', name, '-c', '1', '-W', '0.2'])
  expect(status).toBe(8)
  expect(stdout).toMatch(/^✗ h1 → h30 \(10\.[0-9.]+\): 0 of 1, no answer$/m)
  expect(stdout).toMatch(/^… and 58 more$/m)
  expect(stdout).toMatch(/^2450 pairs: 2450 packets sent, 2352 received, 4 % lost/m)
  const json = nslab(['ping', '--all', '-4', '--lab', name, '-c', '1', '-W', '0.2', '--json'])
  expect(json.status).toBe(8)
  expect(failed(json.json().pairs).sort()).toEqual(expected)
})

// a, b and c on one segment; c does not answer, d has no address, four has no IPv6
test('tiles give what single pairs give', async () => {
  const topology = `
name: ${uniqueName('mesh')}
nodes: { a: {}, b: {}, c: { sysctls: { net.ipv4.icmp_echo_ignore_all: 1 } }, four: { families: [4] }, six: { families: [6] }, d: {} }
links: [[a, b, c, four, six, d]]
`
  await using lab = await Lab.up(topology)
  await lab.node('d').exec(['ip', 'addr', 'flush', 'dev', 'eth0'])
  for (const family of [null, 4, 6] as const) {
    const options = { count: 2, timeoutMs: 200, family }
    const tiles = await lab.pingAll(options)
    const replies: string[] = []
    const single = await lab.pingAll({ ...options, onReply: ({ from, to }) => replies.push(`${from} ${to}`) })
    const comparable = ({ pairs, sent, received }: typeof tiles) => ({
      ...{ sent, received },
      pairs: pairs.map((pair) => ({ ...pair, rttMs: pair.rttMs === null ? null : typeof pair.rttMs })),
    })
    expect(comparable(tiles)).toEqual(comparable(single))
    expect(JSON.parse(JSON.stringify(tiles)).pairs).toEqual(tiles.pairs)
    expect(new Set(replies).size).toBeGreaterThan(5)
  }
})

test('the hosts of a mesh do not ask everybody for each of the others', async () => {
  await using lab = await Lab.up(star(uniqueName('mesh'), 40))
  const received = async () =>
    Number((await lab.node('h7').exec(['cat', '/sys/class/net/eth0/statistics/rx_packets'])).stdout)
  const before = await received()
  expect(await lab.pingAll({ count: 1, family: 4 })).toMatchObject({ sent: 1560, received: 1560 })
  // 39 requests, 39 replies, and at most as many of ARP; each broadcast of the 780 pairs of hosts would come here as well.
  expect((await received()) - before).toBeLessThan(400)
})
