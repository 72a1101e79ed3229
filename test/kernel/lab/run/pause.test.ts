// `pause` and `resume`: with the freezer of the node's cgroup if it has one, else with SIGSTOP.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, processesOf, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

/** A command that makes a file grow, which shows whether it runs. */
const COUNTER = 'while :; do echo >> /run/count; done'

/** State of a process (`R`, `S`, `T`), by its PID on the machine. */
const stateOf = (pid: number) => /^State:\t(.)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]

const without = 'namespaces: {cgroup: host}'
const withCgroup = existsSync('/sys/fs/cgroup/unified/cgroup.procs') || existsSync('/sys/fs/cgroup/cgroup.procs')

const asUser = (): Cli => {
  const user = new TestUser(61_007)
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

/** The length of that file in a node, read from outside. */
const countOf = (pid: number) => statSync(`/proc/${pid}/root/run/count`).size

async function advances(pid: number): Promise<boolean> {
  const before = countOf(pid)
  for (let tries = 0; tries < 50; tries++) {
    await setTimeout(20)
    if (countOf(pid) > before) return true
  }
  return false
}

async function stands(pid: number): Promise<boolean> {
  const before = countOf(pid)
  await setTimeout(200)
  return countOf(pid) === before
}

describe.for<[string, string, boolean]>([
  ['root, by the freezer', '', false],
  ['root, by SIGSTOP', without, false],
  ['an unprivileged user, by SIGSTOP', without, true],
])('for %s', ([title, choice, unprivileged]) => {
  test.skipIf(title.includes('freezer') && !withCgroup)(
    'a node stops, with all in it, and goes on',
    async ({ nslab: rootNslab }) => {
      const nslab: Cli = unprivileged ? asUser() : rootNslab
      const name = uniqueName('pause')
      const input = `nodes: {a: {${choice}}, b: {${choice}}}\nlinks: [[a, b]]`
      expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
      const [a, b] = nslab(['inspect', name, '--json']).json().nodes
      for (const node of ['a', 'b']) {
        nslab(['exec', `${name}/${node}`, '--', 'sh', '-c', `(${COUNTER}) > /dev/null 2>&1 &`])
      }
      expect(await advances(a.pid)).toBe(true)

      expect(nslab(['pause', `${name}/a`, '--json']).json()).toEqual({
        nodes: [{ lab: name, node: 'a', status: 'paused' }],
      })
      expect(await stands(a.pid)).toBe(true)
      expect(await advances(b.pid)).toBe(true)
      expect(stateOf(a.pid) === 'T').toBe(choice === without)
      const statuses = () =>
        nslab(['inspect', name, '--json'])
          .json()
          .nodes.map((node: any) => node.status)
      expect(statuses()).toEqual(['paused', 'running'])
      expect(nslab(['ls', '--json']).json().labs[0]).toMatchObject({ status: 'running', paused: 1 })
      expect(nslab(['ls']).stdout).toContain('running, 1 paused')
      expect(nslab(['ns', name, '--json']).json().nodes[0].status).toBe('paused')
      // Pausing twice is no error.
      expect(nslab(['pause', `${name}/a`])).toMatchObject({ status: 0, stdout: 'a is paused\n' })

      const exec = nslab(['exec', `${name}/a`, '--', 'true'])
      expect(exec).toMatchObject({ status: 125 })
      expect(exec.stderr).toContain(`a is paused\nhint: \`nslab resume ${name}/a\``)
      // The kernel answers pings for the paused node.
      expect(nslab(['ping', `${name}/b`, 'a', '-c', '1'])).toMatchObject({ status: 0 })

      expect(nslab(['pause', '--lab', name])).toMatchObject({ status: 0, stdout: `lab ${name} is paused\n` })
      expect(nslab(['ls', '--json']).json().labs[0].status).toBe('paused')
      expect(nslab(['inspect', name, '--json']).json().status).toBe('paused')
      expect(nslab(['resume', `${name}/a`])).toMatchObject({ status: 0, stdout: 'a is running\n' })
      expect(await advances(a.pid)).toBe(true)
      expect(statuses()).toEqual(['running', 'paused'])
      expect(nslab(['exec', `${name}/a`, '--', 'true'])).toMatchObject({ status: 0 })

      expect(nslab(['pause', '--lab', name])).toMatchObject({ status: 0 })
      expect(nslab(['down', name])).toMatchObject({ status: 0 })
      expect(processesOf(name)).toEqual([])
    },
  )
})

test('processes that multiply, and those in PID namespaces below, are stopped as well', async ({ nslab }) => {
  const name = uniqueName('pause')
  const input = `nodes: {a: {${without}}}`
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
  const { pid } = nslab(['inspect', name, '--json']).json().nodes[0]
  nslab(['exec', `${name}/a`, '--', 'sh', '-c', `unshare -pf --mount-proc sh -c '${COUNTER}' > /dev/null 2>&1 &`])
  nslab(['exec', `${name}/a`, '--', 'sh', '-c', '(while :; do sleep 0.001; done) > /dev/null 2>&1 &'])
  expect(await advances(pid)).toBe(true)
  expect(nslab(['pause'])).toMatchObject({ status: 0 })
  expect(await stands(pid)).toBe(true)
  expect(nslab(['resume'])).toMatchObject({ status: 0 })
  expect(await advances(pid)).toBe(true)
})

test('a state that names a process outside of the lab stops nobody', ({ nslab, stateDirectory }) => {
  const name = uniqueName('pause')
  nslab(['up', '-', '--name', name], { input: `nodes: {a: {${without}}}` })
  const file = join(stateDirectory, name, 'state.json')
  const written = readFileSync(file, 'utf8')
  const state = JSON.parse(written)
  const startTime = Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19])
  state.nodes[0] = { ...state.nodes[0], pid: process.pid, startTime }
  writeFileSync(file, JSON.stringify(state))
  const { status, stderr } = nslab(['pause'])
  writeFileSync(file, written)
  expect(status).toBe(4)
  expect(stderr).toContain('which is in no node')
})

