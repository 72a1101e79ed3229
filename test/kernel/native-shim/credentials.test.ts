// What the keeper, the first process of a node and a command in a node keep of their caller, and what not: the table in
// native-shim/README.md, "What is inherited". The caller is a program that has set something and then becomes the shim.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { refusing } from '../../support/refuse.js'
import { IS_ASAN, isAlive, node, ShimLab, type Word, words } from '../../support/shim.js'

const labs: ShimLab[] = []
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

/** A lab with one node, made by a caller that runs these words first. */
async function labOf(before: readonly string[], spec: Word[] = node('h1')): Promise<ShimLab> {
  const lab = await ShimLab.start(before)
  labs.push(lab)
  expect(await lab.spawnRaw(words(spec), [], before)).toMatchObject({ status: 0, stderr: '' })
  return lab
}

const read = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'latin1')
const printed = (...command: string[]): string =>
  spawnSync(command[0] as string, command.slice(1), { encoding: 'utf8' }).stdout.trim()

/** What `look` finds in the keeper and in the node's first process, and what a command in the node prints. */
async function inherited(before: string[], look: (pid: number) => string, command: string[]) {
  const lab = await labOf(before)
  const { status, stdout, stderr } = lab.exec('h1', command, { before })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return { keeper: look(lab.keeper.pid), node: look(lab.node('h1').pid), command: stdout.trim() }
}

const field = (text: string, name: string): string =>
  new RegExp(`^${name}:[\t ]*(.*?) *$`, 'm').exec(text)?.[1] ?? 'none'

/** A field of /proc/PID/status (proc_pid_status(5)) in all three. */
async function inheritedField(before: string[], name: string) {
  const found = await inherited(before, (pid) => read(pid, 'status'), ['cat', '/proc/self/status'])
  return { keeper: field(found.keeper, name), node: field(found.node, name), command: field(found.command, name) }
}

const all = <T>(value: T) => ({ keeper: value, node: value, command: value })

const SYSCALLS =
  process.arch === 'arm64' ? { addKey: 217, keyctl: 219, prctl: 167 } : { addKey: 248, keyctl: 250, prctl: 157 }
const perl = (script: string): string[] => ['perl', '-e', script]
const becomes = (script: string): string[] => perl(`${script}; exec @ARGV`)

