// Attempts that take more than a system call or two: what is done, what is expected, what was found.
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { firstLine, nslab, program } from '../command.mjs'
import { ATTEMPT, NEIGHBOUR, NSLAB, USER } from './setting.mjs'

/**
 * @typedef {object} Scenario
 * @property {string} who
 * @property {string} attempt
 * @property {string} expected
 * @property {(setting: import('./setting.mjs').Setting) => Promise<string | null>} run what is found beside what is expected;
 * null for nothing
 */

/** Longer than anything takes that does not wait for somebody hostile. */
const PATIENCE_MS = 20_000

const statusOf = ({ status, signal, hung }) => (hung ? 'hangs' : (status ?? signal))

/** Runs a command on a terminal of its own, and gives what it prints. */
const onTerminal = async (words, options) => {
  const line = words.map((word) => `'${word}'`).join(' ')
  const { stdout } = await program(['script', '-qec', `${ATTEMPT} terminal; ${line}`, '/dev/null'], options)
  return stdout
}

/** A letter may be pushed into a terminal of the node's own; not into the caller's. */
const typing = (words) => async () => {
  const stdout = await onTerminal([...words, '--', ATTEMPT, 'type'])
  const [own, typed] = stdout.match(/done: [0-9:]+ [0-9]+|\bE[A-Z]{2,}\b/g) ?? []
  if (typed === undefined) return `the attempt says nothing: ${stdout}`
  return typed === own ? `a letter is typed on the caller's terminal ${typed.slice(6)}` : null
}

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  {
    who: "root of a node of root's lab",
    attempt: 'TIOCSTI on the terminal of `nslab exec`',
    expected: 'refused',
    run: typing([...NSLAB, 'exec', 'roots/a']),
  },
  {
    who: "root of a node of root's lab",
    attempt: 'TIOCSTI on the terminal of `nslab exec </dev/null`',
    expected: 'refused',
    run: typing(['sh', '-c', 'exec "$@" < /dev/null', 'sh', ...NSLAB, 'exec', 'roots/a']),
  },
  {
    who: "root of a node of a user's lab",
    attempt: 'TIOCSTI on the terminal of `nslab exec` by root of the machine',
    expected: 'refused',
    run: typing([...NSLAB, 'exec', `${USER}:users/a`]),
  },
  {
    who: "root of a node of a user's lab",
    attempt: 'umount /proc, and look into processes outside while `nslab exec` runs there',
    expected: 'EINVAL EACCES',
    run: async (setting) => {
      await setting.startNslab(['exec', 'users/a', '--', 'sleep', '30'], USER)
      const { stdout } = await setting.user(['exec', 'users/a', '--', ATTEMPT, 'uncover', '/proc', 'outside'])
      return stdout.startsWith('done') ? stdout.trim() : null
    },
  },
  {
    who: "root of a node of a user's lab",
    attempt: 'umount /proc, and look into processes outside while root runs `nslab exec USER:LAB/NODE`',
    expected: 'EINVAL EACCES',
    run: async (setting) => {
      await setting.startNslab(['exec', `${USER}:users/b`, '--', 'sleep', '30'], 0)
      const { stdout } = await setting.user(['exec', 'users/b', '--', ATTEMPT, 'uncover', '/proc', 'outside'])
      return stdout.startsWith('done') ? stdout.trim() : null
    },
  },
  {
    who: "root of a node of root's lab",
    attempt: "forged answers to nslab's netlink sockets while it exports the lab",
    expected: 'the answer is what it is otherwise, or a refusal with 5',
    run: async (setting) => {
      const before = await setting.root(['export', 'roots', '--table', 'addresses', '--format', 'csv'])
      setting.start([...NSLAB, 'exec', 'roots/a', '--', ATTEMPT, 'forge', '12'])
      await setTimeout(2000)
      for (let round = 0; round < 8; round++) {
        const now = await setting.root(['export', 'roots', '--table', 'addresses', '--format', 'csv'], {
          patienceMs: PATIENCE_MS,
        })
        // Root in a node may fill the buffer of any socket there.
        if (now.status !== 5 && (now.status !== 0 || now.stdout !== before.stdout))
          return `export ends with ${statusOf(now)}, ${firstLine(now)}`
      }
      return null
    },
  },
  {
    who: "root of a node of root's lab",
    attempt: 'flock /run, which `nslab exec` into the node waits for',
    expected: 'the command runs, or nslab says what it waits for',
    run: async (setting) => {
      const holder = setting.start([...NSLAB, 'exec', 'roots/b', '--', 'flock', '/run', 'sleep', '60'])
      await setTimeout(2000)
      const waiting = await setting.root(['exec', 'roots/b', '--', 'true'], { patienceMs: 10_000 })
      holder.kill()
      return waiting.hung && waiting.stderr === '' ? 'exec waits without a word' : null
    },
  },
  {
    who: 'another user of the machine',
    attempt: 'nslab down, exec, ping, pause and link of labs that are others’',
    expected: 'the status of what is refused or not there',
    run: async (setting) => {
      const tries = [
        ['down', 'users'],
        ['down', `${USER}:users`],
        ['down', '0:roots'],
        ['exec', `${USER}:users/a`, '--', 'true'],
        ['pause', `${USER}:users`],
        ['ping', `${USER}:users/a`, 'b'],
        ['link', 'down', `${USER}:users/a:eth0`],
        ['link', 'set', 'roots/a:eth0', 'delay=2ms'],
      ]
      for (const words of tries) {
        const outcome = await setting.user(words, { uid: NEIGHBOUR })
        if (![4, 7, 125].includes(outcome.status))
          return `nslab ${words.join(' ')} ends with ${statusOf(outcome)}, ${firstLine(outcome)}`
      }
      return null
    },
  },
  {
    who: 'another user of the machine',
    attempt: 'ip netns exec roots.a true',
    expected: 'refused',
    run: async () => {
      const { status } = await program(['ip', 'netns', 'exec', 'roots.a', 'true'], { uid: NEIGHBOUR })
      return status === 0 ? 'it runs' : null
    },
  },
  {
    who: 'another user of the machine',
    attempt: 'a process with the PID of a keeper that was killed, for which /run/netns has names',
    expected: 'the next command of nslab removes the names',
    run: async (setting) => {
      const up = await setting.root(['up', '/srv/lab.yaml', '--name', 'dies', '--json'])
      const { pid } = JSON.parse(up.stdout).keeper
      process.kill(pid, 'SIGKILL')
      for (let tries = 0; existsSync(`/proc/${pid}`) && tries < 200; tries++) await setTimeout(20)
      await setting.takePid(pid, NEIGHBOUR)
      await setting.root(['ls'])
      return existsSync('/run/netns/dies.a')
        ? `/run/netns/dies.a still leads to ${readlinkSync('/run/netns/dies.a')}, which is a sleep`
        : null
    },
  },
  {
    who: 'a user',
    attempt: 'a stopped `nslab exec` in a lab that is taken down',
    expected: 'down takes the lab down at once',
    run: async (setting) => {
      await setting.user(['up', '/srv/lab.yaml', '--name', 'stopped'])
      const child = await setting.startNslab(['exec', 'stopped/a', '--', 'sleep', '60'], USER)
      const shims = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number)
      for (const pid of [child.pid, ...shims]) process.kill(pid, 'SIGSTOP')
      const down = await setting.user(['down', 'stopped'], { patienceMs: 60_000 })
      for (const pid of [child.pid, ...shims]) process.kill(pid, 'SIGCONT')
      const again = down.status === 0 ? null : await nslab(['down', 'stopped'], { uid: USER })
      return again === null ? null : `down ends with ${statusOf(down)}, ${firstLine(down)}`
    },
  },
]
