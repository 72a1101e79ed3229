// A dead node, whose first process has ended, in a lab that goes on.
import { expect } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'
import { waitUntilGone } from '../../../support/shim.js'

// h1 ── h2 (killed)
test('a dead node is named as such, and the others go on', async ({ nslab }) => {
  const lab = uniqueName('dead')
  const up = nslab(['up', '-', '--name', lab, '--json'], { input: 'nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]\n' })
  const { pid } = up.json().nodes.find(({ name }: { name: string }) => name === 'h2')
  process.kill(pid, 'SIGKILL')
  await waitUntilGone(pid)

  // The keeper holds its network namespace, which so continues to exist.
  const inspect = nslab(['inspect', '--json']).json()
  expect(inspect.nodes).toMatchObject([{ status: 'running' }, { status: 'dead', pid: null, namespaces: null }])
  expect(inspect.nodes[1].interfaces.map(({ name }: { name: string }) => name)).toEqual(['lo', 'eth0'])
  expect(inspect.links).toMatchObject([{ state: 'up', mtu: 1500 }])
  expect(nslab(['ping', 'h1', 'h2', '-c', '1'])).toMatchObject({ status: 0 })
  const error = { code: 'NODE_NOT_FOUND', message: 'h2 is dead: its first process has ended' }
  for (const [args, status] of [
    [['ping', 'h2', 'h1', '--json'], 7],
    [['pause', 'h2', '--json'], 7],
    [['exec', 'h2', '--json', '--', 'true'], 125],
  ] as const) {
    const run = nslab(args)
    expect({ args, status: run.status, error: run.json().error }).toMatchObject({ args, status, error })
  }
  expect(nslab(['exec', 'h1', '--', 'hostname'])).toMatchObject({ status: 0, stdout: 'h1\n' })
  const mesh = nslab(['ping', '--all', '--json'])
  expect(mesh).toMatchObject({ status: 8 })
  expect(mesh.json().pairs).toMatchObject([
    { from: 'h1', to: 'h2', sent: 2, received: 2, error: null },
    { from: 'h2', to: 'h1', sent: 0, received: 0, rttMs: null, error: error.message },
  ])
})
