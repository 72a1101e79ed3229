// The library: labs as objects that end with their scope, and with the process that made them.
//
// h1 ── r1 ── h2
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { expect } from 'vitest'
import {
  CommandError,
  Lab,
  LabError,
  type PingReply,
  type Progress,
  parseTopology,
  planLab,
  resolveTopology,
} from '../../src/index.js'
import { processesOf, ROOT, test, uniqueName } from '../support/lab.js'
import { keepThreadsBusy } from '../support/threads.js'

const topology = (name: string) =>
  `name: ${name}\nnodes: {h1: {}, r1: {kind: router}, h2: {}}\nlinks: [[h1, r1], [r1, h2]]\n`

test('a lab answers at once, and is gone when its scope is left', async ({ stateDirectory }) => {
  const name = uniqueName('lib')
  {
    await using lab = await Lab.up(topology(name))
    expect(stateDirectory).toBe(process.env.NSLAB_STATE_DIR)
    expect(Lab.list()).toMatchObject([{ name, status: 'running', nodes: 3, links: 2 }])
    const ping = await lab.node('h1').ping('h2', { count: 1 })
    expect(ping).toMatchObject({ from: 'h1', to: 'h2', sent: 1, received: 1, lossPercent: 0 })
    const result = await lab.node('r1').exec(['cat', '/proc/sys/net/ipv4/ip_forward'], { cwd: '/' })
    expect(result).toEqual({ exitCode: 0, stdout: '1\n', stderr: '' })
    const view = await Lab.attach(name).inspect()
    expect(view.nodes.map((node) => node.name)).toEqual(['h1', 'r1', 'h2'])
    expect(view.links.every((link) => link.state === 'up')).toBe(true)
    expect(() => lab.node('h9')).toThrow(LabError)
    expect(inspect([lab, lab.node('h1')])).toBe(`[ Lab { ${name} }, LabNode { ${name}/h1 } ]`)
    // The message of a failed assertion shows the lab, for which nothing in it is called.
    expect(() => expect(lab).toBe(null)).toThrow(`expected Lab { ${name} } to be null`)
  }
  expect(processesOf(name)).toEqual([])
  expect(Lab.list()).toEqual([])
})

test('an ICMP error has its type, its code and the router that sent it', async ({ stateDirectory }) => {
  await using lab = await Lab.up(topology(uniqueName('lib')))
  expect(stateDirectory).not.toBe('')
  const refuse = ['10.9.9.1 unreachable', '10.9.9.2 prohibit', 'fd00:9::1 unreachable', 'fd00:9::2 prohibit']
  for (const line of refuse) {
    const [to, type] = line.split(' ') as [string, string]
    await lab.node('r1').exec(['ip', ...(to.includes(':') ? ['-6'] : []), 'route', 'add', type, to])
  }
  const errorTo = async (to: string) => {
    const replies: PingReply[] = []
    await lab.node('h1').ping(to, { count: 1, onReply: (reply) => replies.push(reply) })
    return replies.map(({ error, reportedBy, icmp }) => [error, reportedBy, icmp?.type, icmp?.code])
  }
  // RFC 792 and RFC 1812, 5.2.7.1; RFC 4443, 3.1
  expect(await errorTo('10.9.9.1')).toEqual([['Destination host unreachable', '10.0.0.1', 3, 1]])
  expect(await errorTo('10.9.9.2')).toEqual([['Packet filtered', '10.0.0.1', 3, 13]])
  expect(await errorTo('fd00:9::1')).toEqual([['No route', 'fd00::1', 1, 0]])
  expect(await errorTo('fd00:9::2')).toEqual([['Administratively prohibited', 'fd00::1', 1, 1]])
})

test('two labs live side by side, and one name cannot be taken twice', async ({ stateDirectory }) => {
  const [first, second] = [uniqueName('lib'), uniqueName('lib')]
  await using a = await Lab.up(topology(first))
  await using b = await Lab.up(topology(second))
  expect(stateDirectory).not.toBe('')
  expect(Lab.list().map((lab) => lab.name)).toEqual([first, second].sort())
  await expect(Lab.up(topology(first))).rejects.toMatchObject({ code: 'LAB_EXISTS', exitCode: 7 })
  expect((await a.node('h1').ping('h2', { count: 1 })).received).toBe(1)
  expect((await b.node('h1').ping('h2', { count: 1, family: 6 })).received).toBe(1)
  expect(() => Lab.attach()).toThrow(/several labs run/)
})