describe('keyrings (session-keyring(7))', () => {
  const [JOIN, READ, SEARCH, SESSION] = [1, 11, 10, -3]
  const name = `nslab-test-${process.pid}`
  const join = `my $n = "${name}"; syscall(${SYSCALLS.keyctl}, ${JOIN}, $n) > 0 or die "join: $!"`
  const addKey = (description: string) =>
    `my ($t, $d, $p) = ("user", "${description}", "secret"); ` +
    `my $key = syscall(${SYSCALLS.addKey}, $t, $d, $p, 6, ${SESSION}); $key > 0 or print "no key: $!"`
  const withKey = becomes(`${join}; ${addKey(name)}; $ENV{KEY} = $key`)
  const readKey =
    `my $text = " " x 6; my $length = syscall(${SYSCALLS.keyctl}, ${READ}, $key, $text, 6); ` +
    `print $length == 6 ? $text : "refused"`
  const findKey =
    `my ($t, $d) = ("user", "${name}"); ` +
    `print syscall(${SYSCALLS.keyctl}, ${SEARCH}, ${SESSION}, $t, $d, 0) > 0 ? " found" : " not found"`
  /** How many hold each keyring of this name (proc_keys(5), "usage"). */
  const holders = () =>
    [...readFileSync('/proc/keys', 'utf8').matchAll(new RegExp(`^\\S+ \\S+ +([0-9]+) .* ${name}-held: `, 'gm'))].map(
      (match) => Number(match[1]),
    )

  test('the caller’s keys are no command’s, which has a keyring of its own', async () => {
    const lab = await labOf([])
    const look = `my $key = 0 + $ENV{KEY}; ${readKey}; ${findKey}`
    expect(printed(...withKey, ...perl(look))).toBe('secret found')
    expect(lab.exec('h1', perl(look), { before: withKey })).toEqual({
      status: 0,
      stdout: 'refused not found',
      stderr: '',
    })
    expect(lab.exec('h1', perl(`${addKey(name)}; ${readKey}; ${findKey}`)).stdout).toBe('secret found')
  })

  // The checked build has opened libraries as well.
  test.skipIf(IS_ASAN)('neither keeper nor node holds the caller’s keyring', async () => {
    await labOf(becomes(join.replace(name, `${name}-held`)))
    // `lab` and `spawn` have each joined one. Both have opened the shim's executable, and the kernel remembers who opened
    // a file: that is one holder.
    for (let tries = 0; Math.max(...holders()) > 1 && tries < 500; tries++) await setTimeout(10)
    expect(holders()).toEqual([1, 1])
  })

  test('a user with as many keys as may be gets commands that can use none', async () => {
    const uid = 2_100_000_000
    const map = [`0 ${uid} 65536`]
    const ids = ['uidmap', ...map, 'gidmap', ...map]
    const lab = await labOf([], ['node', 'h1', ...ids, 'end'])
    const fill = `${join}; for (1 .. 1000) { ${addKey(`${name}-$_`)} } $| = 1; print "full"; sleep 100`
    const user = spawn('setpriv', ['--reuid', String(uid), '--clear-groups', ...perl(fill)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void user.kill('SIGKILL'))
    for await (const chunk of user.stdout) if (String(chunk).endsWith('full')) break
    const script = `my $key = 0 + $ENV{KEY}; ${readKey}; ${addKey(name)}; system "grep ^Seccomp: /proc/self/status"`
    expect(lab.exec('h1', perl(`$| = 1; ${script}`), { before: withKey }).stdout).toBe(
      'refusedno key: Operation not permittedSeccomp:\t2\n',
    )
  })

  test.each(['ENOSYS', 'EPERM'] as const)('where all keys are out of reach (%s), labs work as ever', async (errno) => {
    const before = refusing('keyctl', errno)
    const lab = await labOf(before)
    expect(lab.exec('h1', ['echo', 'ran'], { before })).toEqual({ status: 0, stdout: 'ran\n', stderr: '' })
  })

  test('any other refusal is an error', async () => {
    const before = refusing('keyctl', 'ENOMEM')
    await expect(ShimLab.start(before)).rejects.toThrow(/"step":"join-keyring".*"errno":12/)
  })
})

describe('rights', () => {
  const privileges = [
    ...['setpriv', '--inh-caps', '+net_raw', '--ambient-caps', '+net_raw'],
    ...['--securebits', '+no_setuid_fixup,+no_setuid_fixup_locked', '--bounding-set', '-sys_time'],
  ]

  test('inheritable and ambient capabilities and securebits end at the node’s user namespace', async () => {
    const lab = await labOf(privileges)
    const sets = (pid: number) => ['CapInh', 'CapAmb'].map((set) => BigInt(`0x${field(read(pid, 'status'), set)}`))
    expect(sets(lab.keeper.pid)).toEqual([1n << 13n, 1n << 13n]) // CAP_NET_RAW
    expect(sets(lab.node('h1').pid)).toEqual([0n, 0n])
    const { stdout } = lab.exec('h1', ['setpriv', '--dump'], { before: privileges })
    expect(stdout).toContain('Inheritable capabilities: [none]\n')
    expect(stdout).toContain('Ambient capabilities: [none]\n')
    expect(stdout).toContain('Securebits: [none]\n')
    expect(stdout).toContain('Parent death signal: KILL\n')
  })

  test('root of a node has all capabilities in it, whatever bounds the caller', async () => {
    const { keeper, node: first, command } = await inheritedField(privileges, 'CapBnd')
    const hasSysTime = (set: string) => (BigInt(`0x${set}`) & (1n << 25n)) !== 0n
    expect([keeper, first, command].map(hasSysTime)).toEqual([false, true, true])
  })

  test('no_new_privs and filters of system calls hold for all', async () => {
    expect(await inheritedField(['setpriv', '--no-new-privs'], 'NoNewPrivs')).toEqual(all('1'))
    expect(await inheritedField(refusing('keyctl', 'ENOSYS'), 'Seccomp')).toEqual(all('2'))
  })

  test('supplementary groups are dropped', async () => {
    expect(await inheritedField(['setpriv', '--groups', '4,27'], 'Groups')).toEqual(all(''))
  })
})

describe('priorities', () => {
  const isRealTime = spawnSync('chrt', ['-f', '1', 'true']).status === 0
  const mayProtect = spawnSync('choom', ['-n', '-500', '--', 'true']).status === 0
  /** Nice value, real-time priority and policy (proc_pid_stat(5)). */
  const scheduling = (stat: string): string => {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [fields[16], fields[37], fields[38]].join(' ')
  }
  const schedulingOf = async (before: string[]) => {
    const found = await inherited(before, (pid) => read(pid, 'stat'), ['cat', '/proc/self/stat'])
    return Object.fromEntries(Object.entries(found).map(([who, stat]) => [who, scheduling(stat)]))
  }

  test.skipIf(!isRealTime)('a real-time policy is the command’s alone', async () => {
    expect(await schedulingOf(['chrt', '-f', '7'])).toEqual({ ...all('0 0 0'), command: '0 7 1' })
  })

  test('a negative nice value is the command’s alone, a positive one holds for all', async () => {
    expect(await schedulingOf(['nice', '-n', '-5'])).toEqual({ ...all('0 0 0'), command: '-5 0 0' })
    expect(await schedulingOf(['nice', '-n', '5'])).toEqual(all('5 0 0'))
    expect(await schedulingOf(['chrt', '-i', '0'])).toEqual(all('0 0 5'))
  })

  test('the real-time class of I/O is the command’s alone', async () => {
    const found = await inherited(['ionice', '-c', '1', '-n', '3'], (pid) => printed('ionice', '-p', String(pid)), [
      ...['sh', '-c', 'ionice -p $$'],
    ])
    expect(found).toEqual({ ...all(expect.stringMatching(/^none/)), command: 'realtime: prio 3' })
  })

  const score = (before: string[]) =>
    inherited(before, (pid) => read(pid, 'oom_score_adj').trim(), ['cat', '/proc/self/oom_score_adj'])

  test('when memory runs out, nodes and commands are not protected more than others', async () => {
    expect(await score(['choom', '-n', '300', '--'])).toEqual(all('300'))
    if (mayProtect) expect(await score(['choom', '-n', '-500', '--'])).toEqual({ ...all('0'), keeper: '-500' })
  })
})

describe('limits and settings', () => {
  test('limits hold for all; the keeper has as many open files as it may', async () => {
    const limit = (text: string, what: string) =>
      new RegExp(`^${what} +(\\S+) +(\\S+)`, 'm').exec(text)?.slice(1).join(' ')
    const before = ['prlimit', '--nofile=400:500', '--core=0:0', '--stack=4194304:5242880']
    const found = await inherited(before, (pid) => read(pid, 'limits'), ['cat', '/proc/self/limits'])
    const of = (what: string) =>
      Object.fromEntries(Object.entries(found).map(([who, text]) => [who, limit(text, what)]))
    expect(of('Max open files')).toEqual({ ...all('400 500'), keeper: '500 500' })
    expect(of('Max core file size')).toEqual(all('0 0'))
    expect(of('Max stack size')).toEqual(all('4194304 5242880'))
  })

  test('processors and timer slack hold for all', async () => {
    expect(await inheritedField(['taskset', '-c', '0'], 'Cpus_allowed_list')).toEqual(all('0'))
    const before = becomes(`syscall(${SYSCALLS.prctl}, 29, 77777, 0, 0, 0)`) // PR_SET_TIMERSLACK
    const found = await inherited(before, (pid) => read(pid, 'timerslack_ns').trim(), [
      'cat',
      '/proc/self/timerslack_ns',
    ])
    expect(found).toEqual(all('77777'))
  })

  test('umask and personality are the command’s alone', async () => {
    const umask = ['sh', '-c', 'umask 0777; exec "$@"', 'sh']
    expect(await inheritedField(umask, 'Umask')).toEqual({ ...all('0022'), command: '0777' })
    const file = 'personality'
    const found = await inherited(['setarch', '-R'], (pid) => read(pid, file).trim(), ['cat', `/proc/self/${file}`])
    expect(found).toEqual({ ...all('00000000'), command: '00040000' })
  })

  test('a timer of the caller ends nothing', async () => {
    const lab = await labOf(becomes('alarm 1'))
    await setTimeout(1200)
    expect([lab.keeper.pid, lab.node('h1').pid].map(isAlive)).toEqual([true, true])
  })

  test('signals that the caller ignores or blocks are not ignored or blocked', async () => {
    const before = ['env', '--ignore-signal=HUP', '--ignore-signal=CHLD', '--block-signal=USR1', '--block-signal=TERM']
    expect(await inheritedField(before, 'SigBlk')).toEqual(all('0000000000000000'))
    // SIGCHLD (17): the kernel reaps their children. SIGPIPE (13).
    const found = await inheritedField(before, 'SigIgn')
    expect(found).toEqual({
      keeper: '0000000000010000',
      node: '0000000000011000',
      command: '0000000000000000',
    })
  })

  test('the environment is the command’s alone', async () => {
    const found = await inherited(['env', 'SECRET=nslab-secret'], (pid) => read(pid, 'environ'), ['env'])
    expect(found.keeper).not.toContain('nslab-secret')
    expect(found.node).not.toContain('nslab-secret')
    expect(found.command).toContain('SECRET=nslab-secret')
  })

  test('each leads a session of its own, without a terminal, and keeper and node are in /', async () => {
    const session = (stat: string) =>
      stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(2, 5)
    const lab = await labOf([])
    for (const pid of [lab.keeper.pid, lab.node('h1').pid]) {
      expect(session(read(pid, 'stat'))).toEqual([String(pid), String(pid), '0'])
      expect(spawnSync('readlink', [`/proc/${pid}/cwd`, `/proc/${pid}/root`], { encoding: 'utf8' }).stdout).toBe(
        '/\n/\n',
      )
    }
    const { stdout } = lab.exec('h1', ['sh', '-c', 'echo $$; cat /proc/$$/stat'])
    const [pid = '', stat = ''] = stdout.split('\n')
    expect(session(stat)).toEqual([pid, pid, '0'])
  })
})
