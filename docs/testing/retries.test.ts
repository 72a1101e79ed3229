// An HTTP client that tries again, while its link is down.
//
//   client ── router ── server

import { labTest } from 'nslab/vitest'
import { expect } from 'vitest'

const test = labTest(`
name: retries
nodes: { client: {}, router: { kind: router }, server: {} }
links: [[client, router], [router, server]]
`)

/** The client under test. It is called in a node, so it has all that it uses in itself. */
async function fetchWithRetries(url: string, attempts: number) {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
      return { attempt, text: await response.text() }
    } catch (error) {
      if (attempt === attempts) throw error
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt))
    }
  }
}

/** Answers every request. The server goes on when the function has returned. */
async function serve(port: number) {
  const { createServer } = await import('node:http')
  const server = createServer((_, response) => response.end('hello\n'))
  await new Promise<void>((resolve) => server.listen(port, resolve))
}

test('the client gets its answer when the link is up again', async ({ lab, node }) => {
  const [client, server] = [node('client'), node('server')]
  await server.run(serve, 80)
  expect(await client.run(fetchWithRetries, 'http://server/', 20)).toMatchObject({ text: 'hello\n' })

  await lab.run('steps: [{ at: 0s, down: client }]')
  const answer = client.run(fetchWithRetries, 'http://server/', 20)
  await lab.run('steps: [{ at: 2s, up: client }]')
  const { attempt, text } = await answer
  expect(text).toBe('hello\n')
  expect(attempt).toBeGreaterThan(1)
}, 30_000)

test('the client gives up when the link stays down', async ({ lab, node }) => {
  const client = node('client')
  await node('server').run(serve, 80)
  await lab.run('steps: [{ at: 0s, down: client }]')
  await expect(client).not.toReachOverTcp('server', 80)
  await expect(client.run(fetchWithRetries, 'http://server/', 3)).rejects.toThrow('fetch failed')
}, 30_000)
