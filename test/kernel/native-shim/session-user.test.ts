// Who may ask the keeper of a lab that runs: its owner, as root of the lab's outer user namespace, and nobody from a node.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTimeOf } from '../../../src/lab/who/process-identity.js'
import { type Cli, runCli, uniqueName } from '../../support/lab.js'
import { isAlive, namespace, SHIM } from '../../support/shim.js'
import { TestUser, userWithRange } from '../../support/user.js'

const OWNERS: [string, () => TestUser | null][] = [
  ['a user with one id', () => new TestUser(61_101)],
  ['a user with a range of ids', userWithRange],
]

/** Opens a session, makes a node on it or gives one a new process, changes it inside, and commits. Prints what spawn reports. */
const CLIENT = `
const { spawnSync } = require('node:child_process')
const { readSync, writeSync } = require('node:fs')
const [checkout, shim, keeper, started, spec, update] = process.argv.slice(2)
const koffi = require(checkout + '/node_modules/koffi')
const pair = Buffer.alloc(8)
koffi.load('libc.so.6').func('int socketpair(int, int, int, void *)')(1, 5 | 0o2000000, 0, pair)
const [own, theirs] = [pair.readInt32LE(0), pair.readInt32LE(4)]
const run = (verb, words, fds) => {
  const args = [verb, '--report', '3', '--keeper', keeper, '--start-time', started, ...(fds.length ? ['--creator', '4'] : [])]
  const input = words.map((word) => word + '\\0').join('')
  const result = spawnSync(shim, args, { input, stdio: ['pipe', 'inherit', 'inherit', 'pipe', ...fds], encoding: 'utf8' })
  process.stdout.write(result.output[3])
  return result
}
const answer = () => { const text = Buffer.alloc(99); return text.toString('latin1', 0, readSync(own, text)) }
run('session', [], [theirs])
if (answer() !== 'session') throw new Error('no session')
run('spawn', JSON.parse(spec), [own])
writeSync(own, 'commit')
if (answer() !== 'committed') throw new Error('not committed')
`

describe.each(OWNERS)('in the lab of %s', (_, owner) => {
  const start = (input: string) => {
    const user = owner()
    if (!user) return null
    onTestFinished(() => user[Symbol.dispose]())
    const name = uniqueName('shim')
    expect(user.nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
    const state = JSON.parse(user.run(['cat', join(user.directory, 'labs', name, 'state.json')]).stdout)
    return { user, name, state }
  }

  test('the owner adds nodes, and starts a node anew', ({ skip }) => {
    const lab = start('nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]\n')
    if (!lab) return skip()
    const { user, name, state } = lab
    const client = join(user.directory, 'client.cjs')
    writeFileSync(client, CLIENT)
    const shim = join(user.checkoutPath, 'native-shim/build/nslab-shim')
    const keeper = [String(state.keeper.pid), String(state.keeper.startTime)] as const
    const [h1] = state.nodes
    process.kill(h1.pid, 'SIGKILL')
    const maps = ['setgroups', 'deny', 'uidmap', '0 0 1', 'gidmap', '0 0 1']
    const spec = ['node', 'h1', 'hostname', 'h1', ...maps.slice(0, 2), 'keep', String(h1.netnsFd), 'end']
    const added = ['node', 'h3', 'hostname', 'h3', ...maps, 'end']
    const program = [process.execPath, client, user.checkoutPath, shim, ...keeper, JSON.stringify([...spec, ...added])]
    const result = user.run([shim, 'rootless', '--pid', keeper[0], '--start-time', keeper[1], '--', ...program])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    const reports = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const pidOf = (which: string) => reports.find(({ node }) => node?.name === which).node.pid as number
    expect(namespace(pidOf('h1'), 'net')).toBe(`net:[${h1.netnsInode}]`)
    expect(namespace(pidOf('h1'), 'user')).not.toBe(namespace(state.keeper.pid, 'user'))
    expect([pidOf('h1'), pidOf('h3')].map(isAlive)).toEqual([true, true])
    expect(user.nslab(['down', name])).toMatchObject({ status: 0 })
    expect([pidOf('h1'), pidOf('h3')].map(isAlive)).toEqual([false, false])
  })
})

// The attacker is root of a node who has got sight of the machine's /proc, and so of the keeper's PID.
describe.each([['root', null], ...OWNERS] as [string, (() => TestUser | null) | null][])(
  'of a lab of %s',
  (_, owner) => {
    test('root of a node cannot take the keeper’s socket', ({ skip }) => {
      const user = owner?.() ?? null
      if (owner && !user) return skip()
      const name = uniqueName('shim')
      const nslab: Cli = user ? (args, options) => user.nslab(args, options) : runCli
      onTestFinished(() => {
        nslab(['down', name])
        user?.[Symbol.dispose]()
      })
      expect(nslab(['up', '-', '--name', name], { input: 'nodes: {h1: {}}' })).toMatchObject({ status: 0 })
      const [{ pid }] = nslab(['inspect', name, '--json']).json().nodes
      const keeper = Number(
        /^PPid:\t([0-9]+)/m.exec(spawnSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }).stdout)?.[1],
      )
      const as = user ? ['setpriv', '--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'] : []
      // pidfd_open(2) and pidfd_getfd(2) have the same numbers everywhere.
      const script = `my $fd = syscall(434, ${keeper}, 0); die "open: $!" if $fd < 0; print syscall(438, $fd, 4, 0) < 0 ? "refused: $!" : "taken"`
      const enter = ['nsenter', '--user', '--target', String(pid), ...(user ? ['--preserve-credentials'] : [])]
      const attack = (words: string[]) => {
        const [program = '', ...rest] = [...as, ...words, 'perl', '-e', script]
        return spawnSync(program, rest, { encoding: 'utf8' }).stdout
      }
      expect(attack(enter)).toBe('refused: Operation not permitted')
      // The owner can, as root of the lab's outer user namespace.
      const { pid: owned, startTime } = { pid: String(keeper), startTime: String(startTimeOf(keeper)) }
      expect(attack(user ? [SHIM, 'rootless', '--pid', owned, '--start-time', startTime, '--'] : [])).toBe('taken')
    })
  },
)
