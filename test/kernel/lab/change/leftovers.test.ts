// What is left of nodes that end in a change: their cgroups, their processes, and the words that say what is wrong.
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type Cli, processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'

const TWO = 'nodes: { a: {}, b: {} }\nlinks: [["a:eth0", "b:eth0"]]'
const THREE = 'nodes: { a: {}, b: {}, c: {} }\nlinks: [["a:eth0", "b:eth0"], ["b:eth1", "c:eth0"]]'

const up = (nslab: Cli, lab: string, text: string) =>
  expect(nslab(['up', '-', '--name', lab], { input: text }).status).toBe(0)
const apply = (nslab: Cli, lab: string, text: string) =>
  nslab(['apply', '-', lab, '--name', lab], { input: text, cwd: '/' })
const degraded = (nslab: Cli): string[] | undefined => nslab(['ls', '--json']).json().labs[0].degraded

/** Starts a process of the machine in a node's cgroup. */
function occupy(cgroup: string): () => Promise<unknown> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill())
  writeFileSync(join(cgroup, 'cgroup.procs'), String(child.pid))
  return () =>
    new Promise((resolve) => {
      child.once('exit', resolve)
      child.kill()
    })
}

test('a cgroup that cannot be removed is told, until an apply can remove it', async ({ nslab, stateDirectory }) => {
  const lab = uniqueName('left')
  up(nslab, lab, THREE)
  const { cgroup, nodes } = JSON.parse(readFileSync(join(stateDirectory, lab, 'state.json'), 'utf8'))
  const empty = occupy(nodes[2].cgroup)
  const first = apply(nslab, lab, TWO)
  expect(first).toMatchObject({ status: 6 })
  expect(first.stderr).toContain('c.node')
  // The rest of the node is gone.
  expect(readdirSync('/run/netns').filter((name) => name.startsWith(`${lab}.`))).toEqual([`${lab}.a`, `${lab}.b`])
  expect(nslab(['inspect', lab, '--json']).json().nodes).toHaveLength(2)
  expect(apply(nslab, lab, TWO)).toMatchObject({ status: 6 })
  expect(degraded(nslab)).toEqual([expect.stringContaining('c.node')])
  await empty()
  expect(apply(nslab, lab, TWO)).toMatchObject({ status: 0 })
  expect(degraded(nslab)).toBeUndefined()
  expect(readdirSync(cgroup).filter((name) => name.endsWith('.node'))).toEqual(['a.node', 'b.node'])
})

test('a node that the keeper has no number for leaves neither a process nor a cgroup', ({ nslab, stateDirectory }) => {
  const lab = uniqueName('floor')
  const script = 'ulimit -n 96; exec "$1" bin/run.js up - --name "$2"'
  const made = spawnSync('bash', ['-c', script, 'bash', process.execPath, lab], { input: TWO, cwd: ROOT })
  expect(made.status, String(made.stderr)).toBe(0)
  const { cgroup } = JSON.parse(readFileSync(join(stateDirectory, lab, 'state.json'), 'utf8'))
  const many = Array.from({ length: 40 }, (_, at) => `n${at}: {}`).join(', ')
  const { status, stderr } = apply(nslab, lab, TWO.replace('b: {}', `b: {}, ${many}`))
  expect(stderr).toContain('has used as many descriptors as it may have')
  expect(status).toBe(4)
  expect(readdirSync(cgroup).filter((name) => name.endsWith('.node'))).toEqual(['a.node', 'b.node'])
  expect(processesOf(lab)).toHaveLength(3)
  expect(degraded(nslab)).toBeUndefined()
})

test('a lab that a killed change has left is degraded until a change is complete', ({ nslab, stateDirectory }) => {
  const lab = uniqueName('told')
  up(nslab, lab, TWO)
  const directory = join(stateDirectory, lab)
  const [record, state] = ['applied.json', 'state.json'].map((name) =>
    JSON.parse(readFileSync(join(directory, name), 'utf8')),
  )
  // As a change that is killed between its two files, and after one that has failed.
  writeFileSync(join(directory, 'applied.json'), JSON.stringify({ ...record, unfinished: [record.topology] }))
  const lacking = TWO.replace('a: {}', 'a: { interfaces: { v10: { kind: vlan, parent: eth0, id: 10 } } }')
  expect(apply(nslab, lab, lacking).status).not.toBe(0)
  expect(degraded(nslab)).toHaveLength(1)
  writeFileSync(join(directory, 'state.json'), JSON.stringify({ ...state, degraded: ['a: something is wrong'] }))
  expect(apply(nslab, lab, lacking).status).not.toBe(0)
  expect(degraded(nslab)).toContain('a: something is wrong')
  expect(apply(nslab, lab, TWO)).toMatchObject({ status: 0 })
  expect(degraded(nslab)).toBeUndefined()
})
