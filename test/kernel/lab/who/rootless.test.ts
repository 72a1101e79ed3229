// Labs of users without any privilege: they work as root's do, and no other user can reach them.
import { execFile, execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type CliResult, processesOf, ROOT, runCli, uniqueName } from '../../../support/lab.js'
import { expectLacked } from '../../../support/lacked.js'
import { TestUser, userWithRange } from '../../../support/user.js'

/** Ids that no user, process or file of the machine has. */
const ALICE = 61_001
const BOB = 61_002

function user(uid: number): TestUser {
  const made = new TestUser(uid)
  onTestFinished(() => made[Symbol.dispose]())
  return made
}

const TWO_HOSTS = 'nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]\n'

function up(owner: TestUser, text = TWO_HOSTS, env: NodeJS.ProcessEnv = {}): string {
  const name = uniqueName('rootless')
  expect(owner.nslab(['up', '-', '--name', name], { input: text, env })).toMatchObject({ status: 0 })
  return name
}

const SHIPPED = readdirSync(join(ROOT, 'topologies')).filter((file) => file.endsWith('.yaml'))

describe.each(SHIPPED)('as an unprivileged user, %s', (file) => {
  test('is up, pings everywhere at once, and leaves nothing', () => {
    const alice = user(ALICE)
    const name = uniqueName('rootless')
    const up = alice.nslab(['up', `topologies/${file}`, '--name', name])
    if (up.status === 4) expectLacked(`topologies/${file}`, up, (words) => alice.nslab(words))
    else expectReachable(name, up, file, alice)
    expect(processesOf(name)).toEqual([])
  })
})

function expectReachable(name: string, up: CliResult, file: string, alice: TestUser): void {
  expect(up).toMatchObject({ status: 0 })
  const text = readFileSync(join(ROOT, 'topologies', file), 'utf8')
  const isLossy = / loss: /.test(text)
  for (const family of text.includes('families: [6]') ? ['-6'] : ['-4', '-6']) {
    const { status, stdout, json } = alice.nslab(['ping', '--all', '--lab', name, family, '--json'])
    if (isLossy) expect(json().received, stdout).toBeGreaterThan(json().sent / 2)
    else expect(status, stdout).toBe(0)
  }
  expect(alice.nslab(['down', name])).toMatchObject({ status: 0 })
}