test('a lab that was not told to persist dies with its process', async ({ stateDirectory }) => {
  const name = uniqueName('lib')
  const script = `
    import { Lab } from ${JSON.stringify(join(ROOT, 'dist/index.js'))}
    await Lab.up(${JSON.stringify(topology(name))})
    console.log('up')
    setTimeout(() => {}, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  await once(child.stdout, 'data')
  expect(processesOf(name)).toHaveLength(4)
  child.kill('SIGKILL')
  await once(child, 'exit')
  for (let tries = 0; tries < 100 && processesOf(name).length > 0; tries++) await setTimeout(20)
  expect(processesOf(name)).toEqual([])
  expect(Lab.list()).toEqual([])
})

// When its creator closes the descriptor, the keeper ends by itself, here at the same time as it is killed.
test('one that was not told to persist is gone after down, however the race ends', async ({ stateDirectory }) => {
  void stateDirectory
  for (let round = 0; round < 25; round++) {
    const lab = await Lab.up(`{name: ${uniqueName('race')}, nodes: {a: {}}}`)
    await lab.down()
    expect(Lab.list()).toEqual([])
  }
})

test('an aborted up rolls back', async ({ stateDirectory }) => {
  const name = uniqueName('lib')
  const controller = new AbortController()
  const reason = new Error('enough')
  const onProgress = ({ stage }: { stage: string }) => stage === 'configuration' && controller.abort(reason)
  await expect(Lab.up(topology(name), { signal: controller.signal, onProgress })).rejects.toBe(reason)
  expect(processesOf(name)).toEqual([])
  expect(stateDirectory).not.toBe('')
  expect(Lab.list()).toEqual([])
})

test.for([
  { stage: 'nodes', at: 1 },
  { stage: 'configuration', at: 0 },
  { stage: 'configuration', at: 3 },
])('an up whose lab is taken down meanwhile says so: $stage, $at', async ({ stage, at }, { nslab }) => {
  const name = uniqueName('lib')
  let down: string | undefined
  const onProgress = (progress: Progress) => {
    if (progress.stage !== stage || progress.done < at || down !== undefined) return
    down = nslab(['down', name]).stdout
  }
  await expect(Lab.up(topology(name), { persist: true, onProgress })).rejects.toMatchObject({
    code: 'INTERRUPTED',
    message: `lab ${name} was taken down while it was built; nothing of it is left`,
  })
  expect(down).toBe(`lab ${name} is down\n`)
  expect(processesOf(name)).toEqual([])
  expect(Lab.list()).toEqual([])
})

test('an aborted up leaves nothing to threads, with descriptors that the next lab may have', async ({
  stateDirectory,
}) => {
  const name = uniqueName('lib')
  const controller = new AbortController()
  const reason = new Error('enough')
  let busy: Promise<void> | null = null
  const onProgress = ({ stage, done, total }: Progress) => {
    if (stage !== 'nodes' || done < total) return
    // Requests that make veth pairs wait for this one.
    busy = keepThreadsBusy(2)
    globalThis.setTimeout(() => controller.abort(reason), 20)
  }
  const descriptors = () => readdirSync('/proc/self/fd').toSorted()
  const before = descriptors()
  await expect(Lab.up(topology(name), { signal: controller.signal, onProgress })).rejects.toBe(reason)
  expect(busy).not.toBeNull()
  expect(descriptors()).toEqual(before)
  expect(stateDirectory).not.toBe('')
})

test('an aborted exec ends its command, whatever that does about signals, and rejects with the reason', async ({
  stateDirectory,
}) => {
  const name = uniqueName('lib')
  await using lab = await Lab.up(topology(name))
  expect(stateDirectory).not.toBe('')
  const running = () => execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).includes(`: ${name} runs`)
  const script = `: ${name} runs; trap '' TERM INT; sleep 2 & while :; do sleep 0.05; done`
  const controller = new AbortController()
  const reason = new Error('enough')
  const result = lab.node('h1').exec(['sh', '-c', script], { cwd: '/', signal: controller.signal })
  while (!running()) await setTimeout(10)
  controller.abort(reason)
  await expect(result).rejects.toBe(reason)
  for (let tries = 0; running() && tries < 100; tries++) await setTimeout(10)
  await expect.poll(running, { timeout: 10_000 }).toBe(false) // the kernel ends what was killed when it is scheduled
  await expect(lab.node('h1').exec(['true'], { signal: controller.signal })).rejects.toBe(reason)
})

test('a time limit ends a command and its process group, and keeps what it wrote', async ({ stateDirectory }) => {
  expect(stateDirectory).not.toBe('')
  const name = uniqueName('lib')
  await using lab = await Lab.up(topology(name))
  const node = lab.node('h1')
  const seconds = `${process.pid}.25`
  const running = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`sleep ${seconds}`)
  const script = `trap '' TERM INT; echo begun; sleep ${seconds} & sleep ${seconds}`
  const command = ['sh', '-c', script]
  const begin = Date.now()
  const late = { exitCode: 137, signal: 'SIGKILL', stdout: 'begun\n', stderr: '', timedOut: true }
  expect(await node.exec(command, { cwd: '/', timeoutMs: 300 })).toEqual(late)
  await expect.poll(running, { timeout: 10_000 }).toBe(false) // the kernel ends what was killed when it is scheduled
  const failure = { name: 'LabError', code: 'COMMAND_FAILED', node: 'h1', command, result: late }
  const message = `h1: sh -c ${script} did not end in time: begun`
  await expect(node.exec(command, { cwd: '/', timeoutMs: 300, reject: true })).rejects.toMatchObject({
    ...failure,
    message,
  })
  const daemon = ['sh', '-c', 'setsid sleep 3 & echo begun; sleep 9']
  expect(await node.exec(daemon, { cwd: '/', timeoutMs: 300 })).toEqual(late)
  expect(Date.now() - begin).toBeLessThan(2500)
  expect(await node.exec(['true'], { cwd: '/', timeoutMs: 60_000 })).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  await expect(node.exec(['true'], { timeoutMs: 0 })).rejects.toMatchObject({ code: 'USAGE' })
})

test('a status other than 0 is an error where the caller asks for one', async ({ stateDirectory }) => {
  expect(stateDirectory).not.toBe('')
  await using lab = await Lab.up(topology(uniqueName('lib')))
  const failing = lab.node('h1').exec(['sh', '-c', 'echo no >&2; exit 3'], { cwd: '/', reject: true })
  await expect(failing).rejects.toBeInstanceOf(CommandError)
  await expect(failing).rejects.toMatchObject({
    message: 'h1: sh -c echo no >&2; exit 3 ended with status 3: no',
    result: { exitCode: 3, stdout: '', stderr: 'no\n' },
  })
})

test('what a command prints is its own: what nslab has to say is told apart', async ({ stateDirectory }) => {
  const name = uniqueName('lib')
  await using lab = await Lab.up(topology(name))
  const warnings: string[] = []
  const node = lab.node('h1')
  // The node may not have the working directory of the tests.
  expect(await node.exec(['sh', '-c', 'echo mine >&2'])).toEqual({ exitCode: 0, stdout: '', stderr: 'mine\n' })
  const onWarning = (warning: string) => warnings.push(warning)
  const result = await node.exec(['sh', '-c', 'pwd; ls /proc/self/fd'], { cwd: stateDirectory, onWarning })
  expect(result).toEqual({ exitCode: 0, stdout: '/\n0\n1\n2\n3\n', stderr: '' }) // 3 is the directory that ls(1) reads
  expect(warnings).toEqual([`${stateDirectory} is hidden by a mount of the node, working in /`])
  await expect(node.exec(['echo', 'x'.repeat(1 << 18)])).rejects.toMatchObject({ errnoName: 'E2BIG' })
})

test('of a lab that is down, everything says so, but down', async ({ stateDirectory }) => {
  expect(stateDirectory).not.toBe('')
  const lab = await Lab.up(topology(uniqueName('lib')))
  const node = lab.node('h1')
  await lab.down()
  await lab.down()
  const gone = { code: 'LAB_NOT_FOUND', message: `lab ${lab.name} is down` }
  const calls = [
    ...[() => lab.inspect(), () => lab.pingAll(), () => node.exec(['true']), () => node.ping('h2')],
    ...[() => lab.pause(), () => node.resume()],
  ]
  for (const call of calls) await expect(call()).rejects.toMatchObject(gone)
  expect(() => lab.node('h1')).toThrow(expect.objectContaining(gone))
})

test.each([5, null, undefined, {}, parseTopology('{name: parsed, nodes: {a: {}}}')])(
  '%o is no topology',
  async (what) => {
    await expect(Lab.up(what as string)).rejects.toMatchObject({ code: 'USAGE' })
  },
)

test('a plan is data: the same file gives the same operations', () => {
  const ops = planLab(resolveTopology(parseTopology(topology('plan'))))
  expect(ops).toEqual(planLab(resolveTopology(parseTopology(topology('plan')))))
  expect(ops.map((op) => op.op)).toContain('veth.add')
})
