// What root of a node cannot do to the commands that are run in its node, and to those who run them.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { startTimeOf } from '../../../src/lab/who/process-identity.js'
import { uniqueName } from '../../support/lab.js'
import { node, SHIM, ShimLab } from '../../support/shim.js'
import { TestUser } from '../../support/user.js'

const labs: ShimLab[] = []
const startLab = async (): Promise<ShimLab> => {
  const lab = await ShimLab.start()
  labs.push(lab)
  await lab.spawn(node('h1'))
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries === 500) throw new Error('it does not happen')
    await setTimeout(10)
  }
}

test('a lock on a directory of the node does not keep commands out', async () => {
  const lab = await startLab()
  const script = 'exec 3</run 4</sys 5</; flock -x 3; flock -x 4; flock -x 5; echo locked; exec sleep 100'
  const holder = spawn(SHIM, lab.execArguments('h1', ['sh', '-c', script]), {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
  })
  await once(holder.stdout, 'data')
  expect(lab.exec('h1', ['ls', '/sys/class/net'])).toEqual({ status: 0, stdout: 'lo\n', stderr: '' })
  holder.kill('SIGPWR')
})

test('a SIGCHLD that somebody sends does not make exec wait for ever', async () => {
  const lab = await startLab()
  const relay = spawn(SHIM, lab.execArguments('h1', ['sh', '-c', 'echo ready; exec sleep 100']), {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
  })
  await once(relay.stdout, 'data')
  const pid = relay.pid as number
  const [command] = childrenOf(pid)
  process.kill(pid, 'SIGSTOP')
  process.kill(pid, 'SIGCHLD')
  process.kill(command as number, 'SIGTERM')
  await until(() => childrenOf(pid).length === 0)
  process.kill(pid, 'SIGCONT')
  expect(await once(relay, 'exit')).toEqual([137, null])
})

// The process that runs a command in a node stands outside of the node's PID namespace, but in its user namespace. The
// attacker here is root of the node who has got sight of the machine's /proc. In a lab of a user's, both are that user.
describe.each(['the lab’s owner', 'root'])('the process by which %s runs a command in a node', (who) => {
  test('cannot be looked into or traced by root of the node', async () => {
    using alice = new TestUser(61_009)
    const name = uniqueName('hostile')
    expect(alice.nslab(['up', '-', '--name', name], { input: 'nodes: {h1: {}}' })).toMatchObject({ status: 0 })
    const [{ pid }] = alice.nslab(['inspect', name, '--json']).json().nodes
    const as = ['setpriv', '--reuid', '61009', '--regid', '61009', '--clear-groups']
    const words = [
      ...(who === 'root' ? [] : as),
      ...[join(alice.checkoutPath, 'native-shim/build/nslab-shim'), 'exec', '--pid', String(pid)],
      ...['--start-time', String(startTimeOf(pid)), '--', 'sh', '-c', 'echo ready; exec sleep 100'],
    ]
    const relay = spawn(words[0] as string, words.slice(1), {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SECRET: 'nslab-secret' },
    })
    await once(relay.stdout, 'data')
    const PTRACE_SEIZE = 0x4206
    const script = [
      'id -u',
      ...['environ', 'mem', 'fd', 'cwd', 'root', 'exe', 'maps', 'ns/mnt', 'syscall', 'stack'].map(
        (file) => `(cat $0/${file} || ls $0/${file}/. || readlink $0/${file}) >/dev/null 2>&1 && echo ${file}`,
      ),
      `perl -e 'print "traced\n" if syscall(${process.arch === 'arm64' ? 117 : 101}, ${PTRACE_SEIZE}, ${relay.pid}, 0, 0) == 0'`,
    ].join('; ')
    const attack = ['nsenter', '--user', '--preserve-credentials', '--target', String(pid)]
    const attacker = (target: number | undefined) =>
      spawnSync('setpriv', [...as.slice(1), ...attack, 'sh', '-c', script, `/proc/${target}`], { encoding: 'utf8' })
    expect(attacker(relay.pid).stdout).toBe('0\n')
    // The command itself is root's of the node.
    const [command] = childrenOf(relay.pid as number)
    expect(attacker(command).stdout).toContain('environ\n')
    relay.kill('SIGPWR')
  })
})