// h1 ── h2
describe('a lab of an unprivileged user', () => {
  test('has root inside, who is its owner outside', () => {
    const alice = user(ALICE)
    const name = up(alice)
    expect(alice.nslab(['exec', `${name}/h1`, '--', 'id', '-u']).stdout).toBe('0\n')
    const { nodes, rootless } = alice.nslab(['inspect', name, '--json']).json()
    expect(rootless).toBe(true)
    expect(readFileSync(`/proc/${nodes[0].pid}/status`, 'utf8')).toContain(
      `Uid:\t${ALICE}\t${ALICE}\t${ALICE}\t${ALICE}`,
    )
    expect(readFileSync(`/proc/${nodes[0].pid}/uid_map`, 'utf8').trim().split(/\s+/)).toEqual(['0', String(ALICE), '1'])
  })

  test('is inspected and exported as root’s is', () => {
    const alice = user(ALICE)
    const name = up(alice)
    const table = (source: string) => alice.nslab(['export', source, '--table', 'addresses', '--format', 'json']).json()
    const addresses = table(name).filter(({ scope }: { scope: string }) => scope === 'global')
    expect(addresses).toContainEqual({
      node: 'h1',
      interface: 'eth0',
      family: 4,
      address: '10.0.0.0/31',
      scope: 'global',
    })
    expect(addresses).toContainEqual({
      node: 'h2',
      interface: 'eth0',
      family: 6,
      address: 'fd00::1/127',
      scope: 'global',
    })
  })

  test('is exported beside a lab with the name of a format', () => {
    const alice = user(ALICE)
    const name = up(alice)
    expect(alice.nslab(['up', '-', '--name', 'csv'], { input: TWO_HOSTS })).toMatchObject({ status: 0 })
    const exported = alice.nslab(['export', name, '--format', 'csv', '--table', 'links'])
    expect(exported).toMatchObject({ status: 0, stderr: '' })
    expect(exported.stdout).toMatch(/^a,b,type,state,mtu,emulation,from_a,from_b\r\nh1:eth0,h2:eth0,veth,/)
  })

  test('says that there is one user only, where no range was granted', () => {
    const alice = user(ALICE)
    const name = uniqueName('rootless')
    const { stderr } = alice.nslab(['up', '-', '--name', name], { input: TWO_HOSTS })
    expect(stderr).toMatch(/one user only.*newuidmap.*\/etc\/subuid/s)
  })

  test('says so again when a command fails, which may have tried to be somebody else', () => {
    const input = 'nodes: {a: {exec: [[setpriv, --reuid, "33", --clear-groups, id]]}}'
    const { status, stderr } = user(ALICE).nslab(['up', '-', '--name', uniqueName('rootless')], { input })
    expect(status).toBe(8)
    expect(stderr).toMatch(
      /\nhint: if the command needs other users or groups: nodes have one user only, root: .*newuidmap/,
    )
  })

  test('comes from a descriptor that the caller opened, as from any file', () => {
    const alice = user(ALICE)
    const name = uniqueName('rootless')
    const program = `'${process.execPath}' '${join(alice.checkoutPath, 'bin/run.js')}'`
    const env = { NSLAB_STATE_DIR: join(alice.directory, 'labs') }
    for (const file of ['<(cat)', '/dev/fd/5 5< <(cat)']) {
      const words = ['bash', '-c', `exec 7<&0; ${program} up ${file.replace('cat', 'cat <&7')} --name ${name}`]
      expect(alice.run(words, { input: TWO_HOSTS, env }), file).toMatchObject({ status: 0 })
      expect(alice.nslab(['down', name])).toMatchObject({ status: 0 })
    }
  })

  test.each(['user', 'net', 'mnt', 'pid', 'uts', 'ipc', 'cgroup'])(
    'is refused for want of a %s namespace, where none may be made',
    (kind) => {
      const alice = user(ALICE)
      const program = `'${process.execPath}' '${join(alice.checkoutPath, 'bin/run.js')}'`
      const script = `echo 0 > /proc/sys/user/max_${kind}_namespaces; ${program} up - --name refused`
      const { status, stderr } = alice.run(['unshare', '-Ur', 'sh', '-c', script], {
        input: TWO_HOSTS,
        env: { NSLAB_STATE_DIR: join(alice.directory, 'labs') },
      })
      expect(status, stderr).toBe(4)
      expect(stderr).toMatch(/(?:ENOSPC|No space left).*\nhint: .*user\.max_\*_namespaces/)
    },
  )

  test('is not told that root in it can do what its owner cannot', () => {
    const alice = user(ALICE)
    const { stderr } = alice.nslab(['up', '-', '--name', uniqueName('rootless')], {
      input: 'nodes: {a: {users: {map: host}}, b: {namespaces: {user: host}}}',
    })
    expect(stderr).toMatch(/root in b is not confined: .* who runs nslab; where that is root, it can read/)
  })

  test('is found without XDG_RUNTIME_DIR when it was made with it, and the other way round', () => {
    const alice = user(ALICE)
    const runtime = join(alice.directory, 'runtime')
    expect(alice.run(['mkdir', '-m', '0700', runtime]).status).toBe(0)
    onTestFinished(() => rmSync(`/tmp/nslab-${ALICE}`, { recursive: true, force: true }))
    const without = { NSLAB_STATE_DIR: undefined }
    const name = up(alice, TWO_HOSTS, without)
    const names = (env: NodeJS.ProcessEnv) =>
      alice
        .nslab(['ls', '--json'], { env })
        .json()
        .labs.map((lab: { name: string }) => lab.name)
    expect(names({ ...without, XDG_RUNTIME_DIR: runtime })).toContain(name)
    expect(alice.nslab(['down', name], { env: without })).toMatchObject({ status: 0 })
  })

  test('may be made by root too, with root outside of every node', () => {
    const directory = mkdtempSync(join(tmpdir(), 'nslab-test-'))
    chmodSync(directory, 0o711)
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const env = { NSLAB_STATE_DIR: directory, NSLAB_ROOTLESS: '1', NSLAB_NEIGHBOUR_LIMITS: 'nothing' }
    const name = uniqueName('rootless')
    expect(runCli(['up', '-', '--name', name], { input: TWO_HOSTS, env })).toMatchObject({ status: 0 })
    onTestFinished(() => void runCli(['down', name], { env }))
    expect(runCli(['inspect', name, '--json'], { env }).json().rootless).toBe(true)
    // The command starts Node.js twice. Only one start may read the certificates, and so warn that they are missing.
    const inspected = runCli(['inspect', name], { env: { ...env, NODE_EXTRA_CA_CERTS: '/nope.pem' } })
    expect(inspected.stderr.match(/nope\.pem/g)).toHaveLength(1)
    expect(runCli(['exec', `${name}/h1`, '--', 'cat', '/etc/shadow'], { env }).status).not.toBe(0)
    expect(runCli(['down', name], { env }).status).toBe(0)
    for (const off of ['', '0']) {
      const plain = { ...env, NSLAB_ROOTLESS: off }
      expect(
        runCli(['up', '-', '--name', name, '--json'], { input: 'nodes: {a: {}}', env: plain }).json().rootless,
      ).toBe(false)
      expect(runCli(['down', name], { env: plain }).status).toBe(0)
    }
  })
})

