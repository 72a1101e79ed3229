// The words of the shim's spec for namespaces, clocks and cgroups, without the library.
import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { isAlive, namespace, node, ShimLab, type Word, words } from '../../support/shim.js'

const labs: ShimLab[] = []
const startLab = async (): Promise<ShimLab> => {
  const lab = await ShimLab.start()
  labs.push(lab)
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

const choose = (choices: Record<string, string>): Word[] =>
  Object.entries(choices).flatMap(([kind, choice]) => ['namespace', kind, choice])

test('nodes that share come up between others, in the order of the spec', async () => {
  const lab = await startLab()
  const shares = choose({ user: 'shared', pid: 'shared', uts: 'shared' })
  const nodes = [node('a'), node('b', ...shares), node('c'), node('d', ...shares), node('e')]
  const { status, reports } = await lab.spawn(...nodes)
  expect({ status, names: reports.flatMap((each) => each.node?.name ?? []) }).toEqual({
    status: 0,
    names: ['a', 'b', 'c', 'd', 'e'],
  })
  for (const kind of ['user', 'pid', 'uts']) {
    expect(namespace(lab.node('d').pid, kind)).toBe(namespace(lab.node('b').pid, kind))
    expect(namespace(lab.node('c').pid, kind)).not.toBe(namespace(lab.node('b').pid, kind))
  }
  // The node that came second was not the one that set the name.
  expect(lab.exec('d', ['hostname']).stdout).toBe('b\n')
  const parents = [...lab.nodes.values()].map(
    ({ pid }) => /^PPid:\t([0-9]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
  )
  expect(new Set(parents)).toEqual(new Set([String(lab.keeper.pid)]))
})

test('a node that shares and fails says so once, and the others end with the keeper', async () => {
  const lab = await startLab()
  const shares = choose({ user: 'shared', ipc: 'shared' })
  const { status, reports } = await lab.spawn(node('a', ...shares), node('b', ...shares, 'sysctl', 'net.nope', '1'))
  expect(status).toBe(1)
  expect(reports.flatMap((each) => each.error ?? [])).toEqual([
    { step: 'write-sysctl', action: 'write sysctl', object: 'net.nope', errno: 2, node: 'b' },
  ])
  const { pid } = lab.node('a')
  await lab.close()
  labs.length = 0
  expect(isAlive(pid)).toBe(false)
})

test.each([
  ['a kind that is none', ['namespace', 'utc', 'own'], { action: 'find the namespace kind', object: 'utc' }],
  ['a choice that is none', ['namespace', 'uts', 'mine'], { action: 'understand the choice', object: 'mine' }],
  ['a third offset', ['time', 'a', 'time', 'b', 'time', 'c'], { action: 'read one more', object: 'time' }],
  ['a clock that is none', ['namespace', 'time', 'own', 'time', 'realtime 1 0'], { errno: 22, node: 'h1' }],
  ['nanoseconds that are none', ['namespace', 'time', 'own', 'time', 'boottime 1 -1'], { node: 'h1' }],
  ['a directory that is none', ['namespace', 'ipc', 'shared', 'shm', '/nope'], { action: 'find', object: '/nope' }],
])('%s is an error that says so', async (_, words, error) => {
  const lab = await startLab()
  const { status, stderr, reports } = await lab.spawn(node('h1', ...words))
  const errors = reports.filter((each) => each.error)
  expect({ status, stderr, errors }).toMatchObject({ status: 1, stderr: '', errors: [{ error }] })
})

test('a cgroup that cannot be made is done without', async () => {
  const lab = await startLab()
  const spawn = (name: string, cgroup: string, ...options: string[]) =>
    lab.spawnRaw(words(node(name, 'cgroup', cgroup)), options)
  expect(await spawn('h1', 'nope', '--cgroup', '/proc')).toMatchObject({ status: 0 })
  expect(await spawn('h2', 'etc', '--cgroup', '/')).toMatchObject({ status: 0 })
  expect(await spawn('h3', 'nope', '--cgroup', '/nope')).toMatchObject({ status: 0 })
  expect(await spawn('h4', 'nope')).toMatchObject({ status: 0 })
  for (const name of ['h1', 'h2', 'h3', 'h4']) {
    expect(readFileSync(`/proc/${lab.node(name).pid}/cgroup`, 'utf8')).toBe(readFileSync('/proc/self/cgroup', 'utf8'))
    expect(namespace(lab.node(name).pid, 'cgroup')).not.toBe(namespace('self', 'cgroup'))
  }
  expect(lab.exec('h1', ['echo', 'ran'], { options: ['--cgroup', '/nope'] })).toMatchObject({
    status: 0,
    stdout: 'ran\n',
  })
})
