// Processes that go on in nodes: they are ready when they say so, and end with their scope, their lab and the process that started
// them.
//
// h1 ── h2
import { execFileSync, spawn as spawnHere } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { CommandError, Lab } from '../../../../src/index.js'
import { ROOT } from '../../../support/lab.js'
import { pairTest, pairTopology } from '../../../support/pair.js'

const topology = () => pairTopology('spawn')
const test = pairTest('spawn')

const sh = (script: string) => ['sh', '-c', script]
const perl = (script: string) => ['perl', '-e', script]
const cwd = '/'

/** Whether a process runs that is no zombie. */
const runs = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200 && runs(pid); tries++) await setTimeout(10)
  return !runs(pid)
}

const server = (port: number) =>
  perl(`
    use IO::Socket::INET;
    $| = 1;
    select undef, undef, undef, 0.1;
    $s = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5) or die;
    while ($c = $s->accept) { print 'from ', $c->peerhost, "\n"; close $c }`)

test('a process is in all namespaces of the node, streams, and ends by a signal', async ({ h1 }) => {
  const cat = await h1.spawn(sh('echo out; echo err >&2; exec cat'), { cwd })
  for (const kind of ['net', 'mnt', 'uts', 'ipc', 'user', 'pid'])
    expect(readlinkSync(`/proc/${cat.pid}/ns/${kind}`)).toBe(readlinkSync(`/proc/${h1.pid}/ns/${kind}`))
  cat.stdin.write('echoed\n')
  let text = ''
  for await (const chunk of cat.stdout.setEncoding('utf8')) {
    text += chunk
    if (text.includes('echoed')) break
  }
  expect(text).toBe('out\necho' + 'ed\n')
  const result = await cat.kill()
  expect(result).toEqual({ exitCode: 143, signal: 'SIGTERM', stdout: 'out\nechoed\n', stderr: 'err\n' })
  expect(await cat.result).toBe(result)
  expect(runs(cat.pid)).toBe(false)
  // Once more does nothing.
  expect(await cat.kill('SIGKILL')).toBe(result)
  await expect(cat.kill('SIGUSR1' as 'SIGTERM')).rejects.toMatchObject({ code: 'USAGE' })
})

test('one that ends by itself has the result of exec', async ({ h1 }) => {
  const ended = await h1.spawn(sh('read line; echo "got $line"; exit 3'), { cwd })
  ended.stdin.end('it\n')
  expect(await ended.result).toEqual({ exitCode: 3, stdout: 'got it\n', stderr: '' })
  const cat = await h1.spawn(['cat'], { cwd })
  cat.stdin.end('all of it')
  expect(await cat.result).toEqual({ exitCode: 0, stdout: 'all of it', stderr: '' })
})

test('a server is ready as soon as it listens, and has not seen a connection', async ({ h1, h2 }) => {
  await using listening = await h1.spawn(server(8080), { cwd, ready: { port: 8080 } })
  expect((await h2.connect('h1', { protocol: 'tcp', port: 8080 })).state).toBe('open')
  const lines = listening.stdout.setEncoding('utf8')[Symbol.asyncIterator]()
  expect((await lines.next()).value).toMatch(/^from 10\./)
  await expect(h1.spawn(server(8080), { cwd, ready: { port: 8080 } })).rejects.toMatchObject({
    code: 'ALREADY_EXISTS',
    message: 'h1 listens on TCP port 8080 already',
  })
  // The port of another node.
  await using other = await h2.spawn(server(8080), { cwd, ready: { port: 8080, protocol: 'tcp' } })
  expect(other.pid).not.toBe(listening.pid)
})

test('so is one of UDP, and one of IPv6 alone', async ({ h1 }) => {
  const bind = (type: string) => `
    use Socket qw(:all);
    socket S, AF_INET6, ${type}, 0 or die;
    setsockopt S, IPPROTO_IPV6, IPV6_V6ONLY, 1 or die;
    bind S, pack_sockaddr_in6 5353, inet_pton AF_INET6, '::1' or die;
    listen S, 5 if ${type} == SOCK_STREAM;
    sleep 60`
  await using udp = await h1.spawn(perl(bind('SOCK_DGRAM')), { cwd, ready: { port: 5353, protocol: 'udp' } })
  await using tcp = await h1.spawn(perl(bind('SOCK_STREAM')), { cwd, ready: { port: 5353 } })
  expect([runs(udp.pid), runs(tcp.pid)]).toEqual([true, true])
})

test.for([
  ['a text', { line: 'listening on 80' }],
  ['an expression', { line: /^listening on \d+$/g }],
  ['a stream', { line: 'listening', stream: 'stderr' as const }],
] as const)('a process is ready when it prints a line with %s', async ([, ready], { h1 }) => {
  const script = 'echo "not yet"; sleep 0.1; printf "listening on " >&2; sleep 0.1; echo 80 >&2; sleep 60'
  await using printed = await h1.spawn(sh(script), { cwd, ready })
  const { stderr } = await printed.kill()
  expect(stderr).toBe('listening on 80\n')
})

test('one that ends before it is ready is an error with its output', async ({ h1 }) => {
  const early = h1.spawn(sh('echo "no such file" >&2; exit 7'), { cwd, ready: { port: 80 } })
  await expect(early).rejects.toBeInstanceOf(CommandError)
  await expect(early).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message:
      'h1: sh -c echo "no such file" >&2; exit 7 ended with status 7 before it listened on TCP port 80: no such file',
    result: { exitCode: 7, stdout: '', stderr: 'no such file\n' },
  })
})

