// `namespaces`, `users` and `time` of the topology file, each read back from the kernel.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'

const KINDS = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time']

interface RunningLab {
  name: string
  pids: Record<string, number>
  /** A node's namespace as the kernel names it, with its inode number. */
  ns: (node: string, kind: string) => string
  /** Runs a shell script in a node; its output, or its failure. */
  sh: (node: string, script: string) => string
  /** Standard error of `up`. */
  warnings: string
}

function start(nslab: Cli, input: string): RunningLab {
  const name = uniqueName('choice')
  const up = nslab(['up', '-', '--name', name], { input })
  expect(up).toMatchObject({ status: 0 })
  const { nodes } = nslab(['inspect', name, '--json']).json()
  const pids = Object.fromEntries(nodes.map((node: any) => [node.name, node.pid]))
  return {
    name,
    pids,
    ns: (node, kind) => readlinkSync(`/proc/${pids[node]}/ns/${kind}`),
    sh: (node, script) => {
      const { status, stdout, stderr } = nslab(['exec', `${name}/${node}`, '--', 'sh', '-c', script], { cwd: '/' })
      return status === 0 ? stdout.trim() : `${status}: ${stdout}${stderr}`.trim()
    },
    warnings: up.stderr,
  }
}

const hostNs = (kind: string) => readlinkSync(`/proc/self/ns/${kind}`)

test('each kind is own, shared or the host’s as the file says, for a node’s PID 1 and for commands in it', ({
  nslab,
}) => {
  const all = 'user: shared, pid: shared, mnt: shared, uts: shared, ipc: shared, net: shared'
  const lab = start(
    nslab,
    `nodes:
  own: { namespaces: { time: own } }
  host: { namespaces: { user: host, uts: host, ipc: host, cgroup: host, time: host } }
  one: { namespaces: { uts: shared, ipc: shared, cgroup: shared, time: shared } }
  two: { namespaces: { ${all}, cgroup: shared, time: shared } }
  three: { namespaces: { ${all} } }
  plain: {}`,
  )
  const expected: Record<string, string> = {
    user: 'own:A host:host one:B two:C three:C plain:D',
    pid: 'own:A host:B one:C two:D three:D plain:E',
    mnt: 'own:A host:B one:C two:D three:D plain:E',
    net: 'own:A host:B one:C two:D three:D plain:E',
    uts: 'own:A host:host one:B two:B three:B plain:C',
    ipc: 'own:A host:host one:B two:B three:B plain:C',
    cgroup: 'own:A host:host one:B two:B three:C plain:D',
    time: 'own:A host:host one:B two:B three:host plain:host',
  }
  for (const kind of KINDS) {
    const letters = new Map([[hostNs(kind), 'host']])
    const seen = Object.keys(lab.pids).map((node) => {
      const inode = lab.ns(node, kind)
      if (!letters.has(inode)) letters.set(inode, 'ABCDE'[letters.size - 1] as string)
      return `${node}:${letters.get(inode)}`
    })
    expect(seen.join(' '), kind).toBe(expected[kind])
  }
  for (const node of Object.keys(lab.pids)) {
    const inside = lab.sh(node, `cd /proc/self/ns && for kind in ${KINDS.join(' ')}; do readlink $kind; done`)
    expect(inside.split('\n'), node).toEqual(KINDS.map((kind) => lab.ns(node, kind)))
  }
})

test('a shared host name is one, root may change it only where it is root of its owner, and the host keeps its own', ({
  nslab,
}) => {
  const before = hostname()
  const lab = start(
    nslab,
    `nodes:
  a: { namespaces: { user: shared, uts: shared }, domainname: nis.example }
  b: { namespaces: { user: shared, uts: shared }, hostname: both }
  h: { namespaces: { uts: host } }`,
  )
  for (const node of ['a', 'b']) {
    expect(lab.sh(node, 'hostname; cat /etc/hostname /proc/sys/kernel/domainname')).toBe('both\nboth\nnis.example')
  }
  lab.sh('a', 'hostname changed')
  expect(lab.sh('b', 'hostname')).toBe('changed')
  expect(lab.sh('h', 'hostname')).toBe(before)
  expect(lab.sh('h', 'cat /etc/hostname')).toBe(readFileSync('/etc/hostname', 'utf8').trim())
  expect(lab.sh('h', 'hostname intruder')).not.toBe('')
  expect(hostname()).toBe(before)

  const apart = start(nslab, 'nodes: {a: {namespaces: {uts: shared}}, b: {namespaces: {uts: shared}}}')
  expect(apart.sh('a', 'hostname')).toBe(apart.name)
  expect(apart.sh('b', 'hostname changed')).not.toBe('')
  expect(apart.sh('a', 'hostname')).toBe(apart.name)
})

