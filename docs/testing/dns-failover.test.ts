// A client with two name servers: when the first one is gone, the second one answers.
//
//   client ──┐
//   ns1 ─────┼ lan
//   ns2 ─────┘

import { labTest } from 'nslab/vitest'
import { expect } from 'vitest'

const test = labTest(`
name: dns-failover
nodes:
  lan: { kind: switch }
  client: { dns: { servers: [ns1, ns2], options: ["timeout:1", "attempts:1"] } }
  ns1: {}
  ns2: {}
links: [[client, lan], [ns1, lan], [ns2, lan]]
`)

/** A name server (RFC 1035) that has one address for every name. It goes on when the function has returned. */
async function serveNames(address: string) {
  const { createSocket } = await import('node:dgram')
  const socket = createSocket('udp6')
  socket.on('message', (query, { port, address: client }) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5)
    const header = Buffer.concat([query.subarray(0, 2), Buffer.from('81800001000100000000', 'hex')])
    const answer = Buffer.concat([
      Buffer.from('c00c000100010000003c0004', 'hex'),
      Buffer.from(address.split('.').map(Number)),
    ])
    socket.send(Buffer.concat([header, question, answer]), port, client)
  })
  await new Promise<void>((resolve) => socket.bind(53, resolve))
}

/** Looks a name up as programs in the node do, with the servers in its /etc/resolv.conf. */
async function lookUp(name: string) {
  const { lookup } = await import('node:dns/promises')
  return (await lookup(name, { family: 4 })).address
}

test('the second name server answers when the first one is gone', async ({ lab, node }) => {
  const client = node('client')
  await node('ns1').run(serveNames, '192.0.2.1')
  await node('ns2').run(serveNames, '192.0.2.2')
  expect(await client.run(lookUp, 'shop.example')).toBe('192.0.2.1')

  await lab.run('steps: [{ at: 0s, down: ns1 }]')
  await expect(client).not.toReach('ns1')
  expect(await client.run(lookUp, 'shop.example')).toBe('192.0.2.2')

  await lab.run('steps: [{ at: 0s, up: ns1 }]')
  await expect(client).toReach('ns1', { within: '5s' })
}, 30_000)

test('a look-up fails when both are gone', async ({ lab, node }) => {
  await lab.run('steps: [{ at: 0s, down: [ns1, ns2] }]')
  await expect(node('client').run(lookUp, 'shop.example')).rejects.toMatchObject({ code: 'EAI_AGAIN' })
}, 30_000)