describe.skipIf(!process.env.NSLAB_TEST_USER)('a user with a range of ids (NSLAB_TEST_USER)', () => {
  const withRange = (): TestUser => {
    const made = userWithRange() as TestUser
    onTestFinished(() => made[Symbol.dispose]())
    return made
  }

  test('has all the users a daemon may become, none of them anybody outside', () => {
    const owner = withRange()
    const name = uniqueName('rootless')
    const { status, stderr } = owner.nslab(['up', '-', '--name', name], { input: TWO_HOSTS })
    expect([status, stderr]).toEqual([0, ''])
    const sh = (line: string) => owner.nslab(['exec', `${name}/h1`, '--', 'sh', '-c', line])
    expect(sh('setpriv --reuid 33 --regid 33 --init-groups id -u; setpriv --reuid 65534 --clear-groups id -u')).toEqual(
      expect.objectContaining({ status: 0, stdout: '33\n65534\n' }),
    )
    sh('setpriv --reuid 33 --regid 33 --clear-groups sleep 1000 > /dev/null 2>&1 &')
    const { pid } = owner.nslab(['inspect', name, '--json']).json().nodes[0]
    const map = readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/).map(Number)
    expect(map.slice(0, 3)).toEqual([0, owner.uid, 1])
    const sleeper = execFileSync('pgrep', ['-u', String((map[4] as number) + 32), '-x', 'sleep'], { encoding: 'utf8' })
    expect(sleeper.trim()).toMatch(/^[0-9]+$/)
    expect(owner.nslab(['down', name])).toMatchObject({ status: 0 })
    expect(() => process.kill(Number(sleeper), 0)).toThrow('ESRCH')
  })
})

