// Signals to `nslab exec`, of which the command in the node must see each once: sent to nslab alone, to its process group, and by
// the terminal.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../support/lab.js'
import { TestUser } from '../../support/user.js'

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

/** The command that nslab runs, once it or a process below it has one of these names. */
async function commandOf(nslab: number, names = ['sleep']): Promise<{ state: string }> {
  for (const end = Date.now() + 10_000; ; await setTimeout(5)) {
    const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,stat=,comm='], { encoding: 'utf8' }).trim().split('\n')
    const processes = lines.map((line) => line.trim().split(/\s+/))
    const below = (pid: string): string[][] =>
      processes.filter(([, parent]) => parent === pid).flatMap((each) => [each, ...below(each[0] as string)])
    const found = below(String(nslab))
    if (found.length > 1 && found.some(([, , , name = '']) => names.includes(name)))
      return { state: found[1]?.[2]?.[0] ?? '' }
    if (Date.now() > end) throw new Error(`no command: ${JSON.stringify(found)}`)
  }
}

/** Waits until a process is in a state (proc_pid_stat(5)). */
async function stateOf(pid: number, state: string): Promise<void> {
  while (execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })[0] !== state) await setTimeout(5)
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

test('exec --json prints what the command wrote when a signal ends it', async ({ nslab, stateDirectory }) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  for (const [signal, exitCode] of [
    ['INT', 130],
    ['QUIT', 131],
    ['TERM', 143],
    ['HUP', 129],
  ] as const) {
    for (const target of ['process', 'group']) {
      const script = `echo output; echo error >&2; exec sleep 100`
      const exec = start([process.execPath, RUN, 'exec', 'a', '--json', '--', 'sh', '-c', script], stateDirectory)
      await commandOf(exec.pid)
      process.kill(target === 'process' ? exec.pid : -exec.pid, `SIG${signal}`)
      const { status, seen } = await exec.ended
      const document = { exitCode, signal: `SIG${signal}`, stdout: 'output\n', stderr: 'error\n' }
      expect({ status, document: JSON.parse(seen) }, `${signal} to the ${target}`).toEqual({
        status: exitCode,
        document,
      })
    }
  }
})

test('exec --json does not wait for processes in the background once a signal has ended the command', async ({
  nslab,
  stateDirectory,
}) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const ends = 'echo output; sleep 100'
  for (const [script, ended] of [
    [`${ends}; true`, { exitCode: 143, signal: 'SIGTERM' }],
    [`(${ends}) &`, { exitCode: 0 }],
  ] as const) {
    const exec = start([process.execPath, RUN, 'exec', 'a', '--json', '--', 'sh', '-c', script], stateDirectory)
    await setTimeout(1000)
    exec.child.kill('SIGTERM')
    const { status, seen } = await exec.ended
    const document = { ...ended, stdout: 'output\n', stderr: '' }
    expect({ status, document: JSON.parse(seen) }).toEqual({ status: ended.exitCode, document })
  }
})

/** The number of processes with these arguments that are no zombies. */
const running = (words: string): number =>
  execFileSync('ps', ['-e', '-o', 'stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => !line.startsWith('Z') && line.replace(/^\S+\s+/, '') === words).length

test.for(['root', 'an ordinary user'] as const)(
  'a signal to exec --json alone leaves no process of the command, as %s',
  async (who, { stateDirectory: ofRoot }) => {
    using user = who === 'root' ? null : new TestUser(61_311)
    const stateDirectory = user === null ? ofRoot : join(user.directory, 'labs')
    const id = String(user?.uid)
    const as = user === null ? [] : ['setpriv', '--reuid', id, '--regid', id, '--clear-groups']
    const nslab = [...as, process.execPath, user === null ? RUN : join(user.checkoutPath, 'bin/run.js')]
    const up = start([...nslab, 'up', '-'], stateDirectory)
    up.child.stdin.end(`name: ${uniqueName()}\nnodes: {a: {}}\n`)
    expect(await up.ended).toMatchObject({ status: 0 })
    const sleep = `sleep 5000.${process.pid}`
    for (const [script, signal, count, exitCode] of [
      [`${sleep} & ${sleep}; true`, 'SIGTERM', 2, 143],
      // sh(1) lets what it runs in the background ignore SIGINT.
      [`${sleep} & ${sleep}; true`, 'SIGINT', 2, 130],
      [`trap '' TERM; ${sleep} & trap - TERM; ${sleep}; true`, 'SIGTERM', 2, 143],
      [`trap 'exit 7' TERM; ${sleep} & wait`, 'SIGTERM', 1, 7],
      // The command itself has ended, and nslab reads on.
      [`${sleep} & exit 3`, 'SIGHUP', 1, 3],
    ] as const) {
      const exec = start([...nslab, 'exec', 'a', '--json', '--', 'sh', '-c', script], stateDirectory)
      while (running(sleep) < count) await setTimeout(10)
      await setTimeout(100)
      exec.child.kill(signal)
      const { status, seen } = await exec.ended
      expect({ status, exitCode: JSON.parse(seen).exitCode }, script).toEqual({ status: exitCode, exitCode })
      expect(running(sleep), script).toBe(0)
    }
  },
)

test('exec --json leaves a process in the background that does not have its output, and does not wait for it', ({
  nslab,
}) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const sleep = `sleep 5001.${process.pid}`
  const words = ['exec', 'a', '--json', '--', 'sh', '-c', `${sleep} >/dev/null 2>&1 & echo output; exit 3`]
  expect(nslab(words).json()).toEqual({ exitCode: 3, stdout: 'output\n', stderr: '' })
  expect(running(sleep)).toBe(1)
  // A command without output runs on as well.
  const silent = nslab(['exec', 'a', '--json', '--', 'sh', '-c', 'exec >&- 2>&-; sleep 0.5; exit 4'])
  expect(silent.json()).toMatchObject({ exitCode: 4 })
})

test('exec --json passes each signal on once, and Ctrl-Z stops the command as well', async ({
  nslab,
  stateDirectory,
}) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const words = [process.execPath, RUN, 'exec', 'a', '--json', '--', 'bash', '-c', `${counting('INT')}`]
  const exec = start(words, stateDirectory)
  await commandOf(exec.pid)
  process.kill(-exec.pid, 'SIGINT')
  await setTimeout(150)
  process.kill(-exec.pid, 'SIGTSTP')
  await stateOf(exec.pid, 'T')
  expect((await commandOf(exec.pid, ['bash', 'sleep'])).state).toBe('T')
  process.kill(-exec.pid, 'SIGCONT')
  await setTimeout(150)
  process.kill(-exec.pid, 'SIGUSR2')
  const { status, seen } = await exec.ended
  expect({ status, document: JSON.parse(seen) }).toEqual({
    status: 3,
    document: { exitCode: 3, stdout: 'ready\ngot\n', stderr: '' },
  })
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