test('one that is not ready in time is an error with its output, and is killed with its group', async ({ h1 }) => {
  const script = 'sleep 61 & echo $!; echo "still loading"; wait'
  const late = h1.spawn(sh(script), { cwd, ready: { line: 'ready' }, readyTimeoutMs: 300 })
  await expect(late).rejects.toMatchObject({
    message: expect.stringContaining('has not printed a line with "ready" within 300 ms: '),
    result: { exitCode: 137, signal: 'SIGKILL', timedOut: true, stdout: expect.stringContaining('still loading') },
  })
  expect((await h1.exec(['ps', '-eo', 'args'], { cwd })).stdout).not.toContain('sleep 61')
})

test('a program that is not there is an error at once', async ({ h1 }) => {
  await expect(h1.spawn(['no-such-program'], { cwd })).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message: expect.stringContaining('no-such-program ended with status 127: nslab: no-such-program: No such file'),
    result: { exitCode: 127 },
  })
  await expect(h1.spawn([])).rejects.toMatchObject({ code: 'USAGE' })
  await expect(h1.spawn(['true'], { ready: { port: 0 } })).rejects.toMatchObject({ code: 'USAGE' })
  await expect(h1.spawn(['true'], { readyTimeoutMs: 0 })).rejects.toMatchObject({ code: 'USAGE' })
})

test('kill ends the whole process group, and those that do not end by SIGTERM', async ({ h1 }) => {
  const script = 'trap "" TERM; sleep 62 & echo started; wait; sleep 62'
  const group = await h1.spawn(sh(script), { cwd, ready: { line: 'started' } })
  expect(await group.kill()).toMatchObject({ exitCode: 137, signal: 'SIGKILL' })
  expect((await h1.exec(['ps', '-eo', 'args'], { cwd })).stdout).not.toContain('sleep 62')
})

test('kill ends what an ended process has left in the background', async ({ h1 }) => {
  const left = await h1.spawn(sh('sleep 63 & echo $$'), { cwd, ready: { line: /./ } })
  expect(await isGone(left.pid)).toBe(true)
  expect(await left.kill()).toMatchObject({ exitCode: 0 })
  expect((await h1.exec(['ps', '-eo', 'args'], { cwd })).stdout).not.toContain('sleep 63')
})

test('an aborted process is killed, and its result is the reason', async ({ h1 }) => {
  const [early, late] = [new AbortController(), new AbortController()]
  const reason = new Error('enough')
  const starting = h1.spawn(['sleep', '60'], { cwd, signal: early.signal, ready: { line: 'never' } })
  early.abort(reason)
  await expect(starting).rejects.toBe(reason)
  const started = await h1.spawn(['sleep', '60'], { cwd, signal: late.signal })
  late.abort(reason)
  await expect(started.result).rejects.toBe(reason)
  expect(runs(started.pid)).toBe(false)
  await started[Symbol.asyncDispose]()
})

test('a process whose output nobody reads is not blocked, and the end of that is kept', async ({ h1 }) => {
  const noisy = await h1.spawn(sh('yes | head -c 5000000; echo end'), { cwd })
  const { stdout, truncated, exitCode } = await noisy.result
  expect({ truncated, exitCode, bytes: stdout.length }).toEqual({ truncated: true, exitCode: 0, bytes: 2 ** 20 })
  expect(stdout.endsWith('y\nend\n')).toBe(true)
})

test('one who reads slowly gets all of it', async ({ h1 }) => {
  const noisy = await h1.spawn(sh('read go; head -c 3000000 /dev/zero'), { cwd })
  const stream = noisy.stdout
  stream.on('readable', () => {})
  noisy.stdin.write('\n')
  await setTimeout(100)
  let bytes = 0
  for await (const chunk of stream) bytes += (chunk as Buffer).length
  expect(bytes).toBe(3_000_000)
  expect(await noisy.result).toMatchObject({ exitCode: 0, truncated: true })
})

test('processes end with the lab', async ({ stateDirectory }) => {
  void stateDirectory
  const lab = await Lab.up(topology())
  const server = await lab.node('h1').spawn(['sleep', '60'], { cwd })
  await lab.down()
  expect(await server.result).toMatchObject({ exitCode: 137, signal: 'SIGKILL' })
  expect(runs(server.pid)).toBe(false)
})

/** Starts a program of its own with the built library. It may use `lab` and `h1`. */
function program(stateDirectory: string, body: string, options = '') {
  const script = `
    import { Lab } from ${JSON.stringify(join(ROOT, 'dist/index.js'))}
    const lab = await Lab.up(${JSON.stringify(topology())}, {${options}})
    const h1 = lab.node('h1')
    ${body}`
  return spawnHere(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
}

test.for(['', 'persist: true'])(
  'processes die with the process that started them, even by SIGKILL (%s)',
  async (options, { stateDirectory }) => {
    const body = `
      const one = await h1.spawn(['sh', '-c', 'trap "" TERM HUP; sleep 64; sleep 64'], { cwd: '/' })
      console.log(one.pid)
      setTimeout(() => {}, 60_000)`
    const child = program(stateDirectory, body, options)
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
    const pid = Number(line)
    expect(runs(pid)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await isGone(pid)).toBe(true)
    for (
      let tries = 0;
      tries < 100 && execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes('sleep 64');
      tries++
    )
      await setTimeout(20)
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('sleep 64')
  },
)

test('nothing of a process that has ended keeps its program from ending, nor does a result that nobody awaits', async ({
  stateDirectory,
}) => {
  const child = program(
    stateDirectory,
    `
    const controller = new AbortController()
    const one = await h1.spawn(['sleep', '60'], { cwd: '/', signal: controller.signal })
    const two = await h1.spawn(['sleep', '60'], { cwd: '/' })
    await two[Symbol.asyncDispose]()
    controller.abort(new Error('enough'))
    process.on('exit', () => console.log('the end'))`,
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const [status] = await once(child, 'exit')
  expect([status, output]).toEqual([0, 'the end\n'])
})