// Bob knows everything about Alice's lab: its directory, its name, its processes.
describe('a hostile neighbour', () => {
  test('sees, enters and ends nothing', () => {
    const [alice, bob] = [user(ALICE), user(BOB)]
    const name = up(alice)
    const env = { NSLAB_STATE_DIR: join(alice.directory, 'labs') }
    const { keeper } = alice.nslab(['ls', '--json']).json().labs[0]
    for (const command of [
      ['ls'],
      ['inspect', name],
      ['exec', `${name}/h1`, '--', 'id'],
      ['ping', `${name}/h1`, 'h2'],
      ['down', name],
      ['gc'],
      ['export', name],
    ]) {
      const { status, stdout, stderr } = bob.nslab(command, { env })
      expect(stderr, command.join(' ')).toMatch(/belongs to user 61001, not to you/)
      expect([status, stdout]).toEqual([command[0] === 'exec' ? 125 : 4, ''])
      expect(bob.nslab(command).stdout).not.toContain(name)
    }
    expect(bob.run(['cat', join(env.NSLAB_STATE_DIR, name, 'state.json')]).status).toBe(1)
    expect(bob.run(['ls', env.NSLAB_STATE_DIR]).status).toBe(2)
    for (const file of ['hosts', 'private/hosts'])
      expect(bob.run(['cat', join(env.NSLAB_STATE_DIR, name, file)])).toMatchObject({ status: 1, stdout: '' })
    expect(bob.run(['kill', '-9', String(keeper.pid)]).status).toBe(1)
    expect(bob.run(['nsenter', '-t', String(keeper.pid), '-U', '-n', 'true']).status).toBe(1)
    expect(bob.nslab(['ls'], {}).stdout).not.toContain(name)
    expect(bob.nslab(['inspect', `${ALICE}:${name}`]).stderr).toMatch(/only root can name/)
    expect(alice.nslab(['ping', '--all', '--lab', name])).toMatchObject({ status: 0 })
  })

  test('cannot lure somebody’s labs into a directory of his own', () => {
    const [alice, bob] = [user(ALICE), user(BOB)]
    expect(bob.run(['mkdir', '-m', '0777', join(bob.directory, 'lure')]).status).toBe(0)
    const lure = `/tmp/nslab-${ALICE}`
    expect(bob.run(['ln', '-s', join(bob.directory, 'lure'), lure]).status).toBe(0)
    onTestFinished(() => rmSync(lure, { force: true }))
    const env = { NSLAB_STATE_DIR: undefined }
    const { status, stderr } = alice.nslab(['up', '-', '--name', 'lured'], { input: TWO_HOSTS, env })
    expect(stderr).toMatch(/is a symbolic link/)
    expect(status).toBe(4)
    expect(readdirSync(join(bob.directory, 'lure'))).toEqual([])
    expect(processesOf('lured')).toEqual([])
  })
})

test('a state directory that nobody asked for goes with the last lab in it, however many come and go', async () => {
  const alice = user(ALICE)
  const place = `/tmp/nslab-${ALICE}`
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  const script =
    'for i in 1 2 3 4; do echo "nodes: {a: {}}" | "$0" "$1" up - --name $2$i && "$0" "$1" down $2$i || exit 1; done'
  const words = (name: string) => ['sh', '-c', script, process.execPath, join(alice.checkoutPath, 'bin/run.js'), name]
  const run = (name: string) =>
    promisify(execFile)('setpriv', ['--reuid', `${ALICE}`, '--regid', `${ALICE}`, '--clear-groups', ...words(name)], {
      cwd: '/',
      env: { PATH: process.env.PATH },
    })
  const runs = await Promise.all(['x', 'y', 'z'].map(run))
  for (const { stdout } of runs) expect(stdout.match(/is down/g)).toHaveLength(4)
  expect(existsSync(place)).toBe(false)
})

// Bob has made the directory that would hold Alice's labs if she had no runtime directory.
describe('a neighbour who takes the name of a state directory', () => {
  function squatted(): { alice: TestUser; env: NodeJS.ProcessEnv } {
    const [alice, bob] = [user(ALICE), user(BOB)]
    const squat = `/tmp/nslab-${ALICE}`
    expect(bob.run(['mkdir', '-m', '0711', squat]).status).toBe(0)
    onTestFinished(() => rmSync(squat, { recursive: true, force: true }))
    const runtime = join(alice.directory, 'runtime')
    expect(alice.run(['mkdir', '-m', '0700', runtime]).status).toBe(0)
    return { alice, env: { NSLAB_STATE_DIR: undefined, XDG_RUNTIME_DIR: runtime } }
  }

  test('keeps nobody from labs that are elsewhere', () => {
    const { alice, env } = squatted()
    const name = up(alice, TWO_HOSTS, env)
    expect(alice.nslab(['ls'], { env }).stdout).toContain(name)
    expect(alice.nslab(['exec', `${name}/h1`, '--', 'hostname'], { env }).stdout).toBe('h1\n')
    expect(alice.nslab(['gc'], { env })).toMatchObject({ status: 0, stderr: '' })
    expect(runCli(['inspect', `${ALICE}:absent`]).stderr).toContain(`user ${ALICE} has no lab named absent`)
    expect(alice.nslab(['down', name], { env })).toMatchObject({ status: 0, stderr: '' })
  })

  test('is named where there is no other, with what helps', () => {
    const { alice } = squatted()
    const env = { NSLAB_STATE_DIR: undefined }
    const ls = alice.nslab(['ls'], { env })
    expect(ls.stderr).toMatch(
      /belongs to user 61002, not to you \(61001\)\nhint: set NSLAB_STATE_DIR to a directory of your own\n/,
    )
    const refused = alice.nslab(['up', '-', '--name', 'squatted'], { input: TWO_HOSTS, env })
    expect(refused.stderr).toMatch(/belongs to user 61002, not to you \(61001\)/)
    expect(refused.status).toBe(4)
  })
})

