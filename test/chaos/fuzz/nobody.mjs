// Runs a module as root of a user namespace whose ids are nobody's on the machine, below namespaces of its own: whatever a
// mutated spec asks the shim for, it can do no harm.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** A range that no lab and no user has. */
const FIRST = 300_000
const AS_FIRST = ['--reuid', String(FIRST), '--regid', String(FIRST), '--clear-groups']
const UNSHARE = ['--user', '--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child']

/** Waits until it has ids: what is executed then is root. */
const WAIT = 'read go; exec "$@"'
/** The shell is PID 1, and reaps. */
const PREPARE = `
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
ip link set lo up
"$@"
exit $?
`

/**
 * Starts a Node.js program there. Its standard input is at its end.
 *
 * @param {readonly string[]} words of Node.js
 * @param {import('node:child_process').StdioOptions} stdio of descriptors from 1 on
 * @returns {Promise<import('node:child_process').ChildProcess>}
 */
export async function startAsNobody(words, stdio) {
  const program = ['sh', '-c', WAIT, 'sh', 'sh', '-c', PREPARE, 'sh', process.execPath, ...words]
  const child = spawn('setpriv', [...AS_FIRST, 'unshare', ...UNSHARE, ...program], { stdio: ['pipe', ...stdio] })
  await once(child, 'spawn')
  const own = readlinkSync('/proc/self/ns/user')
  for (let tries = 0; readlinkSync(`/proc/${child.pid}/ns/user`) === own; tries++) {
    if (tries > 1000) throw new Error('unshare(1) makes no user namespace')
    await setTimeout(5)
  }
  for (const file of ['uid_map', 'gid_map']) writeFileSync(`/proc/${child.pid}/${file}`, `0 ${FIRST} 65536`)
  child.stdin.end('go\n')
  return child
}
