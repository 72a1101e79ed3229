// Tests of the public surface of the library, for Node.js's own test runner: the same for root and for an ordinary user, in a process
// that stays what it is. NSLAB_LIBRARY is the URL of the library, NSLAB_TEST_LABS the first part of the names of labs.
//
//   h1 ── r1 ── h2
import assert from 'node:assert/strict'
import { test } from 'node:test'

const { CommandError, KernelError, Lab, LabError, parseScenario } = await import(process.env.NSLAB_LIBRARY)

const nameOf = (suffix) => `${process.env.NSLAB_TEST_LABS}-${suffix}`
const topology = (name, more = '') =>
  `name: ${name}\nnodes: {h1: {}, r1: {kind: router}, h2: {}${more && `, ${more}: {}`}}\n` +
  `links: [[h1, r1], [r1, h2]${more && `, [r1, ${more}]`}]\nchecks: [{ping: h1 -> h2}]\n`

async function withLab(suffix, use) {
  const lab = await Lab.up(topology(nameOf(suffix)))
  try {
    await use(lab)
  } finally {
    await lab[Symbol.asyncDispose]()
  }
}

const thrownBy = async (promise) =>
  await promise.then(
    () => assert.fail('nothing was thrown'),
    (error) => error,
  )

test('a lab is built, told of, found, and gone after down', async () => {
  const stages = new Set()
  const lab = await Lab.up(topology(nameOf('life')), { onProgress: ({ stage }) => stages.add(stage) })
  assert.deepEqual([...stages], ['nodes', 'configuration'])
  assert.ok(lab instanceof Lab)
  assert.equal(lab.isUntrusted, false)
  assert.deepEqual(
    lab.nodes.map(({ name }) => name),
    ['h1', 'r1', 'h2'],
  )
  assert.ok(lab.node('h1').pid > 0)
  assert.ok(Lab.list().some(({ name, status }) => name === lab.name && status === 'running'))
  const attached = Lab.attach(lab.name)
  assert.equal((await attached.inspect()).nodes.length, 3)
  await lab.down()
  await lab.down()
  assert.equal(
    Lab.list().some(({ name }) => name === lab.name),
    false,
  )
  assert.equal((await thrownBy(attached.inspect())).code, 'LAB_NOT_FOUND')
})

test('nodes run commands, ping, connect, trace, and explain', () =>
  withLab('node', async (lab) => {
    const h1 = lab.node('h1')
    assert.equal((await h1.exec(['hostname'], { cwd: '/' })).stdout, 'h1\n')
    const failed = await thrownBy(h1.exec(['sh', '-c', 'echo no >&2; exit 3'], { cwd: '/', reject: true }))
    assert.ok(failed instanceof CommandError)
    assert.equal(failed.result.exitCode, 3)
    const replies = []
    assert.equal((await h1.ping('h2', { count: 2, intervalMs: 10, onReply: (each) => replies.push(each) })).received, 2)
    assert.equal(replies.length, 2)
    assert.equal((await h1.connect('h2', { protocol: 'tcp', port: 9 })).state, 'refused')
    assert.equal((await h1.trace('h2')).reached, true)
    assert.equal((await h1.why('h2')).works, true)
    assert.equal((await lab.pingAll()).received, 4)
    await lab.pause()
    assert.equal((await thrownBy(h1.exec(['true']))).code, 'NODE_PAUSED')
    await lab.resume()
    await h1.pause()
    await h1.resume()
    assert.throws(() => lab.node('h9'), { code: 'NODE_NOT_FOUND' })
  }))

test('checks and measurements have their results', () =>
  withLab('checks', async (lab) => {
    const told = []
    const report = await lab.check({ onResult: ({ passed }) => told.push(passed) })
    assert.deepEqual([report.passed, report.failed, told], [1, 0, [true]])
    assert.deepEqual((await lab.verifyLinks()).directions, [])
  }))

test('a watch tells of everything from its first line on', () =>
  withLab('watch', async (lab) => {
    const events = lab.watch({ events: ['link'], nodes: ['h1'] })
    await lab.node('h1').exec(['ip', 'link', 'set', 'eth0', 'mtu', '1400'], { cwd: '/' })
    for await (const event of events) {
      if (event.event !== 'link') continue
      assert.deepEqual([event.node, event.interface, event.mtu], ['h1', 'eth0', 1400])
      break
    }
    const stop = new AbortController()
    const second = lab.watch({ signal: stop.signal })
    assert.equal((await second.next()).value.event, 'lab')
    stop.abort()
    assert.equal((await second.next()).done, true)
    assert.throws(
      () => lab.watch({ events: ['weather'] }),
      (error) => error instanceof LabError && error.code === 'USAGE',
    )
    const whole = lab.watch({ events: ['lab'] })
    await lab.down()
    const actions = []
    for await (const { action } of whole) actions.push(action)
    assert.deepEqual(actions, ['watch', 'down'])
  }))

