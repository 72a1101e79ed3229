// Runs a module on a "machine" of its own: PID, mount, network, UTS and IPC namespaces, an empty /run, /tmp and /dev/shm, a
// cgroup.
// What the attack leaves there, or does to a process or an interface that it mistakes for another, ends with that machine.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { randomFrom } from './random.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Where the checkout is inside, so that every user can reach it. */
const CHECKOUT = '/tmp/checkout'
const RESULT_FD = 3

const UNSHARE = ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private']

/** Hierarchies in which nslab makes cgroups: of version 2, and that of version 1 which controls nothing. */
const HIERARCHIES = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']

/** The shell is PID 1, and reaps. The checkout may itself be below /tmp. */
const PREPARE = `
set -e
for cgroup in $CGROUPS; do echo 0 > $cgroup/cgroup.procs; done
mount -t proc proc /proc
exec 9< "$1"
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mkdir ${CHECKOUT}
mount --no-canonicalize --bind /proc/self/fd/9 ${CHECKOUT}
exec 9<&-
ip link set lo up
cd ${CHECKOUT}
shift
set +e
"$@"
exit $?
`

/**
 * What the module's `attack({ random, long, about })` returns, run there. It must survive as JSON.
 *
 * @param {string} module path below test/chaos
 * @param {{ random: ReturnType<typeof randomFrom>, long: boolean, about?: string }} options `about` narrows what is attacked
 */
export async function runContained(module, { random, long, about = '' }) {
  const seed = String(random.integer(0, 2 ** 31))
  const program = [
    process.execPath,
    '--expose-gc',
    `${CHECKOUT}/test/chaos/contained.mjs`,
    module,
    seed,
    String(long),
    about,
  ]
  const cgroups = HIERARCHIES.filter((path) => existsSync(join(path, 'cgroup.procs'))).map(makeCgroup)
  const child = spawn('unshare', [...UNSHARE, 'sh', '-c', PREPARE, 'sh', ROOT, ...program], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, CGROUPS: cgroups.join(' ') },
  })
  const chunks = []
  child.stdio[RESULT_FD].on('data', (chunk) => chunks.push(chunk))
  const [status, signal] = await once(child, 'close')
  for (const path of cgroups) await removeCgroup(path)
  const text = Buffer.concat(chunks).toString()
  if (text === '') throw new Error(`${module} ended with ${status ?? signal}, and without a result`)
  return JSON.parse(text)
}

const makeCgroup = (hierarchy) => mkdtempSync(join(hierarchy, 'nslab-chaos-'))

/** With all that labs have left in it. The kernel may still be ending their processes. */
async function removeCgroup(path) {
  for (let tries = 0; existsSync(path) && tries < 100; tries++) {
    spawnSync('find', [path, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'], { stdio: 'ignore' })
    await setTimeout(50)
  }
}

function writeAll(text) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(RESULT_FD, bytes, at)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , module, seed, long, about] = process.argv
  const { attack } = await import(`./${module}`)
  writeAll(JSON.stringify(await attack({ random: randomFrom(seed), long: long === 'true', about })))
  process.exit()
}