test('a lab with a dead node is paused and resumed, and the dead one is named', ({ nslab }) => {
  const name = uniqueName('pause')
  const up = nslab(['up', '-', '--name', name, '--json'], { input: 'nodes: {a: {}, b: {}, c: {}}' })
  const [a, , c] = up.json().nodes
  process.kill(a.pid, 'SIGKILL')
  const nodes = (status: string) => ['b', 'c'].map((node) => ({ lab: name, node, status }))
  const pause = nslab(['pause', '--json'])
  expect(pause).toMatchObject({ status: 0, stderr: 'nslab: warning: dead, and left out: a\n' })
  expect(pause.json()).toEqual({ nodes: nodes('paused') })
  expect(nslab(['ls', '--json']).json().labs[0]).toMatchObject({ status: 'paused', paused: 2 })
  expect(nslab(['inspect', '--json']).json().status).toBe('paused')
  expect(nslab(['resume', '--json']).json()).toEqual({ nodes: nodes('running') })
  expect(nslab(['ls', '--json']).json().labs[0]).toMatchObject({ status: 'running', paused: 0 })
  // If a dead node is named together with a living one, nothing is done to either.
  expect(nslab(['pause', 'b', 'a'])).toMatchObject({ status: 7 })
  expect(nslab(['ls', '--json']).json().labs[0]).toMatchObject({ status: 'running', paused: 0 })
  for (const { pid } of [up.json().nodes[1], c]) process.kill(pid, 'SIGKILL')
  expect(nslab(['pause'])).toMatchObject({ status: 7, stderr: expect.stringContaining(`all nodes of lab ${name}`) })
})

test('the name of a lab stands for all of it, unless a node of the only lab has it, too', ({ nslab }) => {
  const [one, two] = [uniqueName('pause'), uniqueName('pause')]
  nslab(['up', '-', '--name', one], { input: 'nodes: {a: {}, b: {}}' })
  expect(nslab(['pause', one])).toMatchObject({ status: 0, stdout: `lab ${one} is paused\n` })
  expect(nslab(['resume', `0:${one}`])).toMatchObject({ status: 0, stdout: `lab ${one} is running\n` })
  nslab(['up', '-', '--name', two], { input: `nodes: {${two}: {}, c: {}}` })
  expect(nslab(['pause', two, `${one}/a`]).stdout).toBe(`lab ${two} is paused\na is paused\n`)
  expect(nslab(['resume', two])).toMatchObject({ status: 0 })
  expect(nslab(['ps', one, '--json']).json()).toMatchObject({ lab: one, processes: [{ node: 'a' }, { node: 'b' }] })
  nslab(['down', one])
  expect(nslab(['pause', two])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`write ${two}/ for the lab`),
  })
  expect(nslab(['pause', `${two}/`])).toMatchObject({ status: 0, stdout: `lab ${two} is paused\n` })
  expect(nslab(['pause', one])).toMatchObject({ status: 7, stderr: expect.stringContaining('has no node') })
})

test('a dead node, and wrong usage', ({ nslab }) => {
  const name = uniqueName('pause')
  nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}, b: {}}' })
  process.kill(nslab(['inspect', '--json']).json().nodes[0].pid, 'SIGKILL')
  expect(nslab(['pause', 'a'])).toMatchObject({ status: 7 })
  expect(nslab(['pause', 'nobody'])).toMatchObject({ status: 7 })
  expect(nslab(['pause', 'b', '--lab', name])).toMatchObject({ status: 2 })
})