test('a lab is changed, when the caller agrees', () =>
  withLab('change', async (lab) => {
    const wanted = topology(lab.name, 'h3')
    assert.ok((await lab.diff(wanted)).differences.length > 0)
    assert.equal((await lab.apply(wanted, { confirm: async () => false })).applied, false)
    assert.throws(() => lab.node('h3'), { code: 'NODE_NOT_FOUND' })
    assert.equal((await lab.apply(wanted, { confirm: (change) => change.differences.length > 0 })).applied, true)
    assert.equal((await lab.node('h3').ping('h1', { count: 1 })).received, 1)
    assert.equal((await lab.inspect(['addresses'])).nodes.length, 4)
  }))

test('a scenario runs, with the files that it names', () =>
  withLab('scenario', async (lab) => {
    const events = []
    const steps =
      '[{at: 0ms, down: "h1:eth0"}, {at: 20ms, up: "h1:eth0"}, {at: 40ms, expect: {from: h1, to: h2, within: 2s}}]'
    const ended = await lab.run(`steps: ${steps}`, { onEvent: ({ event }) => events.push(event) })
    assert.deepEqual(ended.expectations, { checked: 1, held: 1 })
    assert.deepEqual([events.at(0), events.at(-1)], ['started', 'ended'])
    const traced = parseScenario('steps: [{at: 0ms, set: {"h1:eth0": {trace: rates.txt}}}]')
    const readSource = (file) => ({ file, text: '1\n2\n3\n' })
    assert.equal((await lab.run(traced, { readSource })).event, 'ended')
    const unreadable = () => {
      throw new Error('there is no such file')
    }
    const missing = parseScenario('steps: [{at: 0ms, set: {"h1:eth0": {trace: missing.txt}}}]')
    const fault = await thrownBy(lab.run(missing, { readSource: unreadable }))
    assert.equal(fault.code, 'TOPOLOGY_INVALID')
    assert.match(fault.issues[0].message, /there is no such file/)
  }))

test('errors are of their class, and have all that they have elsewhere', () =>
  withLab('errors', async (lab) => {
    async function ofOtherLab() {
      return await lab.apply('name: other\nnodes: {a: {}}\n')
    }
    const other = await thrownBy(ofOtherLab())
    assert.ok(other instanceof LabError && other instanceof Error)
    assert.deepEqual([other.name, other.code, other.exitCode], ['LabError', 'USAGE', 2])
    assert.match(other.hint, /--name/)
    assert.match(other.stack, /ofOtherLab/)
    const taken = await thrownBy(Lab.up(topology(lab.name)))
    assert.deepEqual([taken.code, taken.exitCode], ['LAB_EXISTS', 7])
    const faulty = await thrownBy(Lab.up('name: x\nnodes: {a: {kind: rooter}}\n'))
    assert.deepEqual([faulty.code, faulty.issues[0].line, faulty.issues[0].column], ['TOPOLOGY_INVALID', 2, 19])
    const refused = await thrownBy(Lab.up(`name: ${nameOf('sysctl')}\nnodes: {a: {sysctls: {net.ipv4.nothing: 1}}}\n`))
    assert.ok(refused instanceof LabError)
    if (refused instanceof KernelError) assert.equal(refused.errnoName, 'ENOENT')
  }))

test('what a signal or a function of the caller says ends the call, and nothing is left', async () => {
  const name = nameOf('abort')
  const reason = new Error('enough')
  const controller = new AbortController()
  const up = Lab.up(topology(name), { signal: controller.signal, onProgress: () => controller.abort(reason) })
  assert.equal(await thrownBy(up), reason)
  const thrower = () => {
    throw reason
  }
  assert.equal(await thrownBy(Lab.up(topology(name), { onProgress: thrower })), reason)
  assert.equal(await thrownBy(Lab.up(topology(name), { signal: AbortSignal.abort(reason) })), reason)
  assert.equal(
    Lab.list().some((lab) => lab.name === name),
    false,
  )
})

test('labs and calls stand side by side', async () => {
  const labs = await Promise.all(['a', 'b', 'c'].map((each) => Lab.up(topology(nameOf(`side-${each}`)))))
  const calls = labs.flatMap((lab) => [
    lab.inspect(),
    lab.check(),
    lab.node('h1').ping('h2', { count: 1 }),
    lab.pingAll(),
  ])
  assert.equal((await Promise.all(calls)).length, 12)
  await Promise.all(labs.map((lab) => lab.down()))
})
