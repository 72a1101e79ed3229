// Nodes that come, go and start anew in a lab that runs, through its keeper.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { type RunningLab, selectLab } from '../../../../src/lab/record/select.js'
import { type NodeState, writeState } from '../../../../src/lab/record/state.js'
import { endNodes } from '../../../../src/lab/session/end-nodes.js'
import { updateInsides } from '../../../../src/lab/session/insides.js'
import { makeNodes, type NodesToMake } from '../../../../src/lab/session/make-nodes.js'
import { openSession } from '../../../../src/lab/session/session.js'
import { isRunning } from '../../../../src/lab/who/process-identity.js'
import { buildPlan } from '../../../../src/plan/build.js'
import type { NodeAdd } from '../../../../src/plan/op.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { type Cli, test, uniqueName } from '../../../support/lab.js'
import { namespace } from '../../../support/shim.js'

const TEXT = 'nodes: {h1: {}, h2: {namespaces: {ipc: shared}}, h3: {namespaces: {ipc: shared}}}\nlinks: [[h1, h2]]\n'

function start(nslab: Cli, text = TEXT): RunningLab {
  const name = uniqueName('shim')
  expect(nslab(['up', '-', '--name', name], { input: text })).toMatchObject({ status: 0 })
  return selectLab(name)
}

const addsOf = (text: string): NodeAdd[] =>
  buildPlan(resolveTopology(parseTopology(`name: x\n${text}`))).nodes.flatMap(({ add }) => add ?? [])

const addOf = (name: string, text = TEXT): NodeAdd => addsOf(text).find(({ node }) => node === name) as NodeAdd

const nodeOf = ({ state }: RunningLab, name: string): NodeState =>
  state.nodes.find((node) => node.name === name) as NodeState

const toMake = (change: Partial<NodesToMake>): NodesToMake => ({
  ...{ added: [], restarted: [], running: addsOf(TEXT), hosts: '127.0.0.1\tlocalhost\n' },
  ...change,
})

/** As `apply` records what it has made. */
function record(lab: RunningLab, nodes: readonly Partial<NodeState>[]): void {
  lab.state.nodes = lab.state.nodes.map((old) => ({ ...old, ...nodes.find(({ name }) => name === old.name) }))
  writeState(lab.directory, lab.state)
}

