// The question of `apply` before nodes restart, on a terminal that script(1) makes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../../support/lab.js'

const BEFORE = 'nodes: { h1: {}, h2: {} }\nlinks: [[h1, h2]]\n'
const AFTER = BEFORE.replace('h1: {}', 'h1: { namespaces: { ipc: shared } }')

test.for([
  ['y', 'y\r', 0, 'after'],
  ['n', 'n\r', 0, 'before'],
  ['nothing', '\r', 0, 'before'],
  ['Ctrl-C', '\x03', 130, 'before'],
  ['the end of input', '\x04', 0, 'before'],
] as const)('%s', async ([, keys, expected, then], { nslab, stateDirectory }) => {
  const lab = uniqueName('asked')
  expect(nslab(['up', '-', '--name', lab], { input: BEFORE }).status).toBe(0)
  const files = { before: join(stateDirectory, 'before.yaml'), after: join(stateDirectory, 'after.yaml') }
  writeFileSync(files.before, BEFORE)
  writeFileSync(files.after, AFTER)
  const nslabWords = `'${process.execPath}' '${join(ROOT, 'bin/run.js')}'`
  const child = spawn('script', ['-qec', `${nslabWords} apply '${files.after}' --name ${lab}`, '/dev/null'], {
    env: { ...process.env, TERM: 'dumb', NSLAB_STATE_DIR: stateDirectory },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let shown = ''
  child.stdout.on('data', (chunk) => {
    shown += chunk
  })
  const ended = once(child, 'exit')
  for (const end = Date.now() + 10_000; !shown.includes('[y/N]'); await setTimeout(5))
    if (Date.now() > end) throw new Error(`never asked: ${shown}`)
  expect(shown).toMatch(/This restarts h1 \(.*ipc namespace.*\), which ends its processes\./)
  child.stdin.write(keys)
  const [status] = await Promise.race([ended, setTimeout(10_000, ['none'])])
  expect(status, shown).toBe(expected)
  expect(nslab(['diff', lab, files[then], '--name', lab])).toMatchObject({ status: 0 })
  expect(nslab(['ls', '--json']).json().labs[0]).not.toHaveProperty('degraded')
})
