// What a node's spec asks for in its mounts, files and sysctls: how many there may be, and the order in which they are made.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { IS_ASAN, node, ShimLab, type Word } from '../../support/shim.js'

const labs: ShimLab[] = []
const startLab = async (): Promise<ShimLab> => {
  const lab = await ShimLab.start()
  labs.push(lab)
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

const hex = (text: string): string => Buffer.from(text).toString('hex')

const privateKilobytes = (pid: number): number =>
  [...readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^Private_(?:Clean|Dirty): +([0-9]+) kB$/gm)]
    .map((match) => Number(match[1]))
    .reduce((sum, each) => sum + each, 0)

test('a thousand files and sysctls are made, the next node has none of them, and neither keeps memory for them', async () => {
  const lab = await startLab()
  const numbers = Array.from({ length: 1000 }, (_, index) => index)
  const files = numbers.flatMap((index) => ['write', `/run/many/${index}`, '644', '0:0', hex(`${index}\n`)])
  const sysctls = numbers.flatMap((index) => ['sysctl', 'net.ipv4.ip_default_ttl', String(1 + (index % 255))])
  expect(await lab.spawn(node('h1', ...files, ...sysctls), node('h2'), node('h3'))).toMatchObject({ status: 0 })
  const script = 'ls /run/many | wc -l; cat /run/many/999 /proc/sys/net/ipv4/ip_default_ttl'
  expect(lab.exec('h1', ['sh', '-c', script]).stdout).toBe(`1000\n999\n${1 + (999 % 255)}\n`)
  expect(lab.exec('h2', ['ls', '/run']).stdout).toBe('')
  if (!IS_ASAN) expect(privateKilobytes(lab.node('h1').pid)).toBeLessThan(100)
})

test('mounts, files and copies come in the order of the spec', async () => {
  const lab = await startLab()
  const [first, second] = ['first', 'second'].map((name) => {
    mkdirSync(join(lab.directory, name))
    writeFileSync(join(lab.directory, name, 'name'), name)
    return join(lab.directory, name)
  }) as [string, string]
  const made = await lab.spawn(
    node(
      'h1',
      ...['sysctl', 'net.ipv4.ip_forward', '1', 'copy', second, '/srv/x/name'],
      ...['mount', first, '/srv/x', 'rw', 'mount', second, '/srv/x', 'rw'],
      ...['tmpfs', '/srv/x', 'mode=0755'],
      ...['write', '/srv/x/early', '644', '0:0', hex('written'), 'write', '/srv/x/name', '644', '0:0', ''],
      ...['copy', first, '/srv/x/name', 'mount', join(second, 'name'), '/srv/x/late', 'ro'],
    ),
  )
  expect(made.reports.filter((each) => each.error ?? each.warning)).toEqual([])
  expect(lab.exec('h1', ['sh', '-c', 'cd /srv/x; cat early name late']).stdout).toBe('writtenfirstsecond')
})

test('a node has 128 mounts and copies, and not one more', async () => {
  const lab = await startLab()
  const mounts = (count: number) =>
    Array.from({ length: count }, (_, index) => ['mount', '/etc/hosts', `/run/many/${index}`, 'ro']).flat()
  expect(await lab.spawn(node('h1', ...mounts(127), 'copy', '/etc', '/etc/hostname'))).toMatchObject({
    status: 0,
  })
  const { status, reports } = await lab.spawn(node('h2', ...mounts(128), 'copy', '/etc', '/etc/hostname'))
  expect({ status, reports }).toEqual({
    status: 1,
    reports: [{ error: { step: 'copy-mount', action: 'mount one more in', object: 'h2', errno: 7, node: 'h2' } }],
  })
})

test('of several sources that are missing, the first is named', async () => {
  const lab = await startLab()
  const words = ['mount', '/nope/mount', '/srv', 'rw', 'copy', '/nope/copy', '/etc/hosts']
  const { reports } = await lab.spawn(node('h1', ...words))
  expect(reports).toEqual([
    { error: { step: 'copy-mount', action: 'open', object: '/nope/mount', errno: 2, node: 'h1' } },
  ])
})

test('every word of a node is read before anything of it is made', async () => {
  const lab = await startLab()
  const { status, reports } = await lab.spawn(node('h1', 'mount', '/nope', '/srv', 'rw', 'flavour', 'x'))
  expect({ status, reports }).toEqual({
    status: 1,
    reports: [{ error: { step: 'read-spec', action: 'understand the word', object: 'flavour', errno: 22 } }],
  })
})

test.each<[string, (target: string) => Word[]]>([
  ['mount', (target) => ['mount', '/etc', target, 'ro']],
  ['tmpfs', (target) => ['tmpfs', target, '']],
  ['write', (target) => ['write', target, '644', '0:0', '']],
  ['copy', (target) => ['copy', '/etc', target]],
  ['owner', (target) => ['owner', target, '0:0']],
])('the target of %s is an absolute path', async (_, words) => {
  const lab = await startLab()
  for (const target of ['relative', 'run/x', '', '.', '../run/x']) {
    const { status, reports } = await lab.spawn(node('h1', ...words(target)))
    const error = { step: 'read-spec', action: 'take as a path in the node', object: target, errno: 22 }
    expect({ status, reports }).toEqual({ status: 1, reports: [{ error }] })
  }
})