describe('a node that is restarted', () => {
  test('has its network and user namespace still, and all others anew', async ({ nslab }) => {
    const lab = start(nslab)
    const old = nodeOf(lab, 'h1')
    const before = Object.fromEntries(
      ['user', 'net', 'pid', 'mnt', 'uts', 'ipc', 'cgroup'].map((kind) => [kind, namespace(old.pid, kind)]),
    )
    const network = () => nslab(['exec', `${lab.name}/h1`, '--', 'ip', '-j', 'address']).stdout
    const addresses = network()
    nslab(['exec', `${lab.name}/h1`, '--', 'sh', '-c', 'touch /run/old; sleep 1000 >/dev/null 2>&1 & :'])
    endNodes([old])
    expect(isRunning(old)).toBe(false)
    using session = await openSession(lab.state.keeper)
    const [made] = await makeNodes(lab, session, toMake({ restarted: [addOf('h1')] }))
    expect(made).toMatchObject({ name: 'h1', netnsFd: old.netnsFd, netnsInode: old.netnsInode })
    session.commit()
    record(lab, [made as NodeState])
    const now = nodeOf(lab, 'h1')
    for (const kind of ['user', 'net']) expect(namespace(now.pid, kind)).toBe(before[kind])
    expect(network()).toBe(addresses)
    const { stdout } = nslab([
      'exec',
      `${lab.name}/h1`,
      '--',
      'sh',
      '-c',
      'ls /run; hostname; cat /etc/hosts; pgrep sleep',
    ])
    expect(stdout).toBe('h1\n127.0.0.1\tlocalhost\n')
    expect(nslab(['ping', `${lab.name}/h2`, 'h1']).status).toBe(0)
  })

  test('starts in a cgroup that was paused', async ({ nslab }) => {
    const lab = start(nslab)
    nslab(['pause', `${lab.name}/h1`])
    endNodes([nodeOf(lab, 'h1')])
    using session = await openSession(lab.state.keeper)
    expect(await makeNodes(lab, session, toMake({ restarted: [addOf('h1')] }))).toHaveLength(1)
  })

  test('joins the namespaces that it shares with nodes that run', async ({ nslab }) => {
    const lab = start(nslab)
    endNodes([nodeOf(lab, 'h2')])
    using session = await openSession(lab.state.keeper)
    const running = addsOf(TEXT).filter(({ node }) => node !== 'h2')
    const [made] = await makeNodes(lab, session, toMake({ restarted: [addOf('h2')], running }))
    expect(namespace(made?.pid as number, 'ipc')).toBe(namespace(nodeOf(lab, 'h3').pid, 'ipc'))
  })

  test('is refused where the state names another network than the keeper holds', async ({ nslab }) => {
    const lab = start(nslab)
    endNodes([nodeOf(lab, 'h1')])
    record(lab, [{ name: 'h1', netnsInode: 1 }])
    using session = await openSession(lab.state.keeper)
    const made = makeNodes(lab, session, toMake({ restarted: [addOf('h1')] }))
    await expect(made).rejects.toMatchObject({ code: 'STATE_REFUSED', message: /is not the network namespace 1 that/ })
    const { status, stderr } = nslab(['inspect', lab.name])
    expect(stderr).toMatch(/^error: .*is not the network namespace 1 that the lab's state names\nhint: /)
    expect(status).not.toBe(0)
  })
})

describe('a node that is added', () => {
  test('lives once it is committed, joins what nodes share, and its network is dropped', async ({ nslab }) => {
    const lab = start(nslab)
    using session = await openSession(lab.state.keeper)
    const four = TEXT.replace('h3:', 'h4: {namespaces: {ipc: shared}}, h3:')
    const [made] = await makeNodes(lab, session, toMake({ added: [addOf('h4', four)] }))
    const { pid, netnsFd } = made as NodeState
    expect(namespace(pid, 'ipc')).toBe(namespace(nodeOf(lab, 'h3').pid, 'ipc'))
    session.commit()
    expect(session.list()).toEqual([...lab.state.nodes.map((node) => node.netnsFd), netnsFd])
    endNodes([made as NodeState])
    session.drop([netnsFd])
    expect(session.list()).toEqual(lab.state.nodes.map((node) => node.netnsFd))
  })

  test('ends with kill -9 of the client between its making and the commit', async ({ nslab }) => {
    const lab = start(nslab)
    const session = await openSession(lab.state.keeper)
    const [made] = await makeNodes(lab, session, toMake({ added: [addOf('h4', TEXT.replace('h3:', 'h4: {}, h3:'))] }))
    // Another process has the session when this one closes its copy, as a client that is killed.
    const client = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', session.fd] })
    session[Symbol.dispose]()
    client.kill('SIGSTOP')
    expect(isRunning(made as NodeState)).toBe(true)
    client.kill('SIGKILL')
    await expect.poll(() => isRunning(made as NodeState)).toBe(false)
    using another = await openSession(lab.state.keeper)
    expect(another.list()).toEqual(lab.state.nodes.map((node) => node.netnsFd))
  })
})

test('nodes change inside side by side, and each failure names its node', async ({ nslab }) => {
  const lab = start(nslab)
  const text = Buffer.from('10.0.0.1\tnew\n').toString('hex')
  const words = ['write', '/etc/hosts', '644', '0:0', text]
  const failures = await updateInsides(lab, [
    { node: nodeOf(lab, 'h1'), words: ['hostname', 'write', ...words] },
    { node: nodeOf(lab, 'h2'), words: [...words, 'write', '/none', '644', '0:0', ''] },
    { node: nodeOf(lab, 'h3'), words },
  ])
  expect(failures).toMatchObject([{ node: 'h2', error: { step: 'own-file', message: /h2: \/\)/ } }])
  for (const name of ['h1', 'h2', 'h3'])
    expect(nslab(['exec', `${lab.name}/${name}`, '--', 'cat', '/etc/hosts']).stdout).toBe('10.0.0.1\tnew\n')
  expect(nslab(['exec', `${lab.name}/h1`, '--', 'hostname']).stdout).toBe('write\n')
  expect(readFileSync('/etc/hosts', 'utf8')).not.toBe('10.0.0.1\tnew\n')
})
