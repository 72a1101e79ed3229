// `ns`, compared with /proc and lsns(8).
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const KINDS = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time']
const SHARE = '{namespaces: {user: shared, net: shared, ipc: shared}}'
const POD = `nodes: {client: {}, app: ${SHARE}, helper: ${SHARE}}\nlinks: [[client, app]]`

// client ── app   (helper: in app's network)
test('ns has the numbers of /proc, and marks what the caller or another node has too', ({ nslab }) => {
  const name = uniqueName('ns')
  expect(nslab(['up', '-', '--name', name], { input: POD })).toMatchObject({ status: 0 })
  const document = nslab(['ns', name, '--json']).json()
  expect(Object.keys(document)).toEqual(['lab', 'nodes', 'caller', 'shared'])
  for (const node of document.nodes) {
    for (const kind of KINDS) {
      expect(`${kind}:[${node.namespaces[kind]}]`, node.name).toBe(readlinkSync(`/proc/${node.pid}/ns/${kind}`))
    }
  }
  expect(`time:[${document.caller.time}]`).toBe(readlinkSync('/proc/self/ns/time'))
  const shared = document.shared.map((each: any) => [each.kind, each.caller, each.nodes.join()])
  expect(shared).toEqual([
    ['user', false, 'app,helper'],
    ['ipc', false, 'app,helper'],
    ['net', false, 'app,helper'],
    ['time', true, 'client,app,helper'],
  ])
  const { stdout } = nslab(['ns'])
  const [app] = stdout.split('\n').filter((line) => line.startsWith('app'))
  expect(app?.match(/[0-9]+[*+]/g)).toHaveLength(4)
  expect(stdout).toContain(`${document.caller.time}* `.trim())
  expect(stdout).toContain('* also yours, + also another node’s')
})

test('ns shows a node whose first process is gone, and refuses what it cannot mean', async ({ nslab }) => {
  const name = uniqueName('ns')
  expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}, b: {}}' })).toMatchObject({ status: 0 })
  const [a] = nslab(['ns', '--json']).json().nodes
  process.kill(a.pid, 'SIGKILL')
  const read = () => nslab(['ns', '--json']).json().nodes[0]
  await expect.poll(read).toMatchObject({ name: 'a', status: 'dead', namespaces: { net: null, user: null } })
  expect(nslab(['ns', 'no-such-lab'])).toMatchObject({ status: 7 })
  expect(nslab(['ns', name, '--all'])).toMatchObject({ status: 2 })
})

test('ns --all agrees with lsns(8) about every namespace of a lab, and knows their owners', ({ nslab }) => {
  const name = uniqueName('ns')
  expect(nslab(['up', '-', '--name', name], { input: POD })).toMatchObject({ status: 0 })
  const { nodes } = nslab(['ns', '--json']).json()
  const own = new Set(nodes.flatMap((node: any) => Object.values({ ...node.namespaces, time: null })))
  const lsns = JSON.parse(execFileSync('lsns', ['-J', '-o', 'ns,type,nprocs,pid,user,command'], { encoding: 'utf8' }))
  const theirs = lsns.namespaces.flatMap(function flat(each: any): any[] {
    return [each, ...(each.children ?? []).flatMap(flat)]
  })
  const ours = nslab(['ns', '--all', '--json']).json().namespaces
  const row = (ns: number, kind: string, processes: number, pid: number, user: string, command: string) =>
    [ns, kind, processes, pid, user, command.trim()].join(' ')
  const sorted = (rows: string[]) => rows.sort()
  const expected = theirs
    .filter((each: any) => own.has(Number(each.ns)))
    .map((each: any) => row(each.ns, each.type, each.nprocs, each.pid, each.user, each.command))
  expect(expected.length).toBe(own.size - 1)
  expect(
    sorted(
      ours
        .filter((each: any) => own.has(each.inode))
        .map(({ inode, kind, processes, first }: any) =>
          row(inode, kind, processes, first.pid, first.user, first.command),
        ),
    ),
  ).toEqual(sorted(expected))
  for (const node of nodes) {
    const net = ours.find((each: any) => each.inode === node.namespaces.net)
    expect(net.owner, node.name).toBe(node.namespaces.user)
    const user = ours.find((each: any) => each.inode === node.namespaces.user)
    expect(`user:[${user.owner}]`).toBe(readlinkSync('/proc/self/ns/user'))
  }
})

test('ns --all finds namespaces that only a mount keeps, and those above that have no process', async ({ nslab }) => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-ns-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const place = join(directory, 'kept')
  writeFileSync(place, '')
  execFileSync('unshare', [`--uts=${place}`, 'true'])
  const find = (inode: string, kind: string) =>
    nslab(['ns', '--all', '--json'])
      .json()
      .namespaces.find((each: any) => `${each.kind}:[${each.inode}]` === `${kind}:[${inode}]`)
  const inode = execFileSync('stat', ['-c', '%i', place], { encoding: 'utf8' }).trim()
  expect(find(inode, 'uts')).toMatchObject({ processes: 0, first: null, mountedAt: place })
  expect(nslab(['ns', '--all']).stdout).toContain(`kept by ${place}`)
  execFileSync('umount', [place])
  expect(find(inode, 'uts')).toBeUndefined()

  // The middle one of three user namespaces has no process of its own.
  const child = spawn('unshare', ['-Ur', 'sh', '-c', 'readlink /proc/self/ns/user; exec unshare -Ur sleep 1000'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const middle = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data).trim())),
  )
  const number = /[0-9]+/.exec(middle)?.[0] as string
  await expect.poll(() => find(number, 'user')).toMatchObject({ processes: 0, first: null, mountedAt: null })
})

test('a user sees the own lab’s namespaces, and of the machine’s what belongs to the own processes', ({ nslab }) => {
  const name = uniqueName('ns')
  expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}}' })).toMatchObject({ status: 0 })
  const [root] = nslab(['ns', name, '--json']).json().nodes
  using alice = new TestUser(61_004)
  expect(alice.nslab(['up', '-', '--name', name], { input: POD })).toMatchObject({ status: 0 })
  const { nodes, shared } = alice.nslab(['ns', name, '--json']).json()
  for (const node of nodes) {
    for (const kind of KINDS) {
      expect(`${kind}:[${node.namespaces[kind]}]`, node.name).toBe(readlinkSync(`/proc/${node.pid}/ns/${kind}`))
    }
  }
  expect(shared.filter((each: any) => each.caller).map((each: any) => each.kind)).toContain('time')
  const all = alice.nslab(['ns', '--all', '--json']).json()
  const inodes = all.namespaces.map((each: any) => each.inode)
  for (const node of nodes) expect(inodes).toEqual(expect.arrayContaining(Object.values(node.namespaces)))
  expect(inodes).not.toContain(root.namespaces.net)
  expect(all.unreadable).toBeGreaterThan(0)
})
