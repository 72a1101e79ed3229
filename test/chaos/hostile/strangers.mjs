// What a stranger has written: directories of labs, states, topologies, lines of /etc/subuid.
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { firstLine, program } from '../command.mjs'
import { NEIGHBOUR, NEWCOMER, NSLAB, README, SECRET, SECRET_FILE, USER, WORK, writableBelow } from './setting.mjs'

/** @typedef {import('./scenarios.mjs').Scenario} Scenario */

const PLACE = `/tmp/nslab-${NEWCOMER}`
const LAB = '/srv/lab.yaml'
const NOBODY = 65_534

/** The neighbour was there first: the newcomer's labs are then elsewhere, or nowhere. */
const predicted = (what, make) => ({
  who: 'another user of the machine',
  attempt: `${PLACE.replace(String(NEWCOMER), 'UID')} of a user who has none yet, ${what}`,
  expected: 'no lab of that user is there',
  run: async (setting) => {
    mkdirSync('/tmp/trap', { mode: 0o777 })
    chownSync('/tmp/trap', NEIGHBOUR, NEIGHBOUR)
    make()
    if (lstatSync(PLACE).isSymbolicLink() === false) chownSync(PLACE, NEIGHBOUR, NEIGHBOUR)
    const up = await setting.user(['up', LAB, '--name', 'new'], { uid: NEWCOMER })
    const isTrapped = existsSync('/tmp/trap/new') || (lstatSync(PLACE).isDirectory() && existsSync(`${PLACE}/new`))
    await setting.user(['down', 'new'], { uid: NEWCOMER })
    for (const path of [PLACE, '/tmp/trap']) rmSync(path, { recursive: true, force: true })
    if (isTrapped) return 'the lab is in it'
    return [0, 4].includes(up.status) ? null : `up ends with ${up.status}, ${firstLine(up)}`
  },
})

/** A process whose namespaces are only in part the user's, as the state of a lab. */
const forged = (kinds) => ({
  who: 'a user with a forged state',
  attempt: `root's nslab exec USER:LAB/NODE into a process of which ${kinds} alone is of the user's`,
  expected: 'refused, and no directory of root’s is reachable',
  run: async (setting) => {
    const child = setting.start(
      ['unshare', ...kinds.split(' ').map((kind) => `--${kind}`), '--map-root-user', 'sleep', '60'],
      NEIGHBOUR,
    )
    const process = await identityOf(child.pid)
    const node = { name: 'a', kind: 'host', netnsFd: 3, cgroup: null, ipv4: null, ipv6: null, ...process }
    const state = {
      version: 1,
      lab: 'forged',
      status: 'running',
      rootless: true,
      keeper: process,
      cgroup: null,
      nodes: [node],
      links: [],
    }
    const directory = `/tmp/nslab-${NEIGHBOUR}/forged`
    mkdirSync(directory, { recursive: true, mode: 0o711 })
    writeFileSync(`${directory}/state.json`, JSON.stringify(state))
    writeFileSync(`${directory}/lock`, '')
    for (const path of [`/tmp/nslab-${NEIGHBOUR}`, directory, `${directory}/state.json`, `${directory}/lock`])
      chownSync(path, NEIGHBOUR, NEIGHBOUR)
    const entered = await setting.root(['exec', `${NEIGHBOUR}:forged/a`, '--', 'cat', 'inside'])
    rmSync(`/tmp/nslab-${NEIGHBOUR}`, { recursive: true })
    if (entered.stdout.includes(SECRET)) return `it runs in ${WORK}, which is root's alone`
    return entered.status === 125 ? null : `it ends with ${entered.status}, ${firstLine(entered)}`
  },
})

async function identityOf(pid) {
  // It has executed sleep(1) by then, below its namespaces.
  for (let tries = 0; readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'sleep\n' && tries < 200; tries++)
    await program(['sleep', '0.02'])
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return { pid, startTime: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) }
}

/** A topology of a stranger's, brought up by root who does not trust it. */
const untrusted = (what, text) => ({
  who: 'the author of a topology',
  attempt: `${what}, given to \`nslab up --untrusted\``,
  expected: 'status 3 or 4',
  run: async (setting) => {
    writeFileSync('/tmp/untrusted.yaml', text)
    const up = await setting.root(['up', '/tmp/untrusted.yaml', '--name', 'untrusted', '--untrusted'])
    if (up.status === 0) await setting.root(['down', 'untrusted'])
    return [3, 4].includes(up.status) ? null : `up ends with ${up.status}, ${firstLine(up)}`
  },
})

/** Covers the machine's users and their ranges, for one command: an ordinary user has 1001. */
const WITH_GRANT = `
{ cat /etc/passwd; echo ordinary:x:1001:1001::/:/bin/sh; } > /tmp/passwd
for file in /etc/subuid /etc/subgid; do touch $file; mount --bind /tmp/subid $file; done
mount --bind /tmp/passwd /etc/passwd
exec "$@" up ${LAB} --name granted --json`

