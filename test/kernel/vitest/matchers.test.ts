// The matchers of nslab/vitest, in labs that are broken by commands in their nodes.
//
//   h1 ── r1 ── r2 ── h2
import { expect } from 'vitest'
import type { LabNode } from '../../../src/lab/lab-node.js'
import { labTest } from '../../../src/vitest.js'

const CHAIN = `
name: chain
nodes: { h1: {}, r1: { kind: router }, r2: { kind: router }, h2: {} }
links: [[h1, r1], [r1, r2], [r2, h2]]
`

const test = labTest(CHAIN)
const inNode = (node: LabNode, line: string) => node.exec(['sh', '-c', line], { reject: true })
/** Runs a line after some time, while the test goes on. */
const later = (node: LabNode, line: string) => inNode(node, `(sleep 0.5; ${line}) >/dev/null 2>&1 &`)

/** The message of an expectation that fails. */
async function failure(expectation: Promise<void>): Promise<string> {
  try {
    await expectation
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('the expectation holds')
}

test('a node reaches another by name, as a node and by address, in both families', async ({ node }) => {
  const [h1, h2] = [node('h1'), node('h2')]
  await expect(h1).toReach(h2)
  await expect(h1).toReach('h2', { family: 6 })
  await expect(h1).toReach('h2:eth0')
  const { stdout } = await h2.exec(['hostname', '-I'])
  await expect(h1).toReach(stdout.split(' ')[0] as string)
})

test('a node that does not reach another fails with what why says, and .not with the way', async ({ lab, node }) => {
  const [h1, h2] = [node('h1'), node('h2')]
  const reached = await failure(expect(h1).not.toReach(h2))
  expect(reached).toContain('h1 reaches h2 (10.0.0.5): an echo request was answered')
  expect(reached).toContain('h1 reaches h2 over r1, r2')

  await inNode(node('r2'), 'ip route flush 10.0.0.0/31')
  await expect(h1).not.toReach(h2)
  const message = await failure(expect(h1).toReach(h2))
  expect(message).toContain('h1 does not reach h2 (10.0.0.5): 0 of 3 echo requests were answered')
  const { sentence } = await h1.why('h2')
  expect(sentence).toContain('r2 has no route back to 10.0.0.0')
  expect(message).toContain(`\n${sentence}\n`)
  expect(message).toContain(`mend it with: nslab exec ${lab.name}/r2 -- ip route add 10.0.0.0/31`)
})

test('a node without addresses is not reached; a name of no node is a mistake', async ({ node }) => {
  const [h1, h2] = [node('h1'), node('h2')]
  await inNode(h2, 'ip addr flush dev eth0 scope global')
  await expect(h1).not.toReach(h2)
  expect(await failure(expect(h1).toReach(h2))).toContain(
    'node h2 has no address\n\nh1 cannot reach h2: node h2 has no address',
  )
  expect(await failure(expect(h1).toReach('h9'))).toContain('has no node h9')
  expect(await failure(expect(h1).not.toReach('h9'))).toContain('has no node h9')
  expect(await failure(expect('h1').toReach('h2'))).toContain(
    "toReach is a matcher for nodes: await expect(lab.node('h1')).toReach(…)",
  )
})

test('within tries again, until it reaches and until it does not', async ({ node }) => {
  const [h1, h2, r1] = [node('h1'), node('h2'), node('r1')]
  await inNode(r1, 'ip link set eth1 down')
  await expect(h1).not.toReach(h2)
  await later(r1, 'ip link set eth1 up; ip route add 10.0.0.4/31 via 10.0.0.3')
  await expect(h1).toReach(h2, { within: '20s' })
  await later(r1, 'ip link set eth1 down')
  await expect(h1).not.toReach(h2, { within: 20_000 })
  expect(await failure(expect(h1).toReach(h2, { within: 'soon' }))).toContain('"soon" is not a duration')
})

test('a port is reached over TCP and UDP', async ({ node }) => {
  const [h1, h2] = [node('h1'), node('h2')]
  const echo = `require('net').createServer().listen(80)
    const u = require('dgram').createSocket('udp4').bind(53)
    u.on('message', (text, { port, address }) => u.send(text, port, address))`
  await inNode(h2, `${process.execPath} -e "${echo}" >/dev/null 2>&1 &`)
  await expect(h1).toReachOverTcp(h2, 80, { within: '20s' })
  await expect(h1).toReachOverUdp(h2, 53, { within: '20s' })
  await expect(h1).not.toReachOverTcp('h2', 81)
  await expect(h1).not.toReachOverUdp('h2', 54)
  expect(await failure(expect(h1).not.toReachOverTcp(h2, 80))).toMatch(/h1 finds that tcp port 80 of h2 .*is open/)
  const message = await failure(expect(h1).toReachOverTcp(h2, 81))
  expect(message).toMatch(/h1 finds that tcp port 81 of h2 .*is refused/)
  expect(message).toContain((await h1.why('h2', { protocol: 'tcp', port: 81 })).sentence)
})

test('a node has a route, by its destination, its next hop and its interface', async ({ node }) => {
  const [h1, r1, r2] = [node('h1'), node('r1'), node('r2')]
  await expect(h1).toHaveRoute('default', { via: r1, interface: 'eth0' })
  await expect(r1).toHaveRoute('10.0.0.4/31', { via: 'r2' })
  await expect(r1).toHaveRoute('10.0.0.4/31', { via: '10.0.0.3' })
  await expect(r1).not.toHaveRoute('10.0.0.4/31', { via: 'h1' })
  await expect(r1).not.toHaveRoute('10.0.0.4/31', { interface: 'eth0' })
  await expect(h1).not.toHaveRoute('10.0.0.4/31')

  await inNode(r1, 'ip route add 10.0.9.0/24 via 10.0.0.3 table 7; ip -6 route add blackhole 2001:db8:0::/48')
  await expect(r1).toHaveRoute('10.0.9.0/24', { via: r2, table: '7' })
  await expect(r1).toHaveRoute('2001:db8::/48')
  const message = await failure(expect(r1).toHaveRoute('10.0.9.0/24', { via: r2 }))
  expect(message).toContain('r1 has no route 10.0.9.0/24 via r2\n\ntable main of r1 has\n')
  expect(message).toContain('  10.0.0.4/31 via 10.0.0.3 dev eth1')
  expect(message).toContain('  blackhole 2001:db8::/48')
  expect(await failure(expect(r1).toHaveRoute('10.0.9.0/24', { via: 'r9' }))).toContain('the lab has no node r9')
  expect(await failure(expect(r1).toHaveRoute('nowhere'))).toContain('nowhere is neither an address nor a prefix')
})

test('a route that comes and goes is waited for', async ({ node }) => {
  const r1 = node('r1')
  await later(r1, 'ip route add 10.0.9.0/24 via 10.0.0.3')
  await expect(r1).toHaveRoute('10.0.9.0/24', { within: '20s' })
  await later(r1, 'ip route del 10.0.9.0/24')
  await expect(r1).not.toHaveRoute('10.0.9.0/24', { within: '20s' })
})

test('a node has an address, with any length or a certain one', async ({ node }) => {
  const h1 = node('h1')
  await expect(h1).toHaveAddress('10.0.0.0/31', { interface: 'eth0' })
  await expect(h1).toHaveAddress('10.0.0.0')
  await expect(h1).not.toHaveAddress('10.0.0.0/24')
  await expect(h1).not.toHaveAddress('10.0.0.0', { interface: 'lo' })
  await inNode(h1, 'ip addr add 2001:db8::17/64 dev eth0 nodad')
  await expect(h1).toHaveAddress('2001:DB8:0::17/64')
  const message = await failure(expect(h1).toHaveAddress('10.0.0.9/24'))
  expect(message).toContain('h1 does not have the address 10.0.0.9/24\n\nh1 has\n')
  expect(message).toContain('  10.0.0.0/31 dev eth0\n')
})
