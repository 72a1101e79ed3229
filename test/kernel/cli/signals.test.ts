// Signals to `nslab exec`, of which the command in the node must see each once: sent to nslab alone, to its process group, and by
// the terminal.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../support/lab.js'

const RUN = join(ROOT, 'bin/run.js')

/** A program that says each signal of this name that it gets, and ends with status 3 when it gets SIGUSR2. */
const counting = (signal: string): string =>
  `trap 'echo got' ${signal}; trap 'exit 3' USR2; echo ready; while :; do sleep 0.02; done`

/** Starts a program that leads a process group. `until` waits for output; `rest` is all of it, at the end. */
function start(words: readonly string[], stateDirectory: string) {
  const [program = '', ...args] = words
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    cwd: '/',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let seen = ''
  child.stdout.on('data', (chunk) => {
    seen += chunk
  })
  const until = async (pattern: RegExp) => {
    for (const end = Date.now() + 10_000; !pattern.test(seen); await setTimeout(5))
      if (Date.now() > end) throw new Error(`never said ${pattern}: ${JSON.stringify(seen)}`)
    return seen
  }
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, seen }))
  return { child, until, ended, pid: child.pid as number }
}

const SENT = ['INT', 'QUIT', 'TERM', 'HUP', 'USR1'] as const

test('a signal that is sent to nslab alone, or to its process group, reaches the command once', async ({
  nslab,
  stateDirectory,
}) => {
  const name = uniqueName()
  expect(nslab(['up', '-'], { input: `name: ${name}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  for (const signal of SENT) {
    for (const target of ['process', 'group']) {
      const words = [process.execPath, RUN, 'exec', 'a', '--', 'sh', '-c', counting(signal)]
      const exec = start(words, stateDirectory)
      await exec.until(/ready/)
      process.kill(target === 'process' ? exec.pid : -exec.pid, `SIG${signal}`)
      await exec.until(/got/)
      await setTimeout(150) // for a second one
      exec.child.kill('SIGUSR2')
      expect(await exec.ended, `${signal} to the ${target}`).toEqual({ status: 3, signal: null, seen: 'ready\ngot\n' })
    }
  }
})

test('nslab ends by the signal that ended the command, when it was sent to nslab', async ({
  nslab,
  stateDirectory,
}) => {
  const name = uniqueName()
  expect(nslab(['up', '-'], { input: `name: ${name}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const script = 'echo ready; exec sleep 100'
    const exec = start([process.execPath, RUN, 'exec', 'a', '--', 'sh', '-c', script], stateDirectory)
    await exec.until(/ready/)
    exec.child.kill(signal)
    expect(await exec.ended).toMatchObject({ status: null, signal })
  }
  expect(nslab(['exec', 'a', '--', 'sh', '-c', 'kill -TERM $$'])).toMatchObject({ status: 143 })
})

test('Ctrl-C in a terminal reaches the command once, also when its input is no terminal', async ({
  nslab,
  stateDirectory,
}) => {
  const name = uniqueName()
  expect(nslab(['up', '-'], { input: `name: ${name}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  for (const input of ['', '</dev/null']) {
    const words = [process.execPath, RUN, 'exec', 'a', '--', 'sh', '-c', counting('INT')]
    const line = `exec ${words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')} ${input}`
    const exec = start(['script', '-qfec', line, '/dev/null'], stateDirectory)
    await exec.until(/ready/)
    exec.child.stdin.write('\x03')
    await exec.until(/got/)
    await setTimeout(150)
    expect(await exec.until(/got/)).toMatch(/^ready\r\n(?:\^C)?got\r\n$/)
    exec.child.kill('SIGKILL')
    await exec.ended
  }
})
