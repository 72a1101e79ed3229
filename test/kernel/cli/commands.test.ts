// The contract of the command line: JSON documents, exit codes, help.
//
// h1 ── r1 ── r2 ── h2
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, vi } from 'vitest'
import { ROOT, runCli, test, uniqueName } from '../../support/lab.js'

const FILE = 'topologies/two-routers.yaml'
const COMMANDS = readdirSync(join(ROOT, 'src/commands'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace('.ts', '').replace('/', ' '))

describe.each(COMMANDS)('nslab %s --help', (command) => {
  test('says what it does and shows examples', ({ nslab }) => {
    const { status, stdout } = nslab([...command.split(' '), '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain('USAGE')
    expect(stdout).toContain(`nslab ${command}`)
    expect(stdout).toContain('EXAMPLES')
  })
})

test('nslab --version and --help', ({ nslab }) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(nslab(['--version']).stdout).toContain(`nslab/${version}`)
  const help = nslab(['--help'])
  expect(help.status).toBe(0)
  for (const command of COMMANDS) expect(help.stdout).toContain(command.split(' ')[0])
})

test('up, inspect and ls print the documents of the contract', ({ nslab }) => {
  const name = uniqueName('cli')
  const up = nslab(['up', FILE, '--name', name, '--json'])
  expect(up, up.stderr).toMatchObject({ status: 0, stderr: '' })
  const document = up.json()
  expect(document).toMatchObject({ lab: name, status: 'running', rootless: false, elapsedMs: expect.any(Number) })
  expect(document.nodes[0]).toMatchObject({ name: 'h1', kind: 'host', hostname: 'h1', status: 'running' })
  expect(Object.keys(document.nodes[0].namespaces)).toEqual(
    expect.arrayContaining(['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time']),
  )
  expect(document.nodes[0].interfaces.find((each: any) => each.name === 'eth0')).toMatchObject({
    mac: expect.stringMatching(/^02:/),
    mtu: 1500,
    state: 'up',
    addresses: expect.arrayContaining(['10.0.0.0/31', 'fd00::/127']),
  })
  expect(document.links[0]).toMatchObject({ endpoints: ['h1:eth0', 'r1:eth0'], state: 'up' })
  const inspect = nslab(['inspect', name, '--json']).json()
  expect({ ...inspect, elapsedMs: 0 }).toEqual({ ...document, elapsedMs: 0 })
  expect(nslab(['ls', '--json']).json()).toEqual({
    labs: [{ name, status: 'running', paused: 0, nodes: 4, links: 3, keeper: document.keeper, rootless: false }],
  })
  expect(nslab(['ls']).stdout).toContain(name)
  expect(nslab(['inspect']).stdout).toContain('h1')
})

test('ping prints its document, and exit status 8 says that packets were lost', ({ nslab }) => {
  const name = uniqueName('cli')
  expect(nslab(['up', FILE, '--name', name])).toMatchObject({ status: 0 })
  const ping = nslab(['ping', 'h1', 'h2', '-c', '2', '-i', '0.01', '--json'])
  expect(ping).toMatchObject({ status: 0, stderr: '' })
  expect(ping.json()).toMatchObject({ from: 'h1', to: 'h2', sent: 2, received: 2, lossPercent: 0 })
  expect(Object.keys(ping.json().rttMs)).toEqual(['min', 'avg', 'max', 'mdev'])
  expect(nslab(['ping', `${name}/h1`, `${name}/h2`, '-6', '-c', '1']).stdout).toMatch(/1 .*received/)
  const lost = nslab(['ping', 'h1', '203.0.113.9', '-c', '1', '-W', '0.1', '--json'])
  expect(lost).toMatchObject({ status: 8 })
  expect(lost.json()).toMatchObject({ address: '203.0.113.9', sent: 1, received: 0, lossPercent: 100, rttMs: null })
  expect(nslab(['exec', 'r1', '--', 'ip', 'link', 'set', 'eth0', 'down']).status).toBe(0)
  const mesh = nslab(['ping', '--all', '-W', '0.2', '--json'])
  expect(mesh).toMatchObject({ status: 8 })
  expect(mesh.json()).toMatchObject({ sent: 4, received: 0 })
  expect(nslab(['ping', '--all', '-W', '0.2'])).toMatchObject({ status: 8 })
})

describe.each(['nodes', 'links', 'interfaces', 'addresses', 'routes', 'neighbours', 'namespaces'])(
  'export %s',
  (table) => {
    test('in every format, from a file and from the kernel', ({ nslab }) => {
      const name = uniqueName('cli')
      expect(nslab(['up', FILE, '--name', name])).toMatchObject({ status: 0 })
      for (const format of ['table', 'csv', 'tsv', 'json', 'yaml', 'markdown', 'html']) {
        for (const source of [FILE, name]) {
          const { status, stdout, stderr } = nslab(['export', source, '--table', table, '--format', format])
          expect({ status, stderr }, `${source} ${format}`).toEqual({ status: 0, stderr: '' })
          if (format === 'json') expect(Array.isArray(JSON.parse(stdout))).toBe(true)
        }
      }
    })
  },
)

test('export writes a file with -o', ({ nslab, stateDirectory }) => {
  const path = join(stateDirectory, 'links.csv')
  expect(nslab(['export', FILE, '--table', 'links', '--format', 'csv', '-o', path])).toMatchObject({
    status: 0,
    stdout: '',
  })
  expect(readFileSync(path, 'utf8')).toMatch(/^a,b,type,state,mtu,emulation,from_a,from_b\r\nh1:eth0,r1:eth0,veth,/)
})

test('plan, and up --dry-run, name the iproute2 command of each operation and do nothing', ({ nslab }) => {
  const plan = nslab(['plan', FILE, '--json'])
  expect(plan).toMatchObject({ status: 0 })
  expect(plan.json().ops.length).toBeGreaterThan(20)
  for (const op of plan.json().ops)
    expect(op).toMatchObject({ op: expect.any(String), command: expect.stringMatching(/^ip /) })
  expect(nslab(['up', FILE, '--dry-run', '--json']).stdout).toBe(plan.stdout)
  expect(nslab(['plan', FILE]).stdout).toContain('ip -n h1 link add eth0')
  expect(nslab(['ls', '--json']).json()).toEqual({ labs: [] })
})

test('what a file or a node says does nothing to a terminal, and is data elsewhere', ({ nslab, stateDirectory }) => {
  const name = uniqueName('escapes')
  const written = `{name: ${name}, nodes: {a: {sysctls: {net.ipv4.ip_default_ttl: "1\\e[31m"}}}}`
  expect(nslab(['plan', '-'], { input: written }).stdout).toContain('1\\x1b[31m')
  expect(nslab(['up', '-'], { input: `{name: ${name}, nodes: {a: {}}}` })).toMatchObject({ status: 0 })
  nslab(['exec', `${name}/a`, '--', 'ip', 'link', 'add', 'a\x1b[31m', 'type', 'veth'])
  const line = ['export', name, '--table', 'interfaces', '--format', 'csv']
  expect(nslab(line).stdout).toContain('a\x1b[31m')
  const { stdout } = spawnSync('script', ['-qfec', `'${process.execPath}' bin/run.js ${line.join(' ')}`, '/dev/null'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  expect(stdout).toContain('a\\x1b[31m')
  expect(stdout).not.toContain('\x1b')
})

test('plan --script prints a script alone, and no JSON', ({ nslab }) => {
  const script = nslab(['plan', FILE, '--script', '--name', 'renamed'])
  expect(script).toMatchObject({ status: 0, stderr: '' })
  expect(script.stdout).toMatch(/^#!\/bin\/sh\n# The network of the lab renamed,/)
  const both = nslab(['plan', FILE, '--script', '--json'])
  expect([both.status, both.json().error.code]).toEqual([2, 'USAGE'])
  expect(nslab(['plan', 'no-such-file.yaml', '--script'])).toMatchObject({ status: 2, stdout: '' })
})

test('down takes names or --all, and says what is not there', ({ nslab }) => {
  const [first, second] = [uniqueName('cli'), uniqueName('cli')]
  expect(nslab(['up', FILE, '--name', first])).toMatchObject({ status: 0 })
  expect(nslab(['up', FILE, '--name', second])).toMatchObject({ status: 0 })
  expect(nslab(['up', FILE, '--name', first])).toMatchObject({ status: 7 })
  expect(nslab(['exec', 'h1', '--', 'true'])).toMatchObject({ status: 125 })
  expect(nslab(['inspect'])).toMatchObject({ status: 2 })
  expect(nslab(['down', 'nothing-of-that-name', first])).toMatchObject({ status: 7 })
  expect(nslab(['down', first, second, '--json']).json()).toEqual({ down: [first, second] })
  expect(nslab(['down', '--all'])).toMatchObject({ status: 0 })
  expect(nslab(['down'])).toMatchObject({ status: 7 })
  expect(nslab(['gc', '--json']).json()).toEqual({ removed: [] })
})

test('wrong usage is 2, with the document on stdout when asked for', ({ nslab }) => {
  expect(nslab(['up'])).toMatchObject({ status: 2 })
  expect(nslab(['up', 'no-such-file.yaml'])).toMatchObject({ status: 2 })
  expect(nslab(['frobnicate'])).toMatchObject({ status: 2 })
  expect(nslab(['ls', '--frobnicate'])).toMatchObject({ status: 2 })
  expect(nslab(['ping', 'h1'])).toMatchObject({ status: 2 })
  const json = nslab(['up', 'no-such-file.yaml', '--json'])
  expect(json).toMatchObject({ status: 2, stderr: '' })
  expect(json.json().error).toMatchObject({ code: 'FILE_UNREADABLE', message: expect.stringContaining('no-such-file') })
})

test('a word that is no command is 2, with the one that may be meant', ({ nslab }) => {
  const { status, stderr } = nslab(['lss'])
  expect([status, stderr]).toEqual([
    2,
    'error: there is no command lss; did you mean ls?\nhint: `nslab --help` lists them\n',
  ])
  expect(nslab(['constructor', '--json']).json().error).toMatchObject({ code: 'USAGE' })
  expect(nslab(['--nope']).status).toBe(2)
  expect(nslab(['help', 'up']).stdout).toBe(nslab(['up', '--help']).stdout)
  expect(nslab(['plan'], { env: { NODE_ENV: 'production' } }).stderr).toBe(
    'error: plan needs a topology file, or - for standard input\n',
  )
})

test('exec gives a command its words as they were written', ({ nslab }) => {
  const name = uniqueName('cli')
  nslab(['up', 'topologies/two-hosts.yaml', '--name', name])
  const words = ['1', '2', '1', '--', '--json', '--help', '2', 'x', '', '1']
  for (const start of [['h1', '--'], ['h1'], [`${name}/h1`, '--']]) {
    const { status, stdout } = nslab(['exec', ...start, 'printf', '<%s>', ...words])
    expect({ status, stdout }).toEqual({ status: 0, stdout: words.map((word) => `<${word}>`).join('') })
  }
})

test('a node without a name, and flags that do not go together, are wrong usage', ({ nslab }) => {
  for (const [words, said] of [
    [['ping', '/h1', 'h2'], '"/h1" is not [LAB/]NODE'],
    [['mounts', 'lab/'], '"lab/" is not [LAB/]NODE'],
    [['ping', 'a', 'b', '--lab', 'x'], '--lab goes with --all'],
    [['export', FILE, '--json', '--format', 'csv'], '--json is not --format csv'],
  ] as const) {
    const { status, stdout, stderr } = nslab(words)
    expect({ words, status }).toEqual({ words, status: 2 })
    expect(stdout + stderr).toContain(stdout === '' ? `error: ${said}` : JSON.stringify(said))
  }
})

test('a table goes to a file as JSON, and then not to standard output', ({ nslab, stateDirectory }) => {
  const file = join(stateDirectory, 'links.json')
  expect(nslab(['export', FILE, '--table', 'links', '--json', '-o', file])).toMatchObject({ status: 0, stdout: '' })
  const { stdout } = nslab(['export', FILE, '--table', 'links', '--json'])
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(stdout))
  rmSync(file)
})

test('exec without a node or a command says how it is used', ({ nslab }) => {
  for (const words of [['exec'], ['exec', 'h1'], ['exec', '--']])
    expect(nslab(words, { env: { NODE_ENV: 'production' } })).toMatchObject({
      status: 125,
      stderr: 'error: exec needs a command\nhint: exec NODE -- COMMAND…\n',
    })
})

test('no argument is taken from standard input', ({ nslab }) => {
  expect(nslab(['export'], { input: 'topologies/two-hosts.yaml\n' })).toMatchObject({ status: 7 })
  expect(nslab(['ping', '--all'], { input: 'a\n' }).stderr).toContain('no lab is running')
})

test.each([
  [['-h'], 'USAGE'],
  [['up', '-h'], 'dry-run'],
  [['help', 'up'], 'dry-run'],
  [['-V'], 'nslab/'],
  [['version'], 'nslab/'],
])('%j', (words, said) => {
  const { status, stdout } = runCli(words)
  expect(status).toBe(0)
  expect(stdout).toContain(said)
})

test('numbers keep their order, whatever flags are between them', ({ nslab }) => {
  const nodes = (...words: string[]) =>
    nslab(['generate', ...words, '--json'])
      .json()
      .topology.split('\nlinks:')[1]
  expect(nodes('grid', '--hosts', '2', '3', '2')).toBe(nodes('grid', '3', '2', '--hosts', '2'))
})

test.each([['ls'], ['generate', 'chain', '3'], ['--help'], ['schema']])(
  'a standard output that is full is told, not crashed on: %s',
  (...words) => {
    const command = [process.execPath, join(ROOT, 'bin/run.js'), ...words].map((word) => `'${word}'`).join(' ')
    // Labs of others would be told on standard error as well.
    const env = { ...process.env, NSLAB_STATE_DIR: join(tmpdir(), uniqueName('none')) }
    const { status, stderr } = spawnSync('sh', ['-c', `${command} > /dev/full`], { encoding: 'utf8', env })
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        'error: cannot write to standard output: ENOSPC: no space left on device\n' +
        'hint: what the command has done stands; `nslab ls` shows the labs\n',
    })
  },
)

test('a command in a node is not asked whether its standard output is full', ({ nslab, stateDirectory }) => {
  const name = uniqueName('cli')
  nslab(['up', '-'], { input: `{name: ${name}, nodes: {a: {}}}` })
  for (const status of [0, 9]) {
    const script = `"$0" "$1" exec a -- sh -c 'exit ${status}' > /dev/full`
    const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
    // A node has its own /tmp, so it does not see a checkout in /tmp.
    const words = ['-c', script, process.execPath, join(ROOT, 'bin/run.js')]
    const result = spawnSync('sh', words, { cwd: '/', env, encoding: 'utf8' })
    expect({ status: result.status, stderr: result.stderr }).toEqual({ status, stderr: '' })
  }
})

test('output that nobody reads for longer than oclif waits comes out whole', () => {
  // The output is longer than a pipe holds, and a pager may take any time to read it.
  const script = '{ "$0" bin/run.js schema; echo "status $?" >&2; } | { sleep 11; cat; }'
  const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath], { cwd: ROOT, encoding: 'utf8' })
  expect({ stderr, isWhole: stdout === runCli(['schema']).stdout }).toEqual({ stderr: 'status 0\n', isWhole: true })
})

