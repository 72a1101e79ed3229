// `ps` and `mounts`, compared with /proc of the node and of the host.
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const sh = (nslab: Cli, node: string, script: string) =>
  nslab(['exec', node, '--', 'sh', '-c', script], { cwd: '/' }).stdout.trim()

describe.each(['root', 'an unprivileged user'])('as %s', (who) => {
  const cliOf = (nslab: Cli): Cli => {
    if (who === 'root') return nslab
    const alice = new TestUser(61_005)
    onTestFinished(() => alice[Symbol.dispose]())
    return (args, options) => alice.nslab(args, options)
  }

  test('ps has a process’s PID in the node and outside, its user there, and its command', ({ nslab: rootCli }) => {
    const nslab = cliOf(rootCli)
    const name = uniqueName('ps')
    expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}, b: {}}' })).toMatchObject({ status: 0 })
    const inside = sh(nslab, `${name}/a`, 'sleep 4321 > /dev/null 2>&1 & echo $!')
    const { lab, processes } = nslab(['ps', '--json']).json()
    expect(lab).toBe(name)
    const own = readFileSync('/proc/self/status', 'utf8')
    expect(own).toContain('NSpid')
    const sleep = processes.find((each: any) => each.command === 'sleep 4321')
    expect(sleep).toMatchObject({ node: 'a', pid: Number(inside), user: 'root', uid: 0, state: 'S' })
    const status = readFileSync(`/proc/${sleep.hostPid}/status`, 'utf8')
    expect(status).toMatch(/^Name:\tsleep$/m)
    expect(status).toContain(`Uid:\t${sleep.hostUid}\t`)
    const first = processes.filter((each: any) => each.pid === 1).map((each: any) => [each.node, each.command])
    expect(first).toEqual([
      ['a', `nslab: ${name}/a`],
      ['b', `nslab: ${name}/b`],
    ])
    expect(nslab(['ps', 'b', '--json']).json().processes).toHaveLength(1)
    expect(nslab(['ps', `${name}/a`]).stdout).toMatch(
      new RegExp(`^a +${inside} +${sleep.hostPid} +root +sleep 4321$`, 'm'),
    )
  })

  test('ps finds what is in a PID namespace below the node’s', async ({ nslab: rootCli }) => {
    const nslab = cliOf(rootCli)
    const name = uniqueName('ps')
    expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}}' })).toMatchObject({ status: 0 })
    sh(nslab, 'a', 'unshare -fp sleep 4322 > /dev/null 2>&1 &')
    const read = () =>
      nslab(['ps', '--json'])
        .json()
        .processes.filter(({ command }: any) => command === 'sleep 4322')
    await expect.poll(read).toHaveLength(1)
    const pids = sh(nslab, 'a', 'grep -lx sleep /proc/[0-9]*/comm')
    expect(pids).toBe(`/proc/${read()[0].pid}/comm`)
  })

  test('mounts is the node’s own mountinfo', ({ nslab: rootCli }) => {
    const nslab = cliOf(rootCli)
    const name = uniqueName('mounts')
    expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}, b: {}}' })).toMatchObject({ status: 0 })
    const mounted = sh(nslab, 'a', 'mkdir "/run/a b" && mount -t tmpfs -o ro,size=64k tree "/run/a b" && echo done')
    expect(mounted).toBe('done')
    const document = nslab(['mounts', 'a', '--json']).json()
    expect(document).toMatchObject({ lab: name, node: 'a' })
    const lines = sh(nslab, 'a', 'cat /proc/1/mountinfo').split('\n')
    expect(document.mounts.map(({ id }: any) => id)).toEqual(lines.map((line) => Number(line.split(' ')[0])))
    const tree = document.mounts.at(-1)
    expect(tree).toMatchObject({ target: '/run/a b', type: 'tmpfs', source: 'tree', root: '/', statistics: null })
    expect(tree.options).toContain('ro')
    expect(nslab(['mounts', 'a']).stdout).toMatch(/^\/run\/a b +tmpfs +tree +\/ +ro,/m)
    expect(nslab(['mounts', 'b']).stdout).not.toContain('/run/a b')
  })
})

test('nodes that share a PID namespace each have their own processes', ({ nslab }) => {
  const share = '{namespaces: {user: shared, pid: shared}}'
  const input = `nodes: {a: ${share}, b: ${share}}`
  expect(nslab(['up', '-', '--name', uniqueName('ps')], { input })).toMatchObject({ status: 0 })
  sh(nslab, 'b', 'sleep 4323 > /dev/null 2>&1 &')
  const { processes } = nslab(['ps', '--json']).json()
  expect(processes.find(({ command }: any) => command === 'sleep 4323').node).toBe('b')
})

test('what is wrong is said: no such lab or node, both ways to name a lab, a node that is dead', async ({ nslab }) => {
  const name = uniqueName('ps')
  expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}, b: {}}' })).toMatchObject({ status: 0 })
  expect(nslab(['ps', 'nope'])).toMatchObject({ status: 7 })
  expect(nslab(['ps', '--lab', 'nope'])).toMatchObject({ status: 7 })
  expect(nslab(['ps', 'a', '--lab', name])).toMatchObject({ status: 2 })
  expect(nslab(['mounts'])).toMatchObject({ status: 2 })
  process.kill(nslab(['ps', 'a', '--json']).json().processes[0].hostPid, 'SIGKILL')
  await expect.poll(() => nslab(['mounts', 'a']).status).toBe(7)
  expect(nslab(['mounts', 'a']).stderr).toContain(`node ${name}/a is dead`)
  expect(nslab(['ps', 'a', '--json']).json().processes).toEqual([])
})
