// What each kind of namespace isolates (namespaces(7)), in a lab made by root and in a lab made by a user without any privilege.
// Every test fails if the namespace is the host's or another node's.
import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { constants, hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { parseMounts } from '../../../../src/kernel/proc/mount-table.js'
import { cgroupPlace } from '../../../support/cgroups.js'
import { type Cli, test, uniqueName } from '../../../support/lab.js'
import { isAlive, waitUntilGone } from '../../../support/shim.js'
import { TestUser } from '../../../support/user.js'

const ALICE = 61_006
const HAS_NFT = spawnSync('nft', ['--version']).status === 0
if (!HAS_NFT) console.warn('SKIPPED: nft(8) is not installed, so no test shows that a node has a firewall of its own')

interface RunningLab {
  name: string
  nslab: Cli
  pid: (node: string) => number
  /** Runs a shell script in a node; its output, errors included. */
  sh: (node: string, script: string) => string
}

/** Runs commands as root, or as an unprivileged user. */
function cliOf(who: string, root: Cli): Cli {
  if (who === 'root') return root
  const alice = new TestUser(ALICE)
  onTestFinished(() => alice[Symbol.dispose]())
  return (args, options) => alice.nslab(args, options)
}

function start(nslab: Cli, input: string): RunningLab {
  const name = uniqueName('spaces')
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
  const { nodes } = nslab(['ns', name, '--json']).json()
  return {
    name,
    nslab,
    pid: (node) => nodes.find((each: any) => each.name === node).pid,
    sh: (node, script) => {
      const { stdout, stderr } = nslab(['exec', `${name}/${node}`, '--', 'sh', '-c', script], { cwd: '/' })
      return `${stdout}${stderr}`.trim()
    },
  }
}

const hostSh = (script: string): string => {
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
  return `${stdout}${stderr}`.trim()
}
const perl = (script: string): string => `perl -e '${script}'`
/** Makes a system call in a node, by its number on x86-64 or arm64. @returns errno, or 0 */
const syscall = (lab: RunningLab, node: string, x64: number, arm64: number, args: string, before = ''): number => {
  // perl refuses a constant as an argument of syscall, since the kernel could write to it.
  const call = `${before}; @a = (${args}); $_ = "$_" for grep { !/^[0-9]+$/ } @a;`
  const number = process.arch === 'x64' ? x64 : arm64
  return Number(lab.sh(node, perl(`${call} print syscall(${number}, @a) < 0 ? $! + 0 : 0`)))
}
const TWO = 'nodes: {a: {}, b: {}}'

describe.each(['root', 'an unprivileged user'])('of %s', (who) => {
  test('ipc: System V and POSIX objects of one node are no other’s, and the same key is usable in both', ({
    nslab,
  }) => {
    const lab = start(cliOf(who, nslab), TWO)
    // IPC_CREAT | IPC_EXCL: refused when the key is in use (msgget(2)).
    const key = 0x4e53_0000 + (process.pid % 0xffff)
    const make = perl(
      `printf "%s %s %s", map { defined $_ ? "made" : $!{EEXIST} ? "taken" : $! } msgget(${key}, 03600), semget(${key}, 1, 03600), shmget(${key}, 4096, 03600)`.replace(
        'perl -e',
        'perl -MErrno -e',
      ),
    )
    const count = 'grep -h " *[0-9]" /proc/sysvipc/* | grep -v key | wc -l; ls /dev/mqueue'
    const before = hostSh('cat /proc/sysvipc/*; ls /dev/mqueue')
    expect(lab.sh('a', make)).toBe('made made made')
    expect(lab.sh('a', make)).toBe('taken taken taken')
    lab.sh('a', 'touch /dev/mqueue/box')
    expect(lab.sh('a', count)).toBe('3\nbox')
    expect(lab.sh('b', count)).toBe('0')
    expect(lab.sh('b', make)).toBe('made made made')
    lab.sh('b', perl(`msgsnd(msgget(${key}, 0), pack("l! a*", 1, "letter"), 0) or print "not sent"`))
    const receive = perl(`print msgrcv(msgget(${key}, 0), $text, 64, 0, 04000) ? substr($text, 8) : "nothing"`)
    expect([lab.sh('a', receive), lab.sh('b', receive)]).toEqual(['nothing', 'letter'])
    expect(lab.sh('b', 'touch /dev/mqueue/box && echo made; stat -f -c %T /dev/mqueue')).toBe('made\nmqueue')
    expect(hostSh('cat /proc/sysvipc/*; ls /dev/mqueue')).toBe(before)
  })

  // a ── b
  test('net: devices, addresses, routes and rules of both families, /proc/net and /sys/class/net', ({ nslab }) => {
    const lab = start(cliOf(who, nslab), `${TWO}\nlinks: [[a, b]]`)
    const change = [
      'ip link add only-a type bridge',
      'ip link set only-a up',
      'ip address add 192.0.2.77/24 dev only-a',
      'ip address add 2001:db8:77::1/64 dev only-a nodad',
      'ip route add blackhole 203.0.113.0/24 table 77',
      'ip -6 route add blackhole 2001:db8:78::/64 table 77',
      'ip rule add pref 77 to 203.0.113.0/24 lookup 77',
      'ip -6 rule add pref 77 to 2001:db8:78::/64 lookup 77',
    ]
    expect(lab.sh('a', change.join(' && '))).toBe('')
    const looks: [string, string][] = [
      ['ip -o link', 'only-a'],
      ['ls /sys/class/net', 'only-a'],
      ['cat /proc/net/dev', 'only-a'],
      ['cat /proc/net/if_inet6', '20010db80077'],
      ['ip -o address', '192.0.2.77/24'],
      ['ip -o address', '2001:db8:77::1/64'],
      ['ip route show table all', '203.0.113.0/24'],
      ['ip -6 route show table all', '2001:db8:78::/64'],
      ['ip rule', 'lookup 77'],
      ['ip -6 rule', 'lookup 77'],
    ]
    for (const [command, word] of looks) {
      expect(lab.sh('a', command), command).toContain(word)
      expect(lab.sh('b', command), command).not.toContain(word)
      expect(hostSh(command), command).not.toContain(word)
    }
    expect(lab.sh('a', 'ip route get 203.0.113.1')).toContain('Invalid argument')
  })

  // a ── b
  test.skipIf(!HAS_NFT)('net: a firewall is of one node, and holds there', ({ nslab }) => {
    const lab = start(cliOf(who, nslab), `${TWO}\nlinks: [[a, b]]`)
    const rules =
      'nft "add table inet nslab-test; add chain inet nslab-test in { type filter hook input priority 0; }; add rule inet nslab-test in icmp type echo-request drop"'
    expect(lab.sh('a', rules)).toBe('')
    expect(lab.sh('a', 'nft list ruleset')).toContain('echo-request drop')
    expect(lab.sh('b', 'nft list ruleset')).toBe('')
    expect(hostSh('nft list tables')).not.toContain('nslab-test')
    const ping = (from: string, to: string) => lab.nslab(['ping', `${lab.name}/${from}`, to, '-c', '1', '-4']).status
    expect([ping('a', 'b'), ping('b', 'a')]).toEqual([0, 8])
  })

  test('net: one TCP port listens in two nodes and on the host at once', async ({ nslab }) => {
    const lab = start(cliOf(who, nslab), TWO)
    const server = createServer((socket) => socket.end('host'))
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const serve = (name: string) =>
      `'${process.execPath}' -e 'require("net").createServer((s) => s.end("${name}")).listen(${port})' >/dev/null 2>&1 &`
    const ask = `'${process.execPath}' -e 'require("net").connect(${port}, "127.0.0.1").on("error", (e) => console.log(e.code)).pipe(process.stdout)'`
    for (const node of ['a', 'b']) {
      expect(lab.sh(node, ask)).toBe('ECONNREFUSED')
      lab.sh(node, serve(node))
    }
    for (const node of ['a', 'b']) await expect.poll(() => lab.sh(node, ask)).toBe(node)
    const listening = `ss -Hltn sport = ${port} | wc -l`
    expect([lab.sh('a', listening), lab.sh('b', listening), hostSh(listening)]).toEqual(['1', '1', '1'])
  })

  test('mnt: a tmpfs, a bind mount and a file of one node are not seen by the next, nor by the host', ({ nslab }) => {
    const lab = start(cliOf(who, nslab), TWO)
    const mark = `mark-${lab.name}`
    const before = readFileSync('/proc/self/mountinfo', 'utf8')
    const change = [
      `echo ${mark} > /tmp/${mark}`,
      'mkdir /run/tree && mount -t tmpfs tree /run/tree',
      `echo ${mark} > /run/tree/leaf`,
      // Mounted over a directory that all of them have.
      'mount --bind /run/tree /mnt',
    ]
    expect(lab.sh('a', change.join(' && '))).toBe('')
    expect(lab.sh('a', `cat /tmp/${mark} /run/tree/leaf /mnt/leaf`)).toBe(`${mark}\n${mark}\n${mark}`)
    expect(lab.sh('b', `ls /tmp/${mark} /run/tree /mnt/leaf 2>/dev/null`)).toBe('')
    for (const path of [`/tmp/${mark}`, '/run/tree', '/mnt/leaf']) expect(existsSync(path), path).toBe(false)
    const targets = (node: string) =>
      lab
        .nslab(['mounts', `${lab.name}/${node}`, '--json'])
        .json()
        .mounts.map(({ target }: any) => target)
    expect(targets('a').slice(-2)).toEqual(['/run/tree', '/mnt'])
    expect(targets('b')).not.toContain('/mnt')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before)
  })

  test('pid: PIDs begin at 1 in each node, orphans are reaped, and all ends with PID 1', async ({ nslab }) => {
    const lab = start(cliOf(who, nslab), TWO)
    const orphan = 'sh -c "sleep 4331 > /dev/null 2>&1 & echo \\$!"'
    const [a, b] = [lab.sh('a', orphan), lab.sh('b', orphan)]
    expect(a).toMatch(/^[0-9]{1,2}$/)
    expect(b).toBe(a)
    expect(lab.sh('a', `grep PPid /proc/${a}/status`)).toBe('PPid:\t1')
    const seen = lab.nslab(['ps', '--lab', lab.name, '--json']).json().processes
    const hostPids = (node: string) => seen.filter((each: any) => each.node === node).map((each: any) => each.hostPid)
    const [sleepA, sleepB] = ['a', 'b'].map((node) => hostPids(node)[1])
    expect([hostPids('a').length, hostPids('b').length]).toEqual([2, 2])
    expect(sleepA).not.toBe(sleepB)
    expect(hostPids('a')[0]).toBe(lab.pid('a'))
    expect(lab.sh('a', `kill -0 ${sleepB} 2>&1`)).toContain('No such process')

    lab.sh('a', `kill ${a}`)
    await expect.poll(() => lab.sh('a', `test -e /proc/${a} || echo reaped`)).toBe('reaped')
    lab.sh('a', orphan)
    const [, second] = lab.nslab(['ps', `${lab.name}/a`, '--json']).json().processes
    process.kill(lab.pid('a'), 'SIGKILL')
    await waitUntilGone(second.hostPid)
    // It ends last, after it has reaped the processes that the kernel kills with it.
    await waitUntilGone(lab.pid('a'))
    expect([isAlive(lab.pid('a')), isAlive(lab.pid('b')), isAlive(sleepB)]).toEqual([false, true, true])
  })

  test('user: root inside, nobody outside: every capability over the node, none over the host', ({ nslab }) => {
    const lab = start(cliOf(who, nslab), TWO)
    expect(lab.sh('a', 'id -u; id -g')).toBe('0\n0')
    const outside = Number(/^Uid:\t([0-9]+)/m.exec(readFileSync(`/proc/${lab.pid('a')}/status`, 'utf8'))?.[1])
    if (who === 'root') expect(outside).toBeGreaterThan(0)
    else expect(outside).toBe(ALICE)
    const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'))
    const full = ((1n << BigInt(last + 1)) - 1n).toString(16).padStart(16, '0')
    expect(lab.sh('a', 'grep -E "^Cap(Prm|Eff|Bnd)" /proc/self/status | cut -f 2')).toBe(`${full}\n${full}\n${full}`)
    expect(lab.sh('a', 'hostname changed && hostname && mount -t tmpfs t /mnt && ip link set lo mtu 9000')).toBe(
      'changed',
    )
    for (const other of ['/proc/self/ns/user', `/proc/${lab.pid('b')}/ns/user`]) {
      expect(readlinkSync(`/proc/${lab.pid('a')}/ns/user`)).not.toBe(readlinkSync(other))
    }

    // Root of the host may mount the file system of / from its device; root of a node may not.
    const root = parseMounts(readFileSync('/proc/self/mountinfo', 'utf8')).find(({ target }) => target === '/')
    const [major, minor] = root?.device.split(':') ?? []
    expect(lab.sh('a', `mknod /tmp/disk b ${major} ${minor}`)).toContain('Operation not permitted')
    // mount(2), init_module(2), clock_settime(2)
    const { EPERM, ENOSYS } = constants.errno
    expect(syscall(lab, 'a', 165, 40, '"/dev/root", "/mnt", $type, 0, 0', `$type = "${root?.type}"`)).toBe(EPERM)
    expect(syscall(lab, 'a', 175, 105, '"", 0, ""')).toBe(existsSync('/proc/modules') ? EPERM : ENOSYS)
    expect(syscall(lab, 'a', 227, 112, '0, pack("q q", time, 0)')).toBe(EPERM)
    expect(lab.sh('a', 'date -s "$(date)" 2>&1 >/dev/null')).toContain('Operation not permitted')
    expect(lab.sh('a', 'echo 1 > /proc/sys/kernel/printk')).toMatch(/Permission denied|Read-only/)
  })

  test('user: uid_map and gid_map are as the file has them', ({ nslab }) => {
    // The lab of an unprivileged user has one id: the user's own, which is 0 in the lab's outer user namespace.
    const [outside, count, seen] = who === 'root' ? [200_000, 1000, 200_000] : [0, 1, ALICE]
    const range = `{inside: 0, outside: ${outside}, count: ${count}}`
    const lab = start(cliOf(who, nslab), `nodes: {a: {users: {map: [${range}], groups: [${range}]}}, b: {}}`)
    for (const file of ['uid_map', 'gid_map']) {
      const words = readFileSync(`/proc/${lab.pid('a')}/${file}`, 'utf8')
        .trim()
        .split(/\s+/)
      expect(words, file).toEqual(['0', String(seen), String(count)])
    }
    lab.sh('a', 'touch /tmp/file')
    expect(lab.sh('a', 'stat -c %u:%g /tmp/file')).toBe('0:0')
    expect(execFileSync('stat', ['-c', '%u:%g', `/proc/${lab.pid('a')}/root/tmp/file`], { encoding: 'utf8' })).toBe(
      `${seen}:${seen}\n`,
    )
  })

  test('uts: host and NIS domain name are the file’s, and a node’s own to change', ({ nslab }) => {
    const before = [hostname(), readFileSync('/proc/sys/kernel/domainname', 'utf8')]
    const lab = start(cliOf(who, nslab), 'nodes: {a: {hostname: alpha, domainname: nis.example}, b: {}}')
    const names = 'uname -n; cat /proc/sys/kernel/domainname'
    expect(lab.sh('a', names)).toBe('alpha\nnis.example')
    expect(lab.sh('b', 'uname -n')).toBe('b')
    expect(lab.sh('b', 'cat /proc/sys/kernel/domainname')).not.toBe('nis.example')
    expect(lab.sh('a', 'hostname beta')).toBe('')
    // setdomainname(2)
    expect(syscall(lab, 'a', 171, 162, '"other.example", 13')).toBe(0)
    expect(lab.sh('a', names)).toBe('beta\nother.example')
    expect(lab.sh('b', 'uname -n')).toBe('b')
    expect([hostname(), readFileSync('/proc/sys/kernel/domainname', 'utf8')]).toEqual(before)
  })

  test('cgroup: the host sees the path of a node’s own, the node sees /', ({ nslab, skip }) => {
    const place = cgroupPlace()
    if (place === null) {
      console.warn(`SKIPPED: no cgroup can be made here, so no test shows that nodes of ${who} have their own`)
      return skip()
    }
    if (who !== 'root') delegate(place)
    const lab = start(cliOf(who, nslab), TWO)
    const lines = (text: string) => text.trim().split('\n')
    for (const node of ['a', 'b']) {
      const host = lines(readFileSync(`/proc/${lab.pid(node)}/cgroup`, 'utf8'))
      const own = host.findIndex((line) => line.endsWith(`/${node}.node`))
      expect(host[own], host.join()).toContain(`nslab.${lab.name}.`)
      const inside = lines(lab.sh(node, 'cat /proc/1/cgroup'))
      expect(inside[own]).toMatch(/:\/$/)
      // A command started in the node is in the node's namespace too.
      expect(lines(lab.sh(node, 'cat /proc/self/cgroup'))[own]).toMatch(/:\/$/)
      expect(lab.sh(node, 'readlink /proc/self/ns/cgroup')).toBe(readlinkSync(`/proc/${lab.pid(node)}/ns/cgroup`))
    }
    const inodes = ['self', lab.pid('a'), lab.pid('b')].map((pid) => readlinkSync(`/proc/${pid}/ns/cgroup`))
    expect(new Set(inodes).size).toBe(3)
  })

  test('time: a node is up as long as the file says, and so is every command in it; others keep the host’s', ({
    nslab,
  }) => {
    const lab = start(cliOf(who, nslab), 'nodes: {a: {time: {boottime: +7d, monotonic: 1d}}, b: {}}')
    const uptime = (text: string) => Number(text.split(' ')[0])
    const [early, a, b, late] = [
      uptime(readFileSync('/proc/uptime', 'utf8')),
      uptime(lab.sh('a', 'cat /proc/uptime')),
      uptime(lab.sh('b', 'cat /proc/uptime')),
      uptime(readFileSync('/proc/uptime', 'utf8')),
    ]
    const WEEK = 7 * 86_400
    expect(a - WEEK).toBeGreaterThanOrEqual(early)
    expect(a - WEEK).toBeLessThanOrEqual(late)
    expect(b).toBeGreaterThanOrEqual(early)
    expect(b).toBeLessThanOrEqual(late)
    const offsets = (pid: string) => lab.sh('a', `tr -s " " < /proc/${pid}/timens_offsets`)
    expect([offsets('1'), offsets('self')]).toEqual(Array(2).fill('monotonic 86400 0\nboottime 604800 0'))
    expect(lab.sh('a', 'readlink /proc/self/ns/time')).toBe(readlinkSync(`/proc/${lab.pid('a')}/ns/time`))
    expect(readlinkSync(`/proc/${lab.pid('b')}/ns/time`)).toBe(readlinkSync('/proc/self/ns/time'))
  })
})

/** Makes a cgroup for the user and, for one test, moves this process into it, whose children are the user's commands. */
function delegate(place: string): void {
  const cgroup = join(place, `nslab-test-user.${process.pid}`)
  mkdirSync(cgroup)
  for (const file of ['', 'cgroup.procs', 'cgroup.subtree_control', 'tasks']) {
    if (existsSync(join(cgroup, file))) chownSync(join(cgroup, file), ALICE, ALICE)
  }
  writeFileSync(join(cgroup, 'cgroup.procs'), String(process.pid))
  onTestFinished(() => {
    writeFileSync(join(place, 'cgroup.procs'), String(process.pid))
    rmdirSync(cgroup)
  })
}
