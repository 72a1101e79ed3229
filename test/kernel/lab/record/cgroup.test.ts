// Each node starts in its own cgroup, which the host sees under its path and the node sees as the root. All cgroups are removed
// with the lab.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test as plain } from 'vitest'
import { removeLabCgroup } from '../../../../src/lab/record/cgroup.js'
import { cgroupPlace, hasCgroups } from '../../../support/cgroups.js'
import { type Cli, processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'

const place = cgroupPlace() ?? ''
const able = hasCgroups()
const cgroupsOf = (lab: string) => readdirSync(place).filter((name) => name.startsWith(`nslab.${lab}.`))
const linesOf = (pid: number | string) => readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')

function start(nslab: Cli, name: string, input: string) {
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
  const { nodes, keeper } = nslab(['inspect', name, '--json']).json()
  return { keeper: keeper.pid as number, nodes: Object.fromEntries(nodes.map((node: any) => [node.name, node])) }
}

test.skipIf(!able)(
  'the host sees the path of a node’s cgroup, the node sees /, for PID 1 and for commands',
  ({ nslab }) => {
    const name = uniqueName('cg')
    const { keeper, nodes } = start(nslab, name, 'nodes: {h1: {}, tasks: {}}')
    for (const node of ['h1', 'tasks']) {
      const path = `/nslab.${name}.${keeper}/${node}.node`
      expect(linesOf(nodes[node].pid).filter((line) => line.endsWith(path))).toHaveLength(1)
      expect(nodes[node].cgroup).toMatch(new RegExp(`${path}$`))
      const exec = (...command: string[]) => nslab(['exec', `${name}/${node}`, '--', ...command], { cwd: '/' }).stdout
      for (const process of ['1', 'self']) {
        const seen = exec('cat', `/proc/${process}/cgroup`).trim().split('\n')
        expect(seen.map((line) => line.replace(/^[^:]*:[^:]*:/, ''))).toEqual(seen.map(() => '/'))
      }
      const processes = readFileSync(join(place, path, 'cgroup.procs'), 'utf8')
        .trim()
        .split('\n')
        .map(Number)
      expect(processes).toEqual([nodes[node].pid])
    }
    expect(nslab(['down', name])).toMatchObject({ status: 0 })
    expect(cgroupsOf(name)).toEqual([])
  },
)

test.skipIf(!able)('a running command is in the node’s cgroup, its children too', ({ nslab }) => {
  const name = uniqueName('cg')
  const { keeper } = start(nslab, name, 'nodes: {h1: {}}')
  nslab(['exec', `${name}/h1`, '--', 'sh', '-c', 'sleep 1000 > /dev/null 2>&1 & sleep 1000 > /dev/null 2>&1 &'])
  const members = readFileSync(join(place, `nslab.${name}.${keeper}/h1.node/cgroup.procs`), 'utf8')
    .trim()
    .split('\n')
  const commands = members.map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim())
  expect(commands.filter((command) => command === 'sleep')).toHaveLength(2)
})

test.skipIf(!able)('cgroup: shared is one for all, cgroup: host is the one of the lab’s builder', ({ nslab }) => {
  const name = uniqueName('cg')
  const shared = '{namespaces: {cgroup: shared}}'
  const { keeper, nodes } = start(nslab, name, `nodes: {a: ${shared}, b: ${shared}, c: {namespaces: {cgroup: host}}}`)
  expect(nodes.a.cgroup).toMatch(new RegExp(`/nslab.${name}.${keeper}/shared.nodes$`))
  expect(nodes.b.cgroup).toBe(nodes.a.cgroup)
  expect(nodes.c.cgroup).toBe(null)
  expect(linesOf(nodes.c.pid)).toEqual(linesOf(keeper))
})

test.skipIf(!able)('a lab that fails, and one whose keeper is killed, leave no cgroup behind', ({ nslab }) => {
  const name = uniqueName('cg')
  const input = 'nodes: {a: {}, b: {sysctls: {net.ipv4.nope: 1}}}'
  expect(nslab(['up', '-', '--name', name], { input }).status).toBe(4)
  expect(cgroupsOf(name)).toEqual([])
  const { keeper } = start(nslab, name, 'nodes: {a: {}, b: {}}')
  expect(cgroupsOf(name)).toEqual([`nslab.${name}.${keeper}`])
  process.kill(keeper, 'SIGKILL')
  while (processesOf(name).length > 0);
  expect(cgroupsOf(name)).toHaveLength(1)
  expect(nslab(['gc'])).toMatchObject({ status: 0 })
  expect(cgroupsOf(name)).toEqual([])
})

test.skipIf(!able).for(['{', null])(
  'a dead lab whose state is %j leaves none either',
  (text, { nslab, stateDirectory }) => {
    const name = uniqueName('cg')
    const { keeper } = start(nslab, name, 'nodes: {a: {}}')
    process.kill(keeper, 'SIGKILL')
    while (processesOf(name).length > 0);
    const state = join(stateDirectory, name, 'state.json')
    if (text === null) rmSync(state)
    else writeFileSync(state, text)
    expect(nslab(['gc', '--json']).json()).toEqual({ removed: [name] })
    expect(cgroupsOf(name)).toEqual([])
  },
)