test.for(['user: shared, ', ''])(
  'a shared IPC namespace (%sipc: shared) has one of each key, and one /dev/shm',
  (user, { nslab }) => {
    const shares = `{namespaces: {${user}ipc: shared}}`
    const lab = start(nslab, `nodes: {a: ${shares}, b: ${shares}, c: {}}`)
    lab.sh('a', 'ipcmk -Q -p 0666; ipcmk -M 4096 -p 0666; ipcmk -S 1 -p 0666; echo letter > /dev/shm/box')
    const count = (node: string) => lab.sh(node, 'ipcs | grep -c ^0x || true')
    expect([count('a'), count('b'), count('c')]).toEqual(['3', '3', '0'])
    expect(lab.sh('b', 'cat /dev/shm/box')).toBe('letter')
    expect(lab.sh('c', 'ls /dev/shm')).toBe('')
    expect(existsSync('/dev/shm/box')).toBe(false)
    // The file system of message queues can only be mounted by the owner of the IPC namespace.
    expect(lab.sh('b', 'stat -f -c %T /dev/mqueue || echo none')).toContain(user === '' ? 'none' : 'mqueue')
  },
)

test('ipc: host has the host’s objects and its /dev/shm', ({ nslab }) => {
  const lab = start(nslab, 'nodes: {a: {namespaces: {ipc: host}}, b: {}}')
  const id = /([0-9]+)\s*$/.exec(execFileSync('ipcmk', ['-Q'], { encoding: 'utf8' }))?.[1] as string
  onTestFinished(() => void execFileSync('ipcrm', ['-q', id]))
  const key = execFileSync('ipcs', ['-q', '-i', id], { encoding: 'utf8' })
  expect(key).toContain('msqid')
  expect(lab.sh('a', `grep -c " ${id} " /proc/sysvipc/msg`)).toBe('1')
  expect(lab.sh('b', `grep -c " ${id} " /proc/sysvipc/msg || true`)).toBe('0')
  const file = `/dev/shm/${lab.name}`
  writeFileSync(file, 'host\n')
  onTestFinished(() => rmSync(file))
  expect(lab.sh('a', `cat ${file}`)).toBe('host')
})