test.each([['nosuch'], ['nosuch', '--json'], ['ls', '--json'], ['ls', '--help'], ['--version'], ['up', '--nosuch']])(
  'output that does not fit into the pipe yet is waited for: %s %s',
  (...words) => {
    const { status, stdout, stderr } = runCli(words)
    const full = 1 << 16 // capacity of a pipe in bytes: pipe(7)
    const script = `{ head -c ${full} /dev/zero; "$0" bin/run.js "$@" 2>&1; echo "status $?" >&2; } | { sleep 1; cat; }`
    const read = spawnSync('sh', ['-c', script, process.execPath, ...words], { cwd: ROOT, encoding: 'utf8' })
    expect({ text: read.stdout.slice(full), status: read.stderr }).toEqual({
      text: stdout + stderr,
      status: `status ${status}\n`,
    })
  },
)

test('that standard output is full is told to who takes time to read it, too', ({ stateDirectory }) => {
  const full = 1 << 16
  const script =
    `{ head -c ${full} /dev/zero >&2; "$0" bin/run.js ls > /dev/full; echo "status $?" >&3; } 3>&2 2>&1 | ` +
    '{ sleep 1; cat; }'
  const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
  const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath], { cwd: ROOT, encoding: 'utf8', env })
  expect(stdout.slice(full)).toMatch(/^error: cannot write to standard output: ENOSPC: .*\nhint: .*\n$/)
  expect(stderr).toBe('status 2\n')
})

test('up that waits for a reader can be ended, when the lab stands', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('cli')
  const pipe = join(stateDirectory, '.pipe')
  execFileSync('mkfifo', [pipe])
  const full = openSync(pipe, 'r+')
  writeSync(full, Buffer.alloc(1 << 16))
  const command = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'up', '-'], {
    stdio: ['pipe', full, 'inherit'],
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  try {
    command.stdin?.end(`{name: ${name}, nodes: {a: {}}}`)
    const isRunning = () => nslab(['ls', '--json']).json().labs[0]?.status === 'running'
    await vi.waitFor(() => expect(isRunning()).toBe(true), 10_000)
    await setTimeout(300)
    command.kill('SIGTERM')
    expect(await once(command, 'exit')).toEqual([null, 'SIGTERM'])
    expect(isRunning()).toBe(true)
  } finally {
    command.kill('SIGKILL')
    closeSync(full)
    rmSync(pipe)
  }
})