test.skipIf(!able)(
  'a builder that is killed leaves no cgroup once anybody looks',
  async ({ nslab, stateDirectory }) => {
    const name = uniqueName('cg')
    const input = `nodes:\n${Array.from({ length: 40 }, (_, i) => `  n${i}: {}\n`).join('')}`
    let seen = 0
    for (let round = 0; round < 20; round++) {
      const builder = spawn(process.execPath, [join(ROOT, 'bin/run.js'), 'up', '-', '--name', name], {
        stdio: ['pipe', 'ignore', 'ignore'],
        env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
      })
      const ended = once(builder, 'exit')
      builder.stdin.end(input)
      while (builder.exitCode === null && cgroupsOf(name).length === 0) await setTimeout(1)
      await setTimeout(Math.random() * 60)
      builder.kill('SIGKILL')
      await ended
      seen += cgroupsOf(name).length
      const { labs } = nslab(['ls', '--json']).json()
      expect(nslab(labs.length > 0 ? ['down', '--all'] : ['gc'])).toMatchObject({ status: 0 })
      expect(cgroupsOf(name), `round ${round}`).toEqual([])
    }
    expect(seen).toBeGreaterThan(0)
  },
)

test.skipIf(!able)(
  'a dead lab whose cgroup is in use stands in nobody’s way; gc says what is in its own',
  async ({ nslab }) => {
    const name = uniqueName('cg')
    const { keeper } = start(nslab, name, 'nodes: {a: {}}')
    const guest = spawn('sleep', ['1000'])
    const ended = once(guest, 'exit')
    try {
      writeFileSync(join(place, `nslab.${name}.${keeper}/a.node/cgroup.procs`), String(guest.pid))
      process.kill(keeper, 'SIGKILL')
      while (processesOf(name).length > 0);
      expect(nslab(['ls', '--json']).json()).toEqual({ labs: [] })
      const other = uniqueName('cg')
      start(nslab, other, 'nodes: {a: {}}')
      expect(nslab(['exec', `${other}/a`, '--', 'true'], { cwd: '/' })).toMatchObject({ status: 0, stderr: '' })
      expect(nslab(['down', other])).toMatchObject({ status: 0 })
      for (const command of [['gc'], ['down', '--all'], ['up', '-', '--name', name]]) {
        const { status, stderr } = nslab(command, { input: 'nodes: {a: {}}' })
        expect(status, command[0]).toBe(6)
        expect(stderr).toMatch(/^error: lab .* could not be removed: cannot remove cgroup \(.*\): EBUSY/)
      }
    } finally {
      guest.kill('SIGKILL')
    }
    await ended
    expect(nslab(['gc', '--json']).json()).toEqual({ removed: [name] })
    expect(cgroupsOf(name)).toEqual([])
  },
)

test.skipIf(!able)('cgroups that a node’s own processes made go as well', ({ nslab }) => {
  const name = uniqueName('cg')
  const { keeper } = start(nslab, name, 'nodes: {a: {}}')
  mkdirSync(join(place, `nslab.${name}.${keeper}/a.node/inner/most`), { recursive: true })
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
  expect(cgroupsOf(name)).toEqual([])
})

plain.skipIf(!able)('nothing but a lab’s own cgroups is ever removed', () => {
  const mine = join(place, `other-${process.pid}`)
  mkdirSync(join(mine, 'nslab.x.1'), { recursive: true })
  try {
    for (const path of [mine, `${mine}/nslab.x.1/..`, `/tmp/nslab.x.1/../..${mine}/nslab.x.1`])
      removeLabCgroup(path, 'x')
    removeLabCgroup(join(mine, 'nslab.x.1'), 'y')
    expect(existsSync(join(mine, 'nslab.x.1'))).toBe(true)
    removeLabCgroup(join(mine, 'nslab.x.1'), 'x')
    expect(readdirSync(mine, { withFileTypes: true }).filter((entry) => entry.isDirectory())).toEqual([])
  } finally {
    spawnSync('rmdir', [join(mine, 'nslab.x.1'), mine])
  }
})

/** Runs a script in a mount namespace without some of the cgroup file systems; `nslab` is the command of the checkout. */
function without(types: readonly string[], stateDirectory: string, script: string) {
  const unmount = `grep -E ' - (${types.join('|')}) ' /proc/self/mountinfo | cut -d' ' -f5 | while read at; do umount "$at"; done`
  const nslab = `nslab() { '${process.execPath}' '${join(ROOT, 'bin/run.js')}' "$@"; }`
  return spawnSync('unshare', ['-m', 'sh', '-c', `${unmount}\n${nslab}\n${script}`], {
    encoding: 'utf8',
    cwd: '/',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    input: 'nodes: {a: {}}',
  })
}

const hasVersion1 = /^[0-9]+:name=/m.test(readFileSync('/proc/self/cgroup', 'utf8'))
test.skipIf(!able || !hasVersion1)(
  'where only version 1 is mounted, the cgroup is in a hierarchy without controllers',
  ({ stateDirectory }) => {
    const name = uniqueName('cg')
    const script = `nslab up - --name ${name} >&2 && nslab inspect --json | grep '"cgroup": "' && nslab exec a -- cat /proc/self/cgroup && nslab down >&2`
    const { stdout, stderr } = without(['cgroup2'], stateDirectory, script)
    expect(stdout, stderr).toMatch(new RegExp(`"cgroup": ".*/nslab\\.${name}\\.[0-9]+/a\\.node"`))
    expect(stdout).toMatch(/^[0-9]+:name=[^:]+:\/$/m)
    expect(spawnSync('find', ['/sys/fs/cgroup', '-name', `nslab.${name}.*`], { encoding: 'utf8' }).stdout).toBe('')
  },
)

test('where no cgroup can be made, the lab comes up without one, and says nothing', ({ stateDirectory }) => {
  const name = uniqueName('cg')
  const script = `nslab up - --name ${name} >/dev/null && nslab inspect --json | grep '"cgroup": n' && nslab exec a -- hostname && nslab down`
  const { stdout, stderr } = without(['cgroup', 'cgroup2'], stateDirectory, script)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/"cgroup": null,?\na\nlab .* is down\n$/)
})
