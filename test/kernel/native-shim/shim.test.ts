// The native helper, verb by verb, against real namespaces; what it did is read back from the kernel.
// Run it on the checked build too: npm run test:asan.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import {
  cmdline,
  IS_ASAN,
  isAlive,
  namespace,
  node,
  runVerb,
  SHIM,
  ShimLab,
  waitUntilGone,
  words,
} from '../../support/shim.js'

const KINDS = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup']

const labs: ShimLab[] = []
const startLab = async (...nodes: (string | Buffer)[][]): Promise<ShimLab> => {
  const lab = await ShimLab.start()
  labs.push(lab)
  if (nodes.length > 0) expect(await lab.spawn(...nodes)).toMatchObject({ status: 0, stderr: '' })
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

const openFds = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`)
    .sort((a, b) => Number(a) - Number(b))
    .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\[[0-9]+\]/, ''))

const startTime = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19])

describe('lab', () => {
  test('the keeper is what was reported: its title, its lock, its own namespaces and session', async () => {
    const lab = await startLab()
    const { pid } = lab.keeper
    expect(lab.keeper.startTime).toBe(startTime(pid))
    expect(cmdline(pid)).toBe('nslab: shimtest')
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('nslab: shimtest\n')
    expect(namespace(pid, 'pid')).not.toBe(namespace('self', 'pid'))
    expect(namespace(pid, 'mnt')).not.toBe(namespace('self', 'mnt'))
    expect(namespace(pid, 'net')).toBe(namespace('self', 'net'))
    const lock = join(lab.directory, 'lock')
    expect(openFds(pid)).toEqual([...Array(3).fill('/dev/null'), ...['socket:', 'socket:'], 'socket:', lock])
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('PATH=')
    expect(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).not.toMatch(/shared:|master:/)
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max open files +([0-9]+) +\1 /m)
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3]).toBe(String(pid)) // session
  })

  test('the keeper and every node end with their creator, until it commits', async () => {
    const lab = await startLab(node('h1'), node('h2'))
    const pids = [lab.keeper.pid, ...[...lab.nodes.values()].map((each) => each.pid)]
    expect(pids.map(isAlive)).toEqual([true, true, true])
    await lab.close()
    labs.length = 0
    expect(pids.map(isAlive)).toEqual([false, false, false])
  })

  test('a committed keeper outlives its creator, and SIGTERM ends it and its nodes', async () => {
    const lab = await startLab(node('h1'))
    const answer = Buffer.alloc(16)
    writeSync(lab.creatorFd, 'commit')
    expect(answer.toString('latin1', 0, readSync(lab.creatorFd, answer))).toBe('committed')
    await setTimeout(50)
    expect(isAlive(lab.keeper.pid)).toBe(true)
    process.kill(lab.keeper.pid, 'SIGTERM')
    await waitUntilGone(lab.keeper.pid)
    expect(isAlive(lab.node('h1').pid)).toBe(false)
  })

  test('"release" ends an uncommitted lab', async () => {
    const lab = await startLab(node('h1'))
    writeSync(lab.creatorFd, 'release')
    await waitUntilGone(lab.keeper.pid)
    expect(isAlive(lab.node('h1').pid)).toBe(false)
  })

  test('the lock is held as long as the keeper lives', async () => {
    const lab = await startLab()
    const file = join(lab.directory, 'lock')
    execFileSync('flock', ['--exclusive', '--nonblock', '4'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ignore', lab.lockFd],
    })
    closeSync(openSync(file, 'r'))
    expect(spawnSync('flock', ['--nonblock', file, 'true']).status).toBe(1)
    writeSync(lab.creatorFd, 'release')
    await waitUntilGone(lab.keeper.pid)
  })
})

describe('spawn', () => {
  test('a node has seven namespaces of its own, no descriptors, its title, and its network namespace in the keeper', async () => {
    const lab = await startLab(node('h1'), node('h2'))
    for (const { name, pid, startTime: started, netnsFd } of lab.nodes.values()) {
      for (const kind of KINDS) {
        expect(namespace(pid, kind), kind).not.toBe(namespace('self', kind))
        if (kind !== 'user') expect(namespace(pid, kind), kind).not.toBe(namespace(lab.keeper.pid, kind))
      }
      expect(started).toBe(startTime(pid))
      expect(cmdline(pid)).toBe(`nslab: shimtest/${name}`)
      expect(openFds(pid)).toEqual(Array(3).fill('/dev/null'))
      expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('PATH=')
      expect(statSync(`/proc/${lab.keeper.pid}/fd/${netnsFd}`).ino).toBe(statSync(`/proc/${pid}/ns/net`).ino)
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^PPid:\t([0-9]+)$/m)
      expect(/^PPid:\t([0-9]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]).toBe(String(lab.keeper.pid))
      expect(readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/ +/)).toEqual(['0', '100000', '65536'])
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\t100000\t100000\t100000\t100000$/m)
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Groups:\t *$/m)
    }
  })

  test.skipIf(IS_ASAN)('the first process of a node keeps less than 100 KB to itself', async () => {
    // Two, since pages of the executable that only one process has mapped are counted as its own.
    const lab = await startLab(node('h1'), node('h2'))
    const usage = readFileSync(`/proc/${lab.node('h1').pid}/smaps_rollup`, 'utf8')
    const kilobytes = [...usage.matchAll(/^Private_(?:Clean|Dirty): +([0-9]+) kB$/gm)].map((match) => Number(match[1]))
    expect(kilobytes).toHaveLength(2)
    expect(kilobytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(100)
  })

  test('names, files and sysctls are as written; a file system of the node is its own', async () => {
    const lab = await startLab()
    const file = join(lab.directory, 'hosts')
    writeFileSync(file, '192.0.2.1 elsewhere\n')
    const sysctls = ['sysctl', 'net.ipv4.ip_forward', '1', 'sysctl', 'net.ipv6.conf.default.accept_dad', '0']
    const settings = ['domainname', 'example', 'copy', lab.directory, '/etc/hosts', ...sysctls]
    expect((await lab.spawn(node('h1', ...settings), node('h2'))).status).toBe(0)
    const sh = (name: string, script: string) => lab.exec(name, ['sh', '-c', script]).stdout
    expect(sh('h1', 'uname -n; cat /proc/sys/kernel/domainname /etc/hosts')).toBe('h1\nexample\n192.0.2.1 elsewhere\n')
    expect(sh('h1', 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/default/accept_dad')).toBe('1\n0\n')
    for (const directory of ['/run', '/tmp', '/dev', '/dev/shm']) {
      expect(lab.exec('h1', ['touch', `${directory}/mark`]), directory).toMatchObject({ status: 0, stderr: '' })
      expect(sh('h2', `ls ${directory}/mark 2>&1`)).toContain('No such file')
      expect(() => statSync(`${directory}/mark`)).toThrow()
    }
    expect(sh('h1', 'stat -c %a /run /tmp /dev /dev/shm')).toBe('755\n1777\n755\n1777\n')
    expect(
      sh('h1', 'echo x > /dev/null; head -c 3 /dev/zero | od -An -tx1; readlink /dev/ptmx /dev/fd /dev/stdin'),
    ).toBe(' 00 00 00\npts/ptmx\n/proc/self/fd\n/proc/self/fd/0\n')
    expect(sh('h1', 'for d in null zero full random urandom tty; do test -c /dev/$d || echo $d; done')).toBe('')
    expect(sh('h1', 'stat -f -c %T /dev/mqueue /dev/pts /proc')).toBe('mqueue\ndevpts\nproc\n')
    expect(sh('h1', 'cat /proc/1/comm; ls /proc | grep -c "^[0-9]"')).toMatch(/^nslab: shimtest\n[0-9]\n$/)
  })

  test('mounts and files are made where they are asked for, and what they cover is seen again elsewhere', async () => {
    const lab = await startLab()
    const source = join(lab.directory, 'source')
    mkdirSync(join(source, 'a,b:c'), { recursive: true })
    writeFileSync(join(source, 'file'), 'seen')
    const hex = (text: string) => Buffer.from(text).toString('hex')
    const made = await lab.spawn(
      node(
        'h1',
        ...['write', '/etc/passwd', '0644', '0:0', hex('covered')],
        ...['write', '/etc/shim-test/x', '4755', '0:0', hex('new')],
        ...['write', '/etc/shim-test/empty', '600', '0:0', ''],
        ...['mount', source, '/srv/rw', 'rw'],
        ...['mount', source, '/srv/ro', 'ro'],
        ...['mount', join(source, 'file'), '/srv/one', 'rw'],
        ...['write', '/srv/rw/a,b:c/in', '0644', '0:0', hex('in')],
        ...['tmpfs', '/srv/empty', 'mode=0700,size=1m'],
      ),
      node('h2'),
    )
    expect(made).toMatchObject({ status: 0 })
    const sh = (name: string, script: string) => {
      const { stdout, stderr } = lab.exec(name, ['sh', '-c', script])
      return `${stdout}${stderr}`
    }
    // /etc became an overlay after /etc/passwd was covered, and it still is.
    expect(sh('h1', 'cat /etc/passwd /etc/shim-test/x; stat -c %a /etc/shim-test/*')).toBe('coverednew600\n4755\n')
    expect(sh('h1', 'cat /srv/rw/file /srv/ro/file /srv/one "/srv/rw/a,b:c/in"')).toBe('seenseenseenin')
    expect(sh('h1', 'touch /srv/ro/new')).toContain('Read-only')
    expect(sh('h1', 'stat -c %a /srv/empty; ls -A /run')).toBe('700\n')
    expect(sh('h2', 'ls /etc/shim-test /srv/rw')).toMatch(/(No such file.*\n.*){2}/)
    expect(readdirSync(join(source, 'a,b:c'))).toEqual([])
    expect(existsSync('/etc/shim-test')).toBe(false)
  })

  test('with one of the machine’s directories as /run, nothing is written there', async () => {
    const lab = await startLab()
    const source = join(lab.directory, 'run')
    mkdirSync(source)
    chmodSync(source, 0o777)
    const { mtimeMs } = statSync(source)
    writeFileSync(join(lab.directory, 'hostname'), 'mine')
    const hex = Buffer.from('new').toString('hex')
    const words = [
      'mount',
      source,
      '/run',
      'rw',
      'copy',
      lab.directory,
      '/etc/hostname',
      'write',
      '/etc/passwd',
      '644',
      '0:0',
      hex,
    ]
    const made = await lab.spawn(node('h1', ...words, 'write', '/etc/shim-test/x', '644', '0:0', hex))
    expect(made.reports.filter((each) => each.error)).toEqual([])
    expect(statSync(source).mtimeMs).toBe(mtimeMs)
    const script = 'cat /etc/hostname /etc/passwd /etc/shim-test/x; touch /run/mark'
    expect(lab.exec('h1', ['sh', '-c', script])).toEqual({ status: 0, stdout: 'minenewnew', stderr: '' })
    expect(readdirSync(source)).toEqual(['mark'])
  })

  test.each([
    ['a file over a directory', ['write', '/etc', '644', '0:0', ''], { action: 'write', object: '/etc', errno: 21 }],
    ['a directory over a file', ['mount', '/etc', '/etc/passwd', 'rw'], { action: 'mount at', errno: 20 }],
    ['a name in /', ['tmpfs', '/not-in-root', ''], { action: 'make a name in', object: '/', errno: 30 }],
    ['a file below a file', ['write', '/etc/passwd/x', '644', '0:0', ''], { errno: 20 }],
    ['a source that is not there', ['mount', '/not-there', '/srv/x', 'rw'], { action: 'open', errno: 2 }],
    ['bytes that are none', ['write', '/run/x', '644', '0:0', '0g'], { action: 'read the content of', errno: 74 }],
    ['half a byte', ['write', '/run/x', '644', '0:0', '000'], { action: 'read the content of', errno: 74 }],
    ['an owner that is none', ['write', '/run/x', '644', 'root', ''], { action: 'read the owner of', errno: 74 }],
    ['options that are none', ['tmpfs', '/run/x', 'mode=x'], { action: 'mount a tmpfs at', errno: 22 }],
  ])('refused: %s', async (_, settings, error) => {
    const lab = await startLab()
    const { status, reports } = await lab.spawn(node('h1', ...settings))
    expect(status).toBe(1)
    expect(reports.find((each) => each.error)?.error).toMatchObject({ ...error, node: 'h1' })
  })

  test('variables of a command are the caller’s last word', async () => {
    const lab = await startLab(node('h1'))
    const { pid, startTime } = lab.node('h1')
    const exec = (...options: string[]) =>
      execFileSync(SHIM, ['exec', '--pid', String(pid), '--start-time', String(startTime), ...options, '--', 'env'], {
        encoding: 'utf8',
        cwd: '/',
      })
    expect(exec('--env', 'HOME=/srv', '--env', 'A=b=c', '--env', 'EMPTY=').split('\n')).toEqual(
      expect.arrayContaining(['HOME=/srv', 'A=b=c', 'EMPTY=', 'USER=root']),
    )
    expect(() => exec('--env', 'none')).toThrow(/--env needs NAME=VALUE/)
  })

  test('a slash in a sysctl key is a dot in a name', async () => {
    const lab = await startLab(node('h1'))
    lab.ip('h1', 'link add a.1 type veth peer name b')
    expect(lab.exec('h1', ['cat', '/proc/sys/net/ipv4/conf/a.1/forwarding']).status).toBe(0)
    const { reports } = await lab.spawn(node('h2', 'sysctl', 'net.ipv4.conf.a/1.forwarding', '1'))
    // The interface is not h2's, which shows the file that was tried: a.1, not a/1.
    expect(reports.find((each) => each.error)?.error).toEqual({
      step: 'write-sysctl',
      action: 'write sysctl',
      object: 'net.ipv4.conf.a/1.forwarding',
      errno: 2,
      node: 'h2',
    })
  })

  test.each(['net/ipv4/ip_forward', 'net.ipv4.ip_forward'])('%s is one, as in sysctl(8)', async (key) => {
    const lab = await startLab(node('h1', 'sysctl', key, '1'))
    expect(lab.exec('h1', ['cat', '/proc/sys/net/ipv4/ip_forward']).stdout).toBe('1\n')
  })

  test.each(['net.//.//.//.etc.hosts', 'net/../../../etc/hosts'])(
    '%s leads out of /proc/sys, and is not opened',
    async (key) => {
      const lab = await startLab(node('h1'))
      const { reports } = await lab.spawn(node('h2', 'sysctl', key, '1'))
      expect(reports.find((each) => each.error)?.error).toMatchObject({
        action: 'write sysctl',
        object: key,
        errno: constants.errno.EXDEV,
      })
    },
  )

  test('a node’s PID 1 reaps orphans, and passes SIGTERM on to all others', async () => {
    const lab = await startLab(node('h1'))
    lab.exec('h1', ['sh', '-c', 'exec >/dev/null 2>&1; (sleep 0.05 &) ; (sleep 100 &)'])
    await setTimeout(300)
    const processes = () => lab.exec('h1', ['sh', '-c', 'cat /proc/[0-9]*/comm']).stdout
    expect(processes().match(/sleep/g)).toHaveLength(1)
    process.kill(lab.node('h1').pid, 'SIGTERM')
    await setTimeout(100)
    expect(processes()).not.toContain('sleep')
    expect(isAlive(lab.node('h1').pid)).toBe(true)
  })

  test('nodes can be added to a lab that has some', async () => {
    const lab = await startLab(node('h1'))
    expect((await lab.spawn(node('h2'))).status).toBe(0)
    expect(lab.node('h2').netnsFd).not.toBe(lab.node('h1').netnsFd)
  })

  test('paths come back as they were given: UTF-8, quotes, line breaks, and bytes that are neither', async () => {
    const lab = await startLab()
    const target = Buffer.from('/ä"\\\n\u{1f600}\xff', 'utf8')
    const bytes = Buffer.concat([Buffer.from('/ä"\\\n\u{1f600}'), Buffer.from([0xff, 0xed, 0xa0, 0x80])])
    const objects = []
    for (const source of [target, bytes]) {
      const { reports } = await lab.spawn(node('h1', 'mount', source, '/srv', 'rw'))
      objects.push(reports.find((each) => each.error)?.error.object)
    }
    expect(objects).toEqual(['/ä"\\\n\u{1f600}ÿ', '/ä"\\\n\u{1f600}\udcff\udced\udca0\udc80'])
  })

  test.each<[string, Buffer, { action: string; errno: number }]>([
    ['a word without its end', Buffer.from('node\0h1'), { action: 'read', errno: 74 }],
    ['an unknown word', words(['node', 'h1', 'flavour', 'x', 'end']), { action: 'understand the word', errno: 22 }],
    ['a node without its end', words(['node', 'h1']), { action: 'read the argument of', errno: 74 }],
    [
      'a word that lacks its argument',
      words(['node', 'h1', 'copy', '/etc']),
      { action: 'read the argument of', errno: 74 },
    ],
    ['no node at all', words(['title', 'x']), { action: 'read a node at the word', errno: 74 }],
    [
      'id maps longer than the kernel takes',
      words(
        node(
          'h1',
          ...Array(5)
            .fill(['uidmap', '9'.repeat(900)])
            .flat(),
        ),
      ),
      { action: 'write', errno: 7 },
    ],
    ['an id map that is none', words(node('h1', 'uidmap', 'x')), { action: 'write', errno: 22 }],
    ['more than half a gigabyte', Buffer.alloc(2 ** 29 + 1), { action: 'read', errno: 27 }],
  ])('%s is an error that says so', async (_, spec, error) => {
    const lab = await startLab()
    const result = await lab.spawnRaw(spec)
    expect(result).toMatchObject({ status: 1, stderr: '', reports: [{ error }] })
    expect(result.reports).toHaveLength(1)
  })

  test('a failure names its node, and nodes made before it live until their keeper ends', async () => {
    const lab = await startLab()
    const { status, reports } = await lab.spawn(node('h1'), node('h2', 'sysctl', 'net.ipv4.nope', '1'), node('h3'))
    expect(status).toBe(1)
    expect(reports.find((each) => each.error)?.error).toEqual({
      step: 'write-sysctl',
      action: 'write sysctl',
      object: 'net.ipv4.nope',
      errno: 2,
      node: 'h2',
    })
    expect(isAlive(lab.node('h1').pid)).toBe(true)
  })
})

describe('arguments', () => {
  test.each([
    ['no verb', []],
    ['an unknown verb', ['dance']],
    ['an unknown option', ['lab', '--colour', 'red']],
    ['a missing option', ['lab', '--name', 'x']],
    ['a number that is none', ['spawn', '--keeper', '12x', '--creator', '0']],
    ['a descriptor that is not open', ['lab', '--name', 'x', '--lock', '77', '--creator', '0']],
    ['a start time that is missing', ['exec', '--pid', '1', '--', 'true'], 125],
    ['a variable that is none', ['exec', '--env', 'none', '--', 'true'], 125],
    ['more variables than there is room for', ['exec', ...Array(513).fill('--env=A=b'), '--', 'true'], 125],
    ['an unknown option, where the status is a command’s', ['exec', '--colour', 'red'], 125],
  ])('%s is wrong usage', (_, args, expected = 2) => {
    const { status, stderr } = spawnSync(SHIM, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    expect(status).toBe(expected)
    expect(stderr).not.toBe('')
  })

  test('without --report, a failure is text that says action, object and reason', () => {
    const args = ['ping', '--keeper', '4194304', '--start-time', '1']
    const { status, stderr } = spawnSync(SHIM, args, { encoding: 'utf8', input: words(['count', '1']) })
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'nslab-shim: cannot find keeper: No such process\n' })
  })
})

describe('exec', () => {
  test('the command is in all of the node’s namespaces, as root', async () => {
    const lab = await startLab(node('h1'))
    const script = `id -u; id -g; id -G; hostname; ${KINDS.map((kind) => `readlink /proc/self/ns/${kind}`).join(';')}`
    const { pid } = lab.node('h1')
    const expected = ['0', '0', '0', 'h1', ...KINDS.map((kind) => namespace(pid, kind))]
    expect(lab.exec('h1', ['sh', '-c', script])).toEqual({ status: 0, stdout: `${expected.join('\n')}\n`, stderr: '' })
  })

  test('statuses: the command’s own, 128 + signal, 125, 126, 127', async () => {
    const lab = await startLab(node('h1'))
    expect(lab.exec('h1', ['sh', '-c', 'exit 42']).status).toBe(42)
    expect(lab.exec('h1', ['sh', '-c', 'kill -9 $$']).status).toBe(137)
    expect(lab.exec('h1', ['/etc/passwd']).status).toBe(126)
    expect(lab.exec('h1', ['no-such-command'])).toMatchObject({ status: 127, stdout: '' })
    const { pid, startTime: started } = lab.node('h1')
    const other = ['exec', '--pid', String(pid), '--start-time', String(started + 1), '--', 'true']
    expect(spawnSync(SHIM, other, { encoding: 'utf8' })).toMatchObject({
      status: 125,
      stderr: `nslab-shim: cannot find process ${pid}: No such process\n`,
    })
  })

  test('the program of a descriptor is run, which the node need not have', async () => {
    const lab = await startLab(node('h1'))
    const directory = mkdtempSync(join(tmpdir(), 'nslab-program-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const path = join(directory, 'echo')
    copyFileSync('/bin/echo', path)
    expect(lab.exec('h1', [path]).status).toBe(127)
    const run = (command: readonly string[], file: string) => {
      const fd = openSync(file, 'r')
      const args = lab.execArguments('h1', command, ['--program', '3'])
      const { status, stdout } = spawnSync(SHIM, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', fd] })
      closeSync(fd)
      return { status, stdout }
    }
    expect(run(['echo', 'a', 'b'], path)).toEqual({ status: 0, stdout: 'a b\n' })
    expect(run(['passwd'], '/etc/passwd')).toEqual({ status: 126, stdout: '' })
  })

  test('a descriptor that is to be kept is the only one beside the standard ones', async () => {
    const lab = await startLab(node('h1'))
    const [first, second] = [openSync('/etc/passwd', 'r'), openSync('/etc/passwd', 'r')]
    const args = lab.execArguments('h1', ['sh', '-c', 'ls /proc/$$/fd'], ['--keep', '4'])
    const stdio = ['ignore', 'pipe', 'pipe', first, second] as const
    expect(spawnSync(SHIM, args, { encoding: 'utf8', stdio: [...stdio] }).stdout).toBe('0\n1\n2\n4\n')
    for (const fd of [first, second]) closeSync(fd)
  })

  test('with --group, the start and the end of the command are reported', async () => {
    const lab = await startLab(node('h1'))
    const reportsOf = async (...command: string[]) => {
      const args = lab.execArguments('h1', command, ['--report', '3', '--group'])
      const child = spawn(SHIM, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], cwd: '/' })
      let text = ''
      for await (const chunk of child.stdio[3] as Readable) {
        text += chunk
        if (text.includes('"ended"')) child.kill('SIGPWR')
      }
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    }
    const started = { started: expect.any(Number) }
    expect(await reportsOf('sh', '-c', 'exit 3')).toEqual([started, { ended: 3 }])
    expect(await reportsOf('sh', '-c', 'kill -9 $$')).toEqual([started, { ended: 137, signal: 9 }])
    expect(await reportsOf('no-such-command')).toEqual([{ refused: 2 }, started, { ended: 127 }])
    expect(await reportsOf('/etc/passwd')).toEqual([{ refused: 13 }, started, { ended: 126 }])
  })

  test('/sys is the node’s own from the first command on, also when several come at once', async () => {
    const lab = await startLab(node('h1'))
    const commands = Array.from({ length: 6 }, () =>
      spawn(SHIM, lab.execArguments('h1', ['ls', '/sys/class/net']), {
        stdio: ['ignore', 'pipe', 'inherit'],
        cwd: '/',
      }),
    )
    const outputs = await Promise.all(commands.map((child) => child.stdout.toArray()))
    expect(outputs.map((chunks) => Buffer.concat(chunks).toString())).toEqual(Array(6).fill('lo\n'))
    expect(lab.exec('h1', ['grep', '-c', ' /sys sysfs ', '/proc/mounts']).stdout).toBe(
      lab.exec('h1', ['sh', '-c', 'echo $(($(grep -c " /sys sysfs " /proc/mounts)))']).stdout,
    )
    const mounts = lab.exec('h1', ['cat', '/proc/self/mountinfo']).stdout
    expect(mounts.match(/ \/sys rw,nosuid,nodev,noexec/g)).toHaveLength(1)
  })

  test('the working directory is the caller’s where the node has it, else / with a warning', async () => {
    const lab = await startLab(node('h1'))
    expect(lab.exec('h1', ['pwd'], { cwd: '/usr/bin' })).toEqual({ status: 0, stdout: '/usr/bin\n', stderr: '' })
    expect(lab.exec('h1', ['pwd'], { options: ['--cwd', '/usr'] })).toEqual({ status: 0, stdout: '/usr\n', stderr: '' })
    // It does not matter to a command that names nothing there.
    expect(lab.exec('h1', ['pwd'], { cwd: lab.directory })).toEqual({ status: 0, stdout: '/\n', stderr: '' })
    const hidden = `nslab: warning: ${lab.directory} is hidden by a mount of the node, working in /\n`
    expect(lab.exec('h1', ['echo', 'lock'], { cwd: lab.directory }).stderr).toBe(hidden)
    expect(lab.exec('h1', ['pwd'], { options: ['--cwd', lab.directory] }).stderr).toBe(hidden)
    expect(lab.exec('h1', [], { cwd: lab.directory }).stderr).toBe(hidden)
  })

  test('a program without a format is a script of sh; a word with blanks that is not found is told apart', async () => {
    const lab = await startLab(node('h1'))
    const script = 'printf "echo \\$0 \\$*\\n" > /run/script; chmod +x /run/script'
    expect(lab.exec('h1', ['sh', '-c', script]).status).toBe(0)
    expect(lab.exec('h1', ['/run/script', 'a', 'b c'])).toEqual({
      status: 0,
      stdout: '/run/script a b c\n',
      stderr: '',
    })
    expect(lab.exec('h1', ['ip a'])).toEqual({
      status: 127,
      stdout: '',
      stderr: 'nslab: ip a: No such file or directory; write the words separately: -- ip a\n',
    })
  })

  test('a command in the caller’s own mount namespace is not left in the caller’s directory either', () => {
    const self = ['--pid', String(process.pid), '--start-time', String(startTime(process.pid))]
    const args = ['exec', ...self, '--cwd', '/not-there', '--', 'pwd']
    expect(spawnSync(SHIM, args, { encoding: 'utf8', cwd: '/usr/bin' })).toMatchObject({
      status: 0,
      stdout: '/\n',
      stderr: 'nslab: warning: there is no /not-there in the node, working in /\n',
    })
  })

  test('with a report, standard error is the command’s alone', async () => {
    const lab = await startLab(node('h1'))
    const script = 'echo $PWD; echo mine >&2; test -e /proc/$$/fd/3'
    const [verb = '', ...args] = lab.execArguments('h1', ['sh', '-c', script], ['--cwd', lab.directory])
    expect(await runVerb(verb, args)).toEqual({
      status: 1,
      signal: null,
      reports: [
        {
          warning: {
            step: 'change-directory',
            action: 'enter',
            object: lab.directory,
            errno: constants.errno.ENOENT,
          },
        },
      ],
      stdout: '/\n',
      stderr: 'mine\n',
    })
    const other = ['--pid', String(lab.node('h1').pid), '--start-time', '1', '--', 'true']
    expect(await runVerb('exec', other)).toMatchObject({
      status: 125,
      reports: [{ error: { action: 'find', errno: constants.errno.ESRCH } }],
      stderr: '',
    })
  })

  test('the environment is the caller’s, but for who one is, and PATH', async () => {
    const lab = await startLab(node('h1'))
    const env = { HOME: '/home/x', USER: 'x', LOGNAME: 'x', PATH: '/usr/bin:/bin', KEPT: 'yes' }
    const { stdout } = lab.exec('h1', ['sh', '-c', 'echo $HOME $USER $LOGNAME $container $KEPT $PATH'], { env })
    // Closed to others than root, as a rule.
    const home = (statSync('/root').mode & 0o005) === 0o005 ? '/root' : '/tmp'
    expect(stdout).toBe(`${home} root root nslab yes /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n`)
    const internal = {
      ...{ NSLAB_CALLER_UID: '1', NSLAB_KEEPERS: '[]' },
      ...{ NSLAB_NEIGHBOUR_LIMITS: '{}', NSLAB_ROOTLESS_REFUSED: 'no' },
    }
    expect(lab.exec('h1', ['env'], { env: internal }).stdout).not.toMatch(
      /^NSLAB_(?:CALLER_UID|KEEPERS|NEIGHBOUR_LIMITS|ROOTLESS_REFUSED|TITLE_ROOM)=/m,
    )
  })

  test('no descriptor but standard input, output and error reaches the command', async () => {
    const lab = await startLab(node('h1'))
    const fd = openSync('/etc', 'r')
    const args = lab.execArguments('h1', ['sh', '-c', 'ls /proc/$$/fd'])
    const { stdout } = spawnSync(SHIM, args, {
      encoding: 'utf8',
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe', fd, fd, fd],
    })
    closeSync(fd)
    expect(
      stdout
        .trim()
        .split(/\s+/)
        .filter((each) => Number(each) < 10),
    ).toEqual(['0', '1', '2'])
  })

  test('signals that somebody sends reach the command', async () => {
    const lab = await startLab(node('h1'))
    for (const signal of ['TERM', 'HUP', 'INT', 'QUIT', 'USR1', 'USR2']) {
      const script = `trap 'exit 7' ${signal}; echo ready; while :; do sleep 0.02; done`
      const child = spawn(SHIM, lab.execArguments('h1', ['sh', '-c', script]), {
        stdio: ['ignore', 'pipe', 'inherit'],
        cwd: '/',
      })
      await once(child.stdout, 'data')
      child.kill(`SIG${signal}` as NodeJS.Signals)
      expect(await once(child, 'exit'), signal).toEqual([7, null])
    }
  })

  test('the command ends with its caller', async () => {
    const lab = await startLab(node('h1'))
    const child = spawn(SHIM, lab.execArguments('h1', ['sleep', '100']), { stdio: 'ignore', cwd: '/' })
    // A zombie has ended; whoever is the host's PID 1 may take its time to reap it.
    const running = () => /\(sleep\) [^Z]/.test(lab.exec('h1', ['sh', '-c', 'cat /proc/[0-9]*/stat']).stdout)
    while (!running()) await setTimeout(10)
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (let tries = 0; running() && tries < 20; tries++) await setTimeout(50)
    expect(running()).toBe(false)
  })

  test('SIGPWR ends the command, whatever it makes of signals, and reaps it', async () => {
    const lab = await startLab(node('h1'))
    const script = "trap '' TERM PWR; echo ready; exec sleep 100"
    const child = spawn(SHIM, lab.execArguments('h1', ['sh', '-c', script]), {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: '/',
    })
    await once(child.stdout, 'data')
    child.kill('SIGPWR')
    expect(await once(child, 'exit')).toEqual([137, null])
    expect(lab.exec('h1', ['sh', '-c', 'cat /proc/[0-9]*/stat']).stdout).not.toContain('(sleep)')
  })

  test('what it says does nothing to a terminal, whatever names are in it', async () => {
    const lab = await startLab(node('h1'))
    expect(lab.exec('h1', ['no\x1b[31m\x9b\u0085ä\n']).stderr).toBe(
      'nslab: no\\x1b[31m\\xc2\\x9b\\xc2\\x85ä\\x0a: No such file or directory\n',
    )
    expect(lab.exec('h1', ['true'], { options: ['--cwd', '/\x1b[31m'] }).stderr).toContain(' no /\\x1b[31m in the node')
  })

  test('an empty command is a shell', async () => {
    const lab = await startLab(node('h1'))
    const { stdout } = spawnSync(SHIM, lab.execArguments('h1', []), { encoding: 'utf8', cwd: '/', input: 'hostname\n' })
    expect(stdout).toBe('h1\n')
  })
})

// Each of these runs under script(1), which gives the shim a terminal, and types on it.
describe('exec with a terminal', () => {
  const quoted = (args: readonly string[]) => args.map((each) => `'${each.replaceAll("'", `'\\''`)}'`).join(' ')
  const inNode = (lab: ShimLab, command: readonly string[], { before = ':', after = ':' } = {}) => {
    const shim = quoted([SHIM, ...lab.execArguments('h1', command, ['--tty', 'auto'])])
    return inTerminal(['sh', '-c', `${before}; ${shim}; echo "status $?"; ${after}`])
  }
  const inTerminal = (words: readonly string[]) => {
    const child = spawn('script', ['-qfec', `exec ${quoted(words)}`, '/dev/null'], {
      cwd: '/',
      env: { ...process.env, SHELL: '/bin/sh', PS1: '$ ', TERM: 'dumb' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let seen = ''
    child.stdout.on('data', (chunk) => {
      seen += chunk
    })
    return {
      type: (keys: string) => child.stdin.write(keys),
      shows: async (pattern: RegExp) => {
        for (const end = Date.now() + 10_000; !pattern.test(seen); await setTimeout(5))
          if (Date.now() > end) throw new Error(`never showed ${pattern}: ${JSON.stringify(seen)}`)
        return seen
      },
      end: async () => {
        child.stdin.end()
        if (child.exitCode === null) await once(child, 'close')
        return seen
      },
    }
  }

  test('it is the node’s own, has the caller’s size, and the caller’s is as before afterwards', async () => {
    const lab = await startLab(node('h1'))
    const terminal = inNode(lab, ['sh', '-c', 'tty; stty size; test -t 0 && test -t 1 && test -t 2 && echo all'], {
      before: 'stty rows 33 cols 99; a=$(stty -g)',
      after: 'b=$(stty -g); test "$a" = "$b" && echo restored',
    })
    await terminal.shows(/restored/)
    expect(await terminal.end()).toBe('/dev/pts/0\r\n33 99\r\nall\r\nstatus 0\r\nrestored\r\n')
  })

  test('a change of size reaches the command', async () => {
    const lab = await startLab(node('h1'))
    const script = 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.05; done'
    // The terminal is changed by a process beside the shim, as a window manager would.
    const before = 't=$(tty); (sleep 1; stty rows 44 cols 55 <$t) & true'
    const terminal = inNode(lab, ['sh', '-c', script], { before })
    expect(await terminal.shows(/status 0/)).toMatch(/ready\r\n44 55\r\n/)
    await terminal.end()
  })

  test('Ctrl-C interrupts the command, not the shim; its status comes back', async () => {
    const lab = await startLab(node('h1'))
    const terminal = inNode(lab, [
      'sh',
      '-c',
      'trap "echo caught; exit 9" INT; echo ready; while :; do sleep 0.05; done',
    ])
    await terminal.shows(/ready/)
    terminal.type('\x03')
    expect(await terminal.shows(/status/)).toMatch(/caught\r\nstatus 9/)
    await terminal.end()
  })

  test('a shell has job control: Ctrl-Z stops, fg continues', async () => {
    const lab = await startLab(node('h1'))
    const terminal = inNode(lab, ['bash', '--norc', '--noprofile', '-i'])
    terminal.type('hostname\n')
    await terminal.shows(/h1\r\n/)
    terminal.type('sleep 100\n')
    await setTimeout(300)
    terminal.type('\x1a')
    await terminal.shows(/Stopped +sleep 100/)
    terminal.type('fg\n')
    await setTimeout(300)
    terminal.type('\x03')
    terminal.type('exit 3\n')
    await terminal.shows(/status 3/)
    await terminal.end()
  })

  test('all output is there, also the last', async () => {
    const lab = await startLab(node('h1'))
    const terminal = inNode(lab, ['seq', '1', '20000'])
    const seen = await terminal.shows(/status 0/)
    expect(seen.split('\r\n').slice(0, 20000)).toEqual(Array.from({ length: 20000 }, (_, i) => String(i + 1)))
    await terminal.end()
  })

  test.each([
    ['is no terminal', ['--tty', 'auto'], 'echo | '],
    ['is not to be used', ['--tty', 'never'], ''],
  ])('a command whose input %s cannot type on the caller’s', async (_, options, before) => {
    const lab = await startLab(node('h1'))
    const perl = (file: string) => `perl -e '$key = "x"; open T, "${file}" or exit 9; exit !ioctl T, 0x5412, $key'` // TIOCSTI
    const script = `${perl('+</dev/tty')}; echo "own $?"; ${perl('>&1')}; echo "output $?"`
    const shim = quoted([SHIM, ...lab.execArguments('h1', ['sh', '-c', script], options)])
    const terminal = inTerminal(['sh', '-c', `${before}${shim}; echo end`])
    expect(await terminal.shows(/end/)).toBe('own 9\r\noutput 1\r\nend\r\n')
    await terminal.end()
  })

  test('a command whose input is no terminal has one of the node for its output, and reads no keys there', async () => {
    const lab = await startLab(node('h1'))
    const script =
      'tty <&1; stty size <&1; echo "last"; echo ready; timeout 0.5 head -c 1 <&1 >/dev/null; echo "read $?"'
    const shim = quoted([SHIM, ...lab.execArguments('h1', ['sh', '-c', script], ['--tty', 'auto'])])
    const terminal = inTerminal([
      'sh',
      '-c',
      `stty -echo rows 33 cols 99; ${shim} </dev/null; read line; echo "line $line"`,
    ])
    await terminal.shows(/ready/)
    terminal.type('keys\n')
    expect(await terminal.shows(/line/)).toBe('/dev/pts/0\r\n33 99\r\nlast\r\nready\r\nread 124\r\nline keys\r\n')
    await terminal.end()
  })

  test('Ctrl-C and Ctrl-Z reach all of a command whose input is no terminal', async () => {
    const lab = await startLab(node('h1'))
    const script = 'trap "echo caught; exit 9" INT; cp /bin/cat /tmp/zeroes; /tmp/zeroes /dev/zero >/dev/null; sleep 9'
    const shim = quoted([SHIM, ...lab.execArguments('h1', ['sh', '-c', script], ['--tty', 'auto'])])
    const terminal = inTerminal(['bash', '--norc', '--noprofile', '-i'])
    terminal.type(`${shim} </dev/null\n`)
    const states = () => lab.exec('h1', ['sh', '-c', 'cat /proc/[0-9]*/stat']).stdout
    const waitFor = async (pattern: RegExp) => {
      while (!pattern.test(states())) await setTimeout(10)
    }
    await waitFor(/\(zeroes\) R/)
    terminal.type('\x1a')
    await terminal.shows(/Stopped/)
    await waitFor(/\(zeroes\) T/)
    terminal.type('fg\n')
    await waitFor(/\(zeroes\) R/)
    terminal.type('\x03')
    await terminal.shows(/caught\r\n/)
    terminal.type('echo "status $?"; exit\n')
    expect(await terminal.shows(/status [0-9]/)).toMatch(/status 9/)
    await terminal.end()
  })

  test('a lab can end while whoever runs a command in it is stopped', async () => {
    const lab = await startLab(node('h1'))
    const shim = quoted([SHIM, ...lab.execArguments('h1', ['sleep', '100'])])
    const terminal = inTerminal(['bash', '--norc', '--noprofile', '-i'])
    terminal.type(`sh -c ${quoted([`${shim} </dev/null; true`])}\n`)
    while (!lab.exec('h1', ['sh', '-c', 'cat /proc/[0-9]*/comm']).stdout.includes('sleep')) await setTimeout(10)
    terminal.type('\x1a')
    await terminal.shows(/Stopped/)
    await lab.close()
    labs.length = 0
    terminal.type('kill -9 %1; exit\nexit\n')
    await terminal.end()
  })

  test('the rest of a pipeline writes to the terminal as ever', async () => {
    const lab = await startLab(node('h1'))
    const shim = quoted([
      SHIM,
      ...lab.execArguments('h1', ['sh', '-c', 'echo a; echo b; sleep 0.5'], ['--tty', 'auto']),
    ])
    const terminal = inTerminal(['sh', '-c', `${shim} | cat`])
    expect(await terminal.shows(/b\r?\n/)).toBe('a\r\nb\r\n')
    await terminal.end()
  })

  test('output that is no terminal stays what it is', async () => {
    const lab = await startLab(node('h1'))
    const file = join(lab.directory, 'out')
    const shim = quoted([
      SHIM,
      ...lab.execArguments('h1', ['sh', '-c', 'test -t 0 && ! test -t 1 && echo plain'], ['--tty', 'auto']),
    ])
    spawnSync('script', ['-qfec', `${shim} > ${file}`, '/dev/null'], { cwd: '/' })
    expect(readFileSync(file, 'utf8')).toBe('plain\n')
  })
})

// h1 ── h2
describe('ping', () => {
  const pair = async (): Promise<ShimLab> => {
    const dad = ['sysctl', 'net.ipv6.conf.default.accept_dad', '0']
    const lab = await startLab(node('h1', ...dad), node('h2', ...dad))
    lab.ip(
      'h1',
      `link add eth0 address 02:00:00:00:00:01 type veth peer name eth0 address 02:00:00:00:00:02 netns ${lab.node('h2').pid}`,
    )
    for (const [name, number] of [
      ['h1', 1],
      ['h2', 2],
    ] as const) {
      lab.ip(
        name,
        'link set lo up',
        'link set eth0 up',
        `addr add 10.0.0.${number}/24 dev eth0`,
        `addr add fd00::${number}/64 dev eth0 nodad`,
      )
    }
    return lab
  }
  const from = (lab: ShimLab, name: string) => ['from', String(lab.node(name).pid), String(lab.node(name).startTime)]
  const ends = (reports: any[]) => reports.filter((each) => 'sent' in each).sort((a, b) => a.pair - b.pair)

  test('replies come from both sides, on IPv4, IPv6, link-local and one’s own addresses', async () => {
    const lab = await pair()
    const targets = ['to', '10.0.0.2', 'to', 'fd00::2', 'to', 'fe80::ff:fe00:2%eth0', 'to', '10.0.0.1', 'to', '::1']
    const spec = [
      'count',
      '3',
      'interval',
      '10',
      'timeout',
      '2000',
      ...from(lab, 'h1'),
      ...targets,
      ...from(lab, 'h2'),
      'to',
      '10.0.0.1',
    ]
    const { status, reports } = await lab.ping(...spec)
    expect(status).toBe(0)
    expect(ends(reports)).toEqual(Array.from({ length: 6 }, (_, i) => ({ pair: i, sent: 3, received: 3 })))
    const replies = reports.filter((each) => 'rttMs' in each)
    expect(replies.filter((each) => each.pair === 0).map((each) => each.sequence)).toEqual([0, 1, 2])
    for (const { rttMs, ttl } of replies) {
      expect(rttMs).toBeGreaterThanOrEqual(0)
      expect(rttMs).toBeLessThan(1500)
      expect(ttl).toBe(64)
    }
  })

  test('no route, no answer, and an error that a router sends are told apart', async () => {
    const lab = await pair()
    lab.ip('h1', 'route add 198.51.100.0/24 via 10.0.0.2')
    lab.exec('h2', ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward; ip route add unreachable 198.51.100.0/24'])
    lab.exec('h2', ['sh', '-c', 'echo 1 > /proc/sys/net/ipv6/icmp/echo_ignore_all'])
    const spec = [
      'count',
      '1',
      'interval',
      '10',
      'timeout',
      '300',
      ...from(lab, 'h1'),
      'to',
      '192.0.2.1',
      'to',
      'fd00::2',
      'to',
      '198.51.100.1',
    ]
    const { status, reports } = await lab.ping(...spec)
    expect(status).toBe(0)
    expect(ends(reports)).toEqual([0, 1, 2].map((each) => ({ pair: each, sent: 1, received: 0 })))
    expect(reports.filter((each) => 'error' in each)).toEqual([
      { pair: 0, sequence: 0, error: 'Network is unreachable' },
      { pair: 2, sequence: 0, error: 'Destination host unreachable', from: '10.0.0.2', type: 3, code: 1 },
    ])
  })

  test('without an interval, a request is sent when the one before is answered or lost', async () => {
    const lab = await pair()
    const spec = [
      'count',
      '3',
      'interval',
      '0',
      'timeout',
      '100',
      ...from(lab, 'h1'),
      'to',
      '10.0.0.2',
      'to',
      '10.0.0.9',
    ]
    const { reports } = await lab.ping(...spec)
    expect(reports.filter((each) => each.pair === 0).map(({ sequence }) => sequence)).toEqual([0, 1, 2, undefined])
    expect(ends(reports)).toEqual([
      { pair: 0, sent: 3, received: 3 },
      { pair: 1, sent: 3, received: 0 },
    ])
  })

  test('addresses are those that the kernel has', async () => {
    const lab = await pair()
    lab.ip('h1', 'addr add 192.0.2.1/24 dev eth0', 'link set eth0 down')
    const { status, reports } = await lab.addresses('h1', 'h2')
    expect(status).toBe(0)
    const first = reports.filter(({ node }) => node === 0)
    expect(first.filter(({ interface: name, address }) => name !== undefined && address === undefined)).toEqual([
      { node: 0, interface: 'lo', up: true },
      { node: 0, interface: 'eth0', up: false },
    ])
    const own = first.filter((each) => each.interface === 'eth0' && /^(?:10|192)/.test(each.address))
    expect(own.map(({ address }) => address)).toEqual(['10.0.0.1', '192.0.2.1'])
    expect(reports).toContainEqual({ node: 1, interface: 'eth0', up: true, address: 'fd00::2' })
  })

  test('thousands that do not answer take about one time-out', async () => {
    const lab = await pair()
    lab.exec('h2', ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all'])
    const began = performance.now()
    const targets = Array.from({ length: 3000 }, () => ['to', '10.0.0.2']).flat()
    const { reports } = await lab.ping('count', '1', 'interval', '10', 'timeout', '500', ...from(lab, 'h1'), ...targets)
    expect(ends(reports)).toHaveLength(3000)
    expect(performance.now() - began).toBeLessThan(3000)
  })

  test('9,900 pairs at once lose nothing', async () => {
    const lab = await pair()
    const targets = Array.from({ length: 4950 }, () => ['to', '10.0.0.2', 'to', 'fd00::2']).flat()
    const began = performance.now()
    const { reports } = await lab.ping(
      'count',
      '1',
      'interval',
      '10',
      'timeout',
      '1000',
      ...from(lab, 'h1'),
      ...targets,
    )
    expect(performance.now() - began).toBeLessThan(2000)
    expect(ends(reports).filter((each) => each.received === 1)).toHaveLength(9900)
  })

  test('nothing is sent from whatever else has the PID by now', async () => {
    const lab = await pair()
    const { pid, startTime } = lab.node('h1')
    const { status, reports } = await lab.ping('from', String(pid), String(startTime + 1), 'to', '10.0.0.2')
    expect(status).toBe(1)
    expect(reports).toEqual([
      { error: { step: 'find-process', action: 'find', object: `process ${pid}`, errno: constants.errno.ESRCH } },
    ])
  })

  test.each([
    [['count', '0'], 'read the number of'],
    [['count', '1x'], 'read the number of'],
    [['timeout', '-1'], 'read the number of'],
    [['from', 'h1', '1'], 'read the number of'],
    [['from', '1', 'x'], 'read the number of'],
    [['from', '1'], 'read the argument of'],
    [['to', '10.0.0.1'], 'read a target without a source'],
    [['flavour', 'x'], 'understand the word'],
    [['count'], 'read the argument of'],
  ])('the spec %j is an error', async (spec, action) => {
    const lab = await startLab()
    expect(await lab.ping(...spec)).toMatchObject({ status: 1, reports: [{ error: { action } }] })
  })

  test.each(['10.0.0.256', '10.0.0.1%eth0', 'fe80::1%', `fe80::1%${'x'.repeat(60)}`, 'h2'])(
    '%s is no address',
    async (address) => {
      const lab = await startLab(node('h1'))
      const { status, reports } = await lab.ping(...from(lab, 'h1'), 'to', address)
      expect({ status, error: reports.find((each) => each.error)?.error }).toEqual({
        status: 1,
        error: { step: 'read-spec', action: 'read address', object: address, errno: 22 },
      })
    },
  )
})

test('a verb that cannot start says why on its report', async () => {
  expect(await runVerb('spawn', ['--keeper', '4194304', '--start-time', '1', '--creator', '2'])).toMatchObject({
    status: 1,
    reports: [{ error: { action: 'find', object: 'keeper', errno: 3 } }],
  })
})