describe('root', () => {
  const places = { NSLAB_STATE_DIR: undefined }
  const root = (...args: string[]) => runCli(args, { env: { NSLAB_STATE_DIR: undefined } })

  test('names another user’s lab as USER:LAB, and --all never means it', () => {
    const alice = user(ALICE)
    onTestFinished(() => rmSync(`/tmp/nslab-${ALICE}`, { recursive: true, force: true }))
    const name = up(alice, TWO_HOSTS, places)
    expect(root('ls').stdout).not.toContain(name)
    root('down', '--all')
    expect(processesOf(name)).not.toEqual([])
    expect(root('exec', `${ALICE}:${name}/h1`, '--', 'hostname').stdout).toBe('h1\n')
    // Alice can read the environment of any process in her node.
    const secret = runCli(['exec', `${ALICE}:${name}/h1`, '--', 'env'], { env: { ...places, LANG: 'C', SECRET: 'x' } })
    expect(secret.stdout).toContain('LANG=C\n')
    expect(secret.stdout).not.toContain('SECRET')
    expect(root('inspect', `${ALICE}:${name}`)).toMatchObject({ status: 0 })
    expect(root('pause', `${ALICE}:${name}/h1`)).toMatchObject({ status: 0 })
    const resume = `nslab resume ${ALICE}:${name}/h1`
    expect(root('exec', `${ALICE}:${name}/h1`, '--', 'true').stderr).toContain(`hint: \`${resume}\``)
    expect(root('resume', `${ALICE}:${name}/h1`)).toMatchObject({ status: 0 })
    expect(root('down', `${ALICE}:${name}`)).toMatchObject({ status: 0 })
    expect(processesOf(name)).toEqual([])
  })

  test('signals and enters nothing that a user’s state only claims', () => {
    const alice = user(ALICE)
    const place = `/tmp/nslab-${ALICE}`
    onTestFinished(() => rmSync(place, { recursive: true, force: true }))
    const name = up(alice, TWO_HOSTS, places)
    const path = join(place, name, 'state.json')
    const state = JSON.parse(readFileSync(path, 'utf8'))
    onTestFinished(() => {
      writeFileSync(path, JSON.stringify(state))
      root('down', `${ALICE}:${name}`)
    })
    const self = {
      pid: process.pid,
      startTime: Number(readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ')[19]),
    }
    writeFileSync(path, JSON.stringify({ ...state, keeper: self }))
    const down = root('down', `${ALICE}:${name}`)
    expect(down.stderr).toMatch(new RegExp(`names process ${process.pid}, which is not that user's`))
    expect(down.status).toBe(4)

    // The process is Alice's, but it is in the host's own namespaces.
    const nodes = state.nodes.map((node: object) => ({ ...node, ...plainProcessOf(alice) }))
    writeFileSync(path, JSON.stringify({ ...state, nodes }))
    expect(root('exec', `${ALICE}:${name}/h1`, '--', 'id').stderr).toMatch(/which is in no node/)

    rmSync(path)
    symlinkSync('/etc/shadow', path)
    expect(root('inspect', `${ALICE}:${name}`)).toMatchObject({ status: 7, stdout: '' })
    rmSync(path)
    mkdirSync(path)
    expect(root('inspect', `${ALICE}:${name}`)).toMatchObject({ status: 7, stdout: '' })
    rmSync(path, { recursive: true })
  })
})

// Alice has changed the state file of her lab.
describe('root, shown a state that is none', () => {
  const root = (...args: string[]) => runCli(args, { env: { NSLAB_STATE_DIR: undefined } })

  test('takes nothing of it', () => {
    const alice = user(ALICE)
    const place = `/tmp/nslab-${ALICE}`
    onTestFinished(() => rmSync(place, { recursive: true, force: true }))
    const name = up(alice, TWO_HOSTS, { NSLAB_STATE_DIR: undefined })
    const path = join(place, name, 'state.json')
    const written = readFileSync(path, 'utf8')
    const state = JSON.parse(written)
    onTestFinished(() => {
      writeFileSync(path, written)
      root('down', `${ALICE}:${name}`)
    })
    const [node, other] = state.nodes
    const forged = [
      { links: [5, null] },
      { links: [['h1:eth0']] },
      { status: 5 },
      { nodes: { length: 1 } },
      { nodes: [null] },
      ...[
        { kind: 'ghost' },
        { labels: { a: 5 } },
        { env: { 'A=B': 'c' } },
        { ipv4: '10.0.0.1\0target\x0192.0.2.1' },
        { ipv6: 5 },
        { name: 'a b' },
      ].map((change) => ({ nodes: [{ ...node, ...change }, other] })),
    ]
    const refused = { status: 7, stdout: '', stderr: expect.stringContaining(`user ${ALICE} has no lab named ${name}`) }
    for (const change of forged) {
      writeFileSync(path, JSON.stringify({ ...state, ...change }))
      expect(root('inspect', `${ALICE}:${name}`), JSON.stringify(change)).toMatchObject(refused)
    }
    truncateSync(path, 180_000_000)
    expect(root('inspect', `${ALICE}:${name}`)).toMatchObject(refused)
    writeFileSync(path, written)
    expect(root('ping', '--all', '--lab', `${ALICE}:${name}`)).toMatchObject({ status: 0 })
  })

  test('finds labs of the caller’s own by their whole name', () => {
    const alice = user(ALICE)
    const name = up(alice)
    expect(alice.nslab(['exec', `${ALICE}:${name}/h1`, '--', 'hostname'])).toMatchObject({ status: 0, stdout: 'h1\n' })
    const directory = mkdtempSync(join(tmpdir(), 'nslab-test-'))
    chmodSync(directory, 0o711)
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const own = (...args: string[]) => runCli(args, { env: { NSLAB_STATE_DIR: directory }, input: 'nodes: {a: {}}' })
    expect(own('up', '-', '--name', name)).toMatchObject({ status: 0 })
    expect(own('inspect', `root:${name}`)).toMatchObject({ status: 0 })
    expect(own('down', `0:${name}`)).toMatchObject({ status: 0, stdout: `lab ${name} is down\n` })
  })
})

/** Starts a process of a user outside any lab. It ends with the test. */
function plainProcessOf(owner: TestUser): { pid: number; startTime: number } {
  const started = owner.run(['sh', '-c', 'sleep 60 >/dev/null 2>&1 & echo $!'])
  const pid = Number(started.stdout)
  onTestFinished(() => void owner.run(['kill', String(pid)]))
  return { pid, startTime: Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19]) }
}

test('that there may be no more processes is told, whatever runs out of them, and nothing is left', () => {
  const alice = user(ALICE)
  const statuses = new Set<number | null>()
  // Node.js itself needs about eight threads to start.
  for (let most = 12; most <= 40; most++) {
    const name = uniqueName('rootless')
    const limited = ['prlimit', `--nproc=${most}`, process.execPath, join(alice.checkoutPath, 'bin/run.js')]
    const env = { NSLAB_STATE_DIR: join(alice.directory, 'labs') }
    const { status, stderr } = alice.run([...limited, 'up', '-', '--name', name], { input: TWO_HOSTS, env })
    statuses.add(status)
    if (status === 0) expect(alice.nslab(['down', name]).status).toBe(0)
    else
      expect({ status, stderr }).toEqual({
        status: 4,
        stderr: expect.stringMatching(/^error: .*EAGAIN.*\nhint: .*ulimit -u/m),
      })
    expect(processesOf(name), `${most}`).toEqual([])
  }
  expect(statuses).toEqual(new Set([4, 0]))
})
