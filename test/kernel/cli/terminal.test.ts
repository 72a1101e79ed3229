// `nslab` on a terminal, as a user sees it: job control, and a terminal that is closed. A shell of job control runs under script(1).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../support/lab.js'

const NSLAB = `'${process.execPath}' '${join(ROOT, 'bin/run.js')}'`
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Types lines into a shell with job control. `shows` waits for something that was not shown before. */
function shell(stateDirectory: string) {
  const child = spawn('script', ['-qfec', 'bash --norc --noprofile -i', '/dev/null'], {
    cwd: '/',
    env: { ...process.env, SHELL: '/bin/sh', PS1: '$ ', TERM: 'dumb', NSLAB_STATE_DIR: stateDirectory },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let unseen = ''
  child.stdout.on('data', (chunk) => {
    unseen += chunk
  })
  const type = (keys: string) => child.stdin.write(keys)
  const shows = async (pattern: RegExp) => {
    for (const end = Date.now() + 10_000; ; await setTimeout(5)) {
      const match = pattern.exec(unseen)
      if (match) {
        unseen = unseen.slice(match.index + match[0].length)
        return
      }
      if (Date.now() > end) throw new Error(`never showed ${pattern}: ${JSON.stringify(unseen)}`)
    }
  }
  return { type, shows }
}

test('Ctrl-Z stops a command with the job that it is part of, and fg lets both go on', async ({
  nslab,
  stateDirectory,
}) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const { type, shows } = shell(stateDirectory)
  const script = 'echo "rea"dy; read line; echo "<$line>"; exit 4'
  for (const line of [
    `${NSLAB} exec a -- sh -c ${quoted(script)}`,
    `sh -c ${quoted(`${NSLAB} exec a -- sh -c '${script}'; exit $?`)}`,
  ]) {
    type(`${line}\n`)
    await shows(/ready\r\n/)
    type('\x1a')
    await shows(/Stopped.*\r\n\$ /)
    type('stty -a | grep -ow -- "-\\?icanon"\n') // the shell has its terminal as it was
    await shows(/\r\nicanon\r\n/)
    type('fg\n')
    await setTimeout(300)
    type('hello\n')
    await shows(/<hello>\r\n\$ $/)
    type('echo "status $?"\n')
    await shows(/status 4/)
  }
})

test('a command goes on in the background, and takes keys when it is in the foreground again', async ({
  nslab,
  stateDirectory,
}) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const { type, shows } = shell(stateDirectory)
  const script = 'echo "rea"dy; sleep 0.5; echo "do"ne; read line; echo "<$line>"'
  type(`${NSLAB} exec a -- sh -c ${quoted(script)}\n`)
  await shows(/ready\r\n/)
  type('\x1a')
  await shows(/Stopped.*\r\n\$ /)
  type('bg\n')
  await shows(/done\r+\n/)
  type('echo "shell $((1 + 1))"\n')
  await shows(/shell 2/)
  type('fg\n')
  await setTimeout(300)
  type('hello\n')
  await shows(/<hello>/)
})

test('a shell in a node has job control, and stops itself with suspend', async ({ nslab, stateDirectory }) => {
  expect(nslab(['up', '-'], { input: `name: ${uniqueName()}\nnodes: {a: {}}\n` })).toMatchObject({ status: 0 })
  const { type, shows } = shell(stateDirectory)
  type(`${NSLAB} shell a\n`)
  await shows(/# $/)
  type('sleep 100\n')
  await setTimeout(300)
  type('\x1a')
  await shows(/Stopped +sleep 100/)
  type('suspend\n')
  await shows(/Stopped .*shell a/)
  type('fg\n')
  await setTimeout(300)
  type('disown %1; exit 6\n')
  await shows(/\$ $/)
  type('echo "status $?"\n')
  await shows(/status 6/)
})

const HANG_UP = `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
while sys.argv[1].encode() not in seen: seen += os.read(terminal, 4096)
os.close(terminal)
status = os.waitpid(pid, 0)[1]
print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 'exit %d' % os.WEXITSTATUS(status))
`

test('closing the terminal ends exec, shell and ping by SIGHUP, and rolls up back', async ({
  nslab,
  stateDirectory,
}) => {
  const name = uniqueName()
  const file = join(stateDirectory, 'second.yaml')
  expect(nslab(['up', '-'], { input: `name: ${name}\nnodes: {a: {}, b: {}}\nlinks: [[a, b]]\n` })).toMatchObject({
    status: 0,
  })
  writeFileSync(file, `name: ${uniqueName()}\nnodes: {a: {exec: [sleep 100]}}\n`)
  for (const [words, until, end] of [
    [['exec', 'a', '--', 'sh', '-c', 'echo ready; exec sleep 100'], 'ready', '1'],
    [['shell', 'a'], '# ', '1'],
    [['ping', 'a', 'b', '-c', '100'], 'reply', '1'],
    [['up', file], 'commands', 'exit 130'],
  ] as const) {
    const child = spawn('python3', ['-c', HANG_UP, until, process.execPath, join(ROOT, 'bin/run.js'), ...words], {
      env: { ...process.env, PS1: '# ', NSLAB_STATE_DIR: stateDirectory },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    await once(child, 'close')
    expect(said, words.join(' ')).toBe(`${end}\n`)
  }
  expect(nslab(['ls', '--json']).json().labs).toHaveLength(1)
})