test('nodes that share a PID namespace see each other’s processes, and end with the first of them', async ({
  nslab,
}) => {
  const shares = '{namespaces: {user: shared, pid: shared}}'
  const lab = start(nslab, `nodes: {a: ${shares}, b: ${shares}, c: {}}`)
  lab.sh('a', 'sleep 1234 > /dev/null 2>&1 &')
  const sleeps = (node: string) => lab.sh(node, 'grep -lx sleep /proc/[0-9]*/comm | wc -l')
  expect([sleeps('a'), sleeps('b'), sleeps('c')]).toEqual(['1', '1', '0'])
  expect(lab.sh('b', 'cat /proc/1/cmdline')).toContain(`nslab: ${lab.name}/a`)
  // SIGTERM reaches each of them once, and they do not pass it on to each other for ever.
  process.kill(lab.pids.a as number, 'SIGTERM')
  await setTimeout(100)
  expect(sleeps('b')).toBe('0')
  const ticks = () => readFileSync(`/proc/${lab.pids.b}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).join()
  const before = ticks()
  await setTimeout(200)
  expect(ticks()).toBe(before)
  process.kill(lab.pids.a as number, 'SIGKILL')
  await setTimeout(100)
  expect(existsSync(`/proc/${lab.pids.b}`)).toBe(false)
  expect(lab.sh('c', 'echo alive')).toBe('alive')
})

// client ── wired   (guest: in wired's network)
test('a guest in a network can be reached by its name, and configure the network', ({ nslab }) => {
  const shares = '{namespaces: {user: shared, net: shared}}'
  const lab = start(nslab, `nodes: {guest: ${shares}, client: {}, wired: ${shares}}\nlinks: [[client, wired]]`)
  for (const family of ['-4', '-6']) {
    expect(nslab(['ping', `${lab.name}/client`, 'guest', '-c', '1', family])).toMatchObject({ status: 0 })
  }
  expect(lab.sh('guest', 'ls /sys/class/net')).toBe('eth0\nlo')
  lab.sh('guest', 'ip address add 192.0.2.1/24 dev eth0')
  expect(lab.sh('wired', 'ip -br address')).toContain('192.0.2.1/24')
  expect(lab.sh('client', 'getent hosts guest | cut -d" " -f1')).toBe(
    lab.sh('client', 'getent hosts wired | cut -d" " -f1'),
  )
})

test('nodes that share their mounts have one /tmp and one /proc', ({ nslab }) => {
  const shared = 'user: shared, pid: shared, mnt: shared, uts: shared, ipc: shared, net: shared'
  const lab = start(nslab, `nodes: {a: {namespaces: {${shared}}}, b: {namespaces: {${shared}}}, c: {}}`)
  lab.sh('a', 'echo letter > /tmp/box; mkdir /run/tree; mount -t tmpfs tree /run/tree; touch /run/tree/leaf')
  expect(lab.sh('b', 'cat /tmp/box; ls /run/tree')).toBe('letter\nleaf')
  expect(lab.sh('c', 'ls /tmp /run')).not.toMatch(/box|tree/)
  expect(existsSync('/tmp/box') || existsSync('/run/tree')).toBe(false)
  expect(lab.sh('b', 'readlink /proc/self | grep -c "^[0-9]*$"; cat /proc/1/cmdline')).toContain(
    `1\nnslab: ${lab.name}/a`,
  )
})

test('users are mapped as written, and groups apart from them', ({ nslab }) => {
  const lab = start(
    nslab,
    `nodes:
  a:
    users:
      map: [{inside: 0, outside: 200000, count: 1000}, {inside: 5000, outside: 300000, count: 2}]
      groups: [{inside: 0, outside: 400000, count: 7}]
  b: { users: { map: [{inside: 0, outside: 500000, count: 1}] } }
  c: {}`,
  )
  const map = (node: string, kind: string) =>
    readFileSync(`/proc/${lab.pids[node]}/${kind}_map`, 'utf8')
      .split('\n')
      .map((l) => l.trim().replace(/ +/g, ' '))
      .join('\n')
      .trim()
  expect(map('a', 'uid')).toBe('0 200000 1000\n5000 300000 2')
  expect(map('a', 'gid')).toBe('0 400000 7')
  expect([map('b', 'uid'), map('b', 'gid')]).toEqual(['0 500000 1', '0 500000 1'])
  expect(map('c', 'uid')).not.toContain('00000 1000\n')
  const status = readFileSync(`/proc/${lab.pids.a}/status`, 'utf8')
  expect(status).toMatch(/^Uid:\t200000\t200000\t200000\t200000$/m)
  expect(status).toMatch(/^Gid:\t400000\t400000\t400000\t400000$/m)
  expect(lab.sh('a', 'setpriv --reuid 5001 --clear-groups id -u')).toBe('5001')
  expect(lab.sh('b', 'setpriv --reuid 1 id -u')).toContain('setresuid failed: Invalid argument')
})

test('map: host and user: host are warned of, and let root be root', ({ nslab }) => {
  const lab = start(nslab, 'nodes: {a: {users: {map: host}}, b: {namespaces: {user: host}}, c: {}}')
  expect(lab.warnings).toMatch(/root in a is not confined.*\n.*root in b is not confined/)
  expect(lab.warnings).not.toContain('root in c')
  expect(readFileSync(`/proc/${lab.pids.a}/uid_map`, 'utf8')).toBe(readFileSync('/proc/self/uid_map', 'utf8'))
  for (const node of ['a', 'b']) expect(lab.sh(node, 'head -c 5 /etc/shadow | wc -c'), node).toBe('5')
  expect(lab.sh('c', 'head -c 5 /etc/shadow 2>/dev/null | wc -c')).toBe('0')
})

test('below another user namespace, maps are relative to that, and what it does not have is refused', ({
  stateDirectory,
}) => {
  // Root of a user namespace with one id, as in a rootless lab.
  const inside = (input: string, then = 'true') => {
    const script = `node=$1 run=$2; "$node" "$run" up - --name below >&2 || exit $?; ${then}; "$node" "$run" down >&2`
    const args = ['-Urmnu', 'sh', '-c', script, 'sh', process.execPath, join(ROOT, 'bin/run.js')]
    const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
    return spawnSync('unshare', args, { input, encoding: 'utf8', env, cwd: '/' })
  }
  const refused = inside('nodes: {a: {users: {map: [{inside: 0, outside: 1000, count: 10}]}}}')
  expect(refused.status).toBe(4)
  expect(refused.stderr).toContain('a maps uids 1000–1009, which do not exist in the user namespace of nslab')
  expect(refused.stderr).toContain('it has uids 0–0')
  const shows = '"$node" "$run" exec below/a -- cat /proc/self/uid_map; "$node" "$run" exec below/b -- id -u'
  const host = inside('nodes: {a: {users: {map: host}}, b: {namespaces: {user: host, ipc: shared}}}', shows)
  expect(host.stdout.trim().split(/\s+/)).toEqual(['0', '0', '1', '0'])
})

test('clocks are moved for a node’s PID 1 and every command in it, exactly, and for nobody else', ({ nslab }) => {
  const lab = start(
    nslab,
    `nodes:
  a: { time: { boottime: +7d, monotonic: 1d12h0.000000001s } }
  b: { namespaces: { time: shared } }
  c: { time: { boottime: 1h }, namespaces: { time: shared } }
  d: { namespaces: { time: own } }
  e: {}`,
  )
  const offsets = (node: string) =>
    readFileSync(`/proc/${lab.pids[node]}/timens_offsets`, 'utf8').trim().split(/\s+/).join(' ')
  expect(offsets('a')).toBe('monotonic 129600 1 boottime 604800 0')
  expect(offsets('b')).toBe('monotonic 0 0 boottime 3600 0')
  expect(offsets('c')).toBe('monotonic 0 0 boottime 3600 0')
  expect(offsets('d')).toBe('monotonic 0 0 boottime 0 0')
  expect(lab.ns('e', 'time')).toBe(hostNs('time'))
  expect(lab.ns('d', 'time')).not.toBe(hostNs('time'))
  const uptime = (text: string) => Number(text.split(' ')[0])
  for (const [node, ahead] of Object.entries({ a: 604_800, b: 3600, c: 3600, d: 0, e: 0 })) {
    const [before, inside, after] = [
      readFileSync('/proc/uptime', 'utf8'),
      lab.sh(node, 'cat /proc/uptime'),
      readFileSync('/proc/uptime', 'utf8'),
    ].map(uptime) as [number, number, number]
    // /proc/uptime has two decimals, not rounded.
    expect(inside - ahead, node).toBeGreaterThanOrEqual(before - 0.02)
    expect(inside - ahead, node).toBeLessThanOrEqual(after + 0.02)
  }
  const monotonic = (node: string) =>
    BigInt(lab.sh(node, `'${process.execPath}' -p 'process.hrtime.bigint()'`).replace('n', ''))
  const [before, moved, after] = [process.hrtime.bigint(), monotonic('a'), process.hrtime.bigint()]
  expect(moved - 129_600_000_000_001n).toBeGreaterThan(before)
  expect(moved - 129_600_000_000_001n).toBeLessThan(after)
  // The age of a process comes from the same clock.
  expect(lab.sh('a', 'ps -o etimes= -p 1').trim()).toMatch(/^[0-9]{1,2}$/)
})

test('an offset that would take a clock below zero is refused with the reason, and nothing is left', ({ nslab }) => {
  const up = nslab(['up', '-', '--name', uniqueName('choice')], { input: 'nodes: {a: {time: {boottime: -40000d}}}' })
  expect(up.status).toBe(5)
  expect(up.stderr).toContain('cannot set the time offset (a: boottime -3456000000 0): ERANGE')
  expect(up.stderr).toContain('no clock can be moved to before zero')
  expect(nslab(['ls', '--json']).json().labs).toEqual([])
})

// Files that stand for those in /etc of the machine, so that a test depends on no user of it.
function beside(files: Record<string, string>, directory: string) {
  const mounts = Object.entries(files).map(([path, text]) => {
    const source = join(directory, path.replaceAll('/', '-'))
    writeFileSync(source, text)
    return `mount --bind '${source}' ${path}`
  })
  const script = ['mount --make-rprivate /', ...mounts, 'exec "$@"'].join(' && ')
  return (...args: string[]) =>
    spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', process.execPath, join(ROOT, 'bin/run.js'), ...args], {
      input: 'nodes: {a: {}}',
      encoding: 'utf8',
      env: { ...process.env, NSLAB_STATE_DIR: directory },
    })
}

test.for([
  ['alice:100000:65536\n', 2_130_706_432],
  ['alice:2130706432:65536\n', 2_130_771_968],
] as const)(
  'beside the grant %j, root’s nodes have ids that nobody else gets',
  ([grants, first], { stateDirectory }) => {
    const nslab = beside({ '/etc/subuid': grants, '/etc/subgid': grants }, stateDirectory)
    const name = uniqueName('choice')
    expect(nslab('up', '-', '--name', name)).toMatchObject({ status: 0 })
    const { pid } = JSON.parse(nslab('inspect', name, '--json').stdout).nodes[0]
    for (const kind of ['uid', 'gid']) {
      expect(readFileSync(`/proc/${pid}/${kind}_map`, 'utf8').trim().split(/\s+/)).toEqual([
        '0',
        String(first),
        '65536',
      ])
    }
    const { stdout } = nslab('doctor', '--json')
    expect(stdout).toContain(
      `uids ${first} to ${first + 65_535}, gids ${first} to ${first + 65_535}, which nobody else gets`,
    )
  },
)

// Each row: /etc/subuid and /etc/subgid, the uid map of a node, and the lines that `doctor` names as not used.
test.for([
  ['root:1:1\nroot:1000000:65536\n', [['0', '1000000', '65536']], ['root:1:1 contains 1, the id of user']],
  ['root:0:65536\n', [['0', '2130706432', '65536']], ['root:0:65536 contains 0, the id of user root']],
  ['root:500000:10\nroot:1000000:65536\n', [['0', '1000000', '65536']], []],
  [
    'root:500000:40000\nroot:600000:40000\n',
    [
      ['0', '500000', '40000'],
      ['40000', '600000', '25536'],
    ],
    [],
  ],
  ['root:500000:10\n', [['0', '2130706432', '65536']], ['500000:10 has fewer than 65536 ids']],
] as const)(
  'with %j, root’s nodes have no id of a user of the machine',
  ([grants, map, unused], { stateDirectory }) => {
    const nslab = beside({ '/etc/subuid': grants, '/etc/subgid': grants }, stateDirectory)
    const name = uniqueName('choice')
    expect(nslab('up', '-', '--name', name)).toMatchObject({ status: 0 })
    const { pid } = JSON.parse(nslab('inspect', name, '--json').stdout).nodes[0]
    const lines = readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split('\n')
    expect(lines.map((line) => line.trim().split(/\s+/))).toEqual(map)
    const { detail } = JSON.parse(nslab('doctor', '--json').stdout).checks.find((check: any) => check.name === 'subids')
    for (const text of unused) expect(detail).toContain(text)
    if (unused.length === 0) expect(detail).not.toContain('not used')
  },
)
