// The namespace calls of the library, against the kernel. `unshare` and `setns` move the calling thread for good, so each test
// runs them in a separate program.

import { spawn, spawnSync } from 'node:child_process'
import { closeSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cloneInto, listNamespaces, openNamespace, sameNamespace, setns } from '../../../src/index.js'
import type { NamespaceKind } from '../../../src/namespace-kinds.js'
import { ROOT } from '../../support/lab.js'
import { waitUntilGone } from '../../support/shim.js'
import { TestUser } from '../../support/user.js'

const KINDS = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time'] as const
/** Runs a script that calls the library. @returns its output */
const answer = (script: string) => {
  const program = `import('${join(ROOT, 'dist/index.js')}').then(({ unshare, setns, openNamespace }) => {
    const fs = require('node:fs')
    const said = (call) => { try { call(); return 'done' } catch (e) { return e.errnoName + (e.hint ? ' cloneInto' : '') } }
    ${script} })`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.trim()
}

async function sleeper(make: readonly NamespaceKind[]): Promise<number> {
  const { pid, child } = await cloneInto(['sleep', '1000'], { make, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return pid
}

test('listNamespaces has the inodes that readlink shows, and says which process it cannot read', () => {
  const own = listNamespaces(process.pid)
  for (const kind of KINDS) expect(`${kind}:[${own[kind]?.inode}]`).toBe(readlinkSync(`/proc/self/ns/${kind}`))
  expect(() => listNamespaces(0x7fff_fff0)).toThrow(expect.objectContaining({ errnoName: 'ESRCH' }))
})

test.each(KINDS)('cloneInto makes a %s namespace and no other', async (kind) => {
  const [here, there] = [listNamespaces(process.pid), listNamespaces(await sleeper([kind]))]
  for (const each of KINDS) expect(sameNamespace(here[each], there[each]), each).toBe(each !== kind)
})

test('cloneInto joins what it is told to, among them the kinds that threads may not', async () => {
  const pid = await sleeper(KINDS)
  const there = listNamespaces(pid)
  const { pid: joined, child } = await cloneInto(['sleep', '1000'], { join: { pid, kinds: KINDS }, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const seen = listNamespaces(joined)
  for (const kind of KINDS) expect(sameNamespace(seen[kind], there[kind]), kind).toBe(true)
  const cloned = await cloneInto(['id', '-u'], { join: { pid, kinds: ['user'] }, make: ['net'], stdio: 'pipe' })
  let text = ''
  for await (const chunk of cloned.child.stdout ?? []) text += chunk
  expect([text, await cloned.ended]).toEqual(['0\n', 0])
})

test('cloneInto tells a program’s status, a missing program and a process that is another by now', async () => {
  expect(await (await cloneInto(['sh', '-c', 'exit 7'], { make: ['uts'] })).ended).toBe(7)
  expect(await (await cloneInto(['sh', '-c', 'kill -9 $$'])).ended).toBe(137)
  await expect(cloneInto(['no-such-program'], { make: ['net'] })).rejects.toMatchObject({ errnoName: 'ENOENT' })
  const other = { pid: process.pid, startTime: 1, kinds: ['net'] as const }
  await expect(cloneInto(['true'], { join: other })).rejects.toMatchObject({ errnoName: 'ESRCH' })
  await expect(cloneInto([])).rejects.toMatchObject({ code: 'USAGE' })
})

test('a program dies with the one that started it, and all of its PID namespace with it', async () => {
  const { pid, child } = await cloneInto(['sh', '-c', 'sleep 1000 & wait'], { make: ['pid'], stdio: 'ignore' })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
  await waitUntilGone(pid)
})

describe('unshare and setns', () => {
  test.each(KINDS.filter((kind) => kind !== 'user'))(
    'unshare makes a %s namespace for the thread or its children',
    (k) => {
      // Two kinds change only for later children: /proc/PID/ns/pid_for_children and time_for_children name those.
      const file = k === 'pid' || k === 'time' ? `${k}_for_children` : k
      const read = `fs.readlinkSync('/proc/self/ns/${file}'.replace('/self/', '/thread-self/'))`
      // A new PID namespace cannot be read in /proc before it has a process.
      if (k === 'pid') {
        expect(
          answer(`unshare(['pid']); console.log(require('child_process').execFileSync('sh', ['-c', 'echo $$']) + '')`),
        ).toBe('1')
      } else {
        expect(
          answer(`const before = ${read}; unshare(['${k}']); const after = ${read}; console.log(after === before)`),
        ).toBe('false')
      }
    },
  )

  test('unshare of users is refused a program with threads, which is told what to use', () => {
    expect(answer(`console.log(said(() => unshare(['user'])))`)).toBe('EINVAL cloneInto')
  })

  test('setns enters what it may, and says of users, mounts and clocks that threads may not', async () => {
    const pid = await sleeper(KINDS)
    const call = (kind: string) =>
      `console.log('${kind}', said(() => setns(openNamespace(${pid}, '${kind}'), '${kind}')))`
    expect(answer(['uts', 'ipc', 'net', 'cgroup', 'user', 'mnt', 'time'].map(call).join(';'))).toBe(
      'uts done\nipc done\nnet done\ncgroup done\nuser EINVAL cloneInto\nmnt EINVAL cloneInto\ntime EUSERS cloneInto',
    )
    const inode = listNamespaces(pid).net?.inode
    const where = `setns(openNamespace(${pid}, 'net'), 'net'); console.log(fs.readlinkSync('/proc/thread-self/ns/net'))`
    expect(answer(where)).toBe(`net:[${inode}]`)
  })

  test('setns refuses a namespace of another kind, and a descriptor that is none', () => {
    const fd = openNamespace(process.pid, 'net')
    onTestFinished(() => closeSync(fd))
    expect(() => setns(fd, 'uts')).toThrow(expect.objectContaining({ errnoName: 'EINVAL', hint: undefined }))
    expect(() => setns(1_000_000, 'net')).toThrow(expect.objectContaining({ errnoName: 'EBADF' }))
  })
})

test('a word that is no kind of namespace, and a directory that is not there, are refused before anything is done', async () => {
  const usage = expect.objectContaining({ code: 'USAGE', message: 'there is no kind of namespace "bogus"' })
  const bogus = ['bogus'] as unknown as NamespaceKind[]
  expect(answer(`try { unshare(['bogus']) } catch (error) { console.log(error.code) }`)).toBe('USAGE')
  expect(() => setns(0, 'bogus' as NamespaceKind)).toThrow(usage)
  await expect(cloneInto(['true'], { make: bogus })).rejects.toThrow(usage)
  await expect(cloneInto(['true'], { join: { pid: process.pid, kinds: bogus } })).rejects.toThrow(usage)
  await expect(cloneInto(['true'], { cwd: '/nosuch' })).rejects.toThrow('cannot work in (/nosuch): ENOENT')
  await expect(cloneInto(['true'], { cwd: '/dev/null' })).rejects.toThrow('cannot work in (/dev/null): ENOTDIR')
})

describe('without privilege', () => {
  test('a user may clone with a user namespace, not without, and may not read another’s namespaces', () => {
    using alice = new TestUser(61_003)
    const program = `import('${join(alice.checkoutPath, 'dist/index.js')}').then(async ({ cloneInto, listNamespaces }) => {
      const failed = (error) => error.errnoName
      console.log(await cloneInto(['true'], { make: ['net'] }).catch(failed))
      const cloned = await cloneInto(['id', '-u'], { make: ['user', 'net', 'pid', 'mnt'] })
      console.log(await cloned.ended)
      try { listNamespaces(1) } catch (error) { console.log(failed(error)) } })`
    const { stdout, stderr } = alice.run([process.execPath, '-e', program])
    expect([stdout, stderr]).toEqual(['EPERM\n0\n0\nEACCES\n', ''])
  })
})

test('a namespace is not another process’s, and none is not none', () => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [own, other] = [listNamespaces(process.pid), listNamespaces(child.pid as number)]
  expect(sameNamespace(own.net, other.net)).toBe(true)
  expect(sameNamespace(own.net, own.uts)).toBe(false)
  expect(sameNamespace(null, null)).toBe(false)
})
