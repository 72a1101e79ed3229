// `nslab watch` whose reader has stopped reading ends at the first signal.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../../support/lab.js'

test.for(['SIGINT', 'SIGTERM'] as const)('%s', async (signal, { nslab, stateDirectory }) => {
  const name = uniqueName('watch')
  expect(nslab(['up', '-', '--name', name], { input: 'nodes: { h1: {} }' })).toMatchObject({ status: 0 })
  const watch = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'watch', name, '--json'], {
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void watch.kill('SIGKILL'))
  await once(watch.stdout, 'readable')
  const routes = Array.from({ length: 10_000 }, (_, at) => `route add 10.99.${at >> 8}.${at & 255}/32 dev lo\n`)
  expect(nslab(['exec', `${name}/h1`, '--', 'ip', '-batch', '-'], { input: routes.join('') }).status).toBe(0)
  await setTimeout(500)
  const ended = once(watch, 'exit')
  watch.kill(signal)
  expect(await Promise.race([ended, setTimeout(3000, 'it goes on')])).toEqual([0, null])
})