/** Root's range in /etc/subuid, as an administrator may have written it by mistake. */
const granted = (lines) => ({
  who: 'a mistake in /etc/subuid',
  attempt: lines.replaceAll('\n', ', '),
  expected: 'refused, or a range without users of the machine',
  run: async (setting) => {
    writeFileSync('/tmp/subid', `${lines}\n`)
    const up = await program(['unshare', '--mount', 'sh', '-c', WITH_GRANT, 'sh', ...NSLAB])
    if (up.status !== 0) return [3, 4].includes(up.status) ? null : `up ends with ${up.status}, ${firstLine(up)}`
    const pid = JSON.parse(up.stdout).nodes[0].pid
    const [, outside, count] = readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/ +/).map(Number)
    await setting.root(['down', 'granted'])
    const users = readFileSync('/tmp/passwd', 'utf8').trim().split('\n')
    const isNode = (user) => user >= outside && user < outside + count && user !== NOBODY
    const victim = users.map((line) => Number(line.split(':')[2])).find(isNode)
    return victim === undefined
      ? null
      : `users of nodes are ${count} from ${outside} on, among them user ${victim} of the machine`
  },
})

/** @type {readonly Scenario[]} */
export const STRANGERS = [
  predicted('made as a directory', () => mkdirSync(PLACE, { mode: 0o777 })),
  predicted('made as a link', () => symlinkSync('/tmp/trap', PLACE)),
  predicted('made as a file', () => writeFileSync(PLACE, '')),
  forged('user'),
  forged('user mount'),
  forged('user mount uts ipc net'),
  {
    who: 'a user with a forged state',
    attempt: 'state.json.new as a link, and root’s nslab link down USER:LAB/NODE',
    expected: 'nothing is written there',
    run: async (setting) => {
      const trap = `${setting.users.directory}/state.json.new`
      symlinkSync('/tmp/written', trap)
      const down = await setting.root(['link', 'down', `${USER}:users/a:eth0`])
      rmSync(trap)
      if (existsSync('/tmp/written')) return 'root writes where the link leads'
      return down.status === 4 ? null : `it ends with ${down.status}, ${firstLine(down)}`
    },
  },
  {
    who: 'the author of a topology',
    attempt: 'include of a file that is root’s alone, validated by root',
    expected: 'nothing of it is printed',
    run: async (setting) => {
      writeFileSync('/tmp/include.yaml', `include: ${SECRET_FILE}\nnodes: { a: {} }\n`)
      const { stdout, stderr } = await setting.root(['validate', '/tmp/include.yaml'])
      return (stdout + stderr).includes(SECRET) ? `the file is printed: ${firstLine({ stdout, stderr })}` : null
    },
  },
  {
    who: 'the author of a topology',
    attempt: 'a file whose source never ends, and SIGTERM',
    expected: 'up is refused, or ends with the signal',
    run: async (setting) => {
      writeFileSync('/tmp/endless.yaml', 'nodes: { a: { files: { /x: { source: /proc/kmsg } } } }\n')
      const child = setting.start([...NSLAB, 'up', '/tmp/endless.yaml'])
      await program(['sleep', '3'])
      child.kill('SIGTERM')
      await program(['sleep', '3'])
      const hangs = child.exitCode === null && child.signalCode === null
      child.kill('SIGKILL')
      return hangs ? 'up still runs three seconds after SIGTERM' : null
    },
  },
  untrusted('a file of the machine’s', `nodes: { a: { files: { /x: { source: /etc/shadow } } } }\n`),
  untrusted('a mount of the machine’s', 'nodes: { a: { mounts: [{ target: /x, source: /etc }] } }\n'),
  untrusted('the users of the machine', 'nodes: { a: { users: { map: host } } }\n'),
  untrusted('a namespace of the machine', 'nodes: { a: { namespaces: { uts: host } } }\n'),
  untrusted(
    'a variable of the environment',
    'vars: { x: { env: NSLAB_CHAOS } }\nnodes: { a: { labels: { x: "${x}" } } }\n',
  ),
  untrusted('a device of the machine', 'nodes: { a: { interfaces: { eth9: { kind: physical, device: lo } } } }\n'),
  granted('root:1001:1\nroot:1000000:65536'),
  granted('root:0:65536'),
  granted('root:1000:65536'),
  granted('root:100000:1000'),
  {
    who: 'root with umask 0',
    attempt: 'files of a lab to which everybody may write',
    expected: 'none',
    run: async (setting) => {
      const up = await program(['sh', '-c', 'umask 0; exec "$@"', 'sh', ...NSLAB, 'up', LAB, '--name', 'open'])
      const open = up.status === 0 ? writableBelow('/run/nslab') : []
      await setting.root(['down', 'open'])
      return open.length > 0 ? open.join(', ') : up.status === 0 ? null : `up ends with ${up.status}, ${firstLine(up)}`
    },
  },
  {
    who: 'another user of the machine',
    attempt: 'names of labs in ps(1)',
    expected: 'not to be seen, or the README says so',
    run: async () => {
      const { stdout } = await program(['ps', '-eo', 'args='], { uid: NEIGHBOUR })
      const isDocumented = /\bps\b/.test(README.replaceAll(/^\|.*$/gm, ''))
      return /^nslab: roots/m.test(stdout) && !isDocumented ? 'they are seen, and the README does not say so' : null
    },
  },
]
