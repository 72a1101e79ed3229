// What root of a node cannot do to the commands that are run in its node, and to those who run them.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { startTimeOf } from '../../../src/lab/who/process-identity.js'
import { type Cli, runCli, uniqueName } from '../../support/lab.js'
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

// Root of a node may unmount what the node has mounted. What comes to light must not be the machine's.
describe.each(['root', 'an ordinary user'])('in a lab of %s', (who) => {
  const FILES = ['/run', '/tmp', '/dev/shm'].map((directory) => `${directory}/nslab-secret-${process.pid}`)

  const start = (): { nslab: Cli; name: string } => {
    for (const file of FILES) writeFileSync(file, '')
    const alice = new TestUser(61_010)
    const state = mkdtempSync(join(tmpdir(), 'nslab-test-'))
    const nslab: Cli =
      who === 'root'
        ? (args, options) => runCli(args, { ...options, env: { NSLAB_STATE_DIR: state } })
        : (args, options) => alice.nslab(args, options)
    onTestFinished(() => {
      nslab(['down', '--all'])
      alice[Symbol.dispose]()
      for (const path of [...FILES, state]) rmSync(path, { recursive: true })
    })
    const name = uniqueName('hostile')
    expect(nslab(['up', '-', '--name', name], { input: 'nodes: {h1: {}}' })).toMatchObject({ status: 0 })
    return { nslab, name }
  }

  const UMOUNT2 = process.arch === 'arm64' ? 39 : 166
  /** umount(8) needs /proc, which is gone after the first. */
  const unmount = (paths: string[]) =>
    `perl -e 'for my $p (qw(${paths.join(' ')})) { syscall(${UMOUNT2}, my $n = $p, 2) == 0 or print "$p: $!\\n" }'`

  test.each([
    ['its mounts', '', ''],
    ['a copy of its mounts', 'mkdir /tmp/m && mount --rbind / /tmp/m', '/tmp/m'],
    ['its mounts in a mount namespace of its own', 'unshare --mount', ''],
    ['its mounts as root of a user namespace of its own', 'unshare --user --map-root-user --mount', ''],
  ])('root of a node that unmounts %s sees nothing of the machine’s', (_, prepare, root) => {
    const { nslab, name } = start()
    const paths = ['/proc', '/run', '/dev', '/tmp'].map((each) => root + each)
    const attack = [
      ...[unmount(paths), unmount(paths)],
      `cd ${root || '/'}; echo "run: $(ls -A run)"; echo "tmp: $(ls -A tmp)"; echo "dev:" $(ls -A dev dev/net)`,
      'echo processes: $(ls proc | grep "^[0-9]"); ls proc/version',
      'for d in run tmp dev; do touch $d/x && echo wrote $d; done',
    ].join('\n')
    const script = prepare.startsWith('unshare')
      ? `exec ${prepare} sh -c '${attack.replaceAll("'", `'\\''`)}'`
      : `${prepare}\n${attack}`
    const { stdout } = nslab(['exec', `${name}/h1`, '--', 'sh', '-c', script])
    const uncovered = stdout.split('\n').filter((line) => !line.endsWith(': Invalid argument'))
    if (!prepare.includes('--user')) {
      const devices = expect.stringMatching(/^dev: dev: full net null random tty urandom zero dev\/net:( tun)?$/)
      expect(uncovered).toEqual(['run: ', 'tmp: ', devices, 'processes:', 'proc/version', ''])
    } else {
      // There, the kernel keeps all mounts of the node itself in place.
      expect(uncovered[0]).toBe('run: ')
      expect(uncovered[3]).toMatch(/^processes: 1( [0-9]{1,2})*$/)
      expect(stdout).not.toContain('nslab-secret')
    }
  })
})
