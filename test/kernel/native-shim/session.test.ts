// Sessions with the keeper of a lab that runs: nodes that come and go, and clients that misbehave.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, statSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { socketpair } from '../../../src/kernel/libc.js'
import { startTimeOf } from '../../../src/lab/who/process-identity.js'
import {
  askKeeper,
  isAlive,
  namespace,
  node,
  readAnswer,
  runVerb,
  SHIM,
  ShimLab,
  waitUntilGone,
  words,
} from '../../support/shim.js'

const labs: ShimLab[] = []
const runningLab = async (...nodes: (string | Buffer)[][]): Promise<ShimLab> => {
  const lab = await ShimLab.start()
  labs.push(lab)
  if (nodes.length > 0) expect(await lab.spawn(...nodes)).toMatchObject({ status: 0, stderr: '' })
  lab.commit()
  return lab
}
const session = async (lab: ShimLab): Promise<number> => (await lab.openSession()).fd
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

const heldInode = (lab: ShimLab, fd: number): number => statSync(`/proc/${lab.keeper.pid}/fd/${fd}`).ino

async function waitFor(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries === 500) throw new Error('it does not happen')
    await setTimeout(10)
  }
}

describe('a session', () => {
  test('adds nodes, which live on once they are committed', async () => {
    const lab = await runningLab(node('h1'))
    const fd = await session(lab)
    expect(await lab.spawnOn(fd, node('h2'), node('h3'))).toMatchObject({ status: 0, stderr: '' })
    const [h1, h2, h3] = ['h1', 'h2', 'h3'].map((name) => lab.node(name)) as [any, any, any]
    for (const { pid, netnsFd, inode } of [h1, h2, h3]) {
      expect(heldInode(lab, netnsFd)).toBe(inode)
      expect(namespace(pid, 'net')).toBe(`net:[${inode}]`)
    }
    expect(askKeeper(fd, 'commit')).toBe('committed')
    expect(askKeeper(fd, 'list')).toBe(`${h1.netnsFd}-${h3.netnsFd}`)
    closeSync(fd)
    await setTimeout(50)
    expect([h1, h2, h3].map(({ pid }) => isAlive(pid))).toEqual([true, true, true])
  })

  test('that closes before it commits ends the nodes that were made on it, and no others', async () => {
    const lab = await runningLab(node('h1'))
    const [first, second] = [await session(lab), await session(lab)]
    await lab.spawnOn(first, node('h2'))
    await lab.spawnOn(second, node('h3'))
    closeSync(first)
    await waitUntilGone(lab.node('h2').pid)
    expect(existsSync(`/proc/${lab.keeper.pid}/fd/${lab.node('h2').netnsFd}`)).toBe(false)
    expect(askKeeper(second, 'list')).toBe(`${lab.node('h1').netnsFd} ${lab.node('h3').netnsFd}`)
    expect(askKeeper(second, 'commit')).toBe('committed')
    closeSync(second)
    await setTimeout(50)
    expect(['h1', 'h3'].map((name) => isAlive(lab.node(name).pid))).toEqual([true, true])
  })

  test('drops namespaces, and never gives their numbers again', async () => {
    const lab = await runningLab(node('h1'), node('h2'))
    const fd = await session(lab)
    const dropped = lab.node('h2').netnsFd
    process.kill(lab.node('h2').pid, 'SIGKILL')
    expect(askKeeper(fd, `drop ${dropped} 4 5 99999`)).toBe('dropped')
    expect(askKeeper(fd, 'list')).toBe(String(lab.node('h1').netnsFd))
    expect(existsSync(`/proc/${lab.keeper.pid}/fd/${dropped}`)).toBe(false)
    expect(existsSync(`/proc/${lab.keeper.pid}/fd/4`)).toBe(true)
    const seen = [lab.node('h1').netnsFd, dropped]
    for (let i = 0; i < 5; i++) {
      await lab.spawnOn(fd, node('h2'))
      const { pid, netnsFd } = lab.node('h2')
      expect(seen).not.toContain(netnsFd)
      seen.push(netnsFd)
      process.kill(pid, 'SIGKILL')
      expect(askKeeper(fd, `drop ${netnsFd}`)).toBe('dropped')
    }
    closeSync(fd)
  })

  test('gives and removes names in /run/netns', async () => {
    const wasThere = existsSync('/run/netns')
    mkdirSync('/run/netns', { recursive: true })
    const lab = await runningLab()
    const fd = await session(lab)
    // Without a dot: other commands remove names LAB.NODE that lead to no keeper of LAB.
    const name = (which: string) => `/run/netns/shimtest-${process.pid}-${which}`
    const named = (which: string) => node(which, 'netns', `shimtest-${process.pid}-${which}`)
    await lab.spawnOn(fd, named('a'), named('b'))
    await waitFor(() => existsSync(name('b')))
    expect(readlinkSync(name('a'))).toBe(`/proc/${lab.keeper.pid}/fd/${lab.node('a').netnsFd}`)
    askKeeper(fd, 'commit')
    askKeeper(fd, `drop ${lab.node('a').netnsFd}`)
    expect(() => readlinkSync(name('a'))).toThrow(/ENOENT/)
    await lab.spawnOn(fd, named('c'))
    await waitFor(() => existsSync(name('c')))
    closeSync(fd)
    await waitUntilGone(lab.node('c').pid)
    await waitFor(() => lstatSync(name('c'), { throwIfNoEntry: false }) === undefined)
    expect(readlinkSync(name('b'))).toBe(`/proc/${lab.keeper.pid}/fd/${lab.node('b').netnsFd}`)
    rmSync(name('b'))
    if (!wasThere) rmSync('/run/netns', { recursive: true })
  })

  test('ends with kill -9 of its client while nodes are made, and leaves none', async () => {
    const lab = await runningLab(node('h1'))
    const { pid: keeper } = lab.keeper
    const children = () =>
      execFileSync('ps', ['-o', 'pid=', '--ppid', String(keeper)], { encoding: 'utf8' })
        .trim()
        .split(/\s+/)
    for (let round = 0; round < 8; round++) {
      const fd = await session(lab)
      const spec = words(Array.from({ length: 40 }, (_, at) => node(`n${at}`)).flat())
      const verb = spawn(SHIM, ['spawn', '--report', '3', ...lab.keeperArguments, '--creator', '4'], {
        stdio: ['pipe', 'ignore', 'inherit', 'pipe', fd],
        env: { ...process.env, NSLAB_TITLE_ROOM: '-'.repeat(192), ASAN_OPTIONS: 'detect_leaks=0' },
      })
      closeSync(fd) // the verb alone has it now, as a killed client leaves it
      verb.stdin?.on('error', () => {})
      verb.stdin?.end(spec)
      await once(verb.stdio[3] as any, 'data')
      await setTimeout(round * 3)
      verb.kill('SIGKILL')
      await waitFor(() => children().join() === String(lab.node('h1').pid))
    }
    const fd = await session(lab)
    expect(askKeeper(fd, 'list')).toBe(String(lab.node('h1').netnsFd))
    closeSync(fd)
  })
})

describe('the keeper goes on', () => {
  test('while a client does not read', async () => {
    const lab = await runningLab(node('h1'))
    const [deaf, other] = [await session(lab), await session(lab)]
    for (let i = 0; i < 100; i++) writeSync(deaf, 'list')
    expect(askKeeper(other, 'list')).toBe(String(lab.node('h1').netnsFd))
    closeSync(deaf)
    closeSync(other)
  })

  test('while a client with a node is stopped, whose node lives on until it is killed', async () => {
    const lab = await runningLab()
    const stopped = await session(lab)
    await lab.spawnOn(stopped, node('h1'))
    const client = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', stopped] })
    closeSync(stopped)
    client.kill('SIGSTOP')
    const other = await session(lab)
    expect(await lab.spawnOn(other, node('h2'))).toMatchObject({ status: 0 })
    expect(askKeeper(other, 'commit')).toBe('committed')
    expect(isAlive(lab.node('h1').pid)).toBe(true)
    client.kill('SIGKILL')
    await waitUntilGone(lab.node('h1').pid)
    expect(askKeeper(other, 'list')).toBe(String(lab.node('h2').netnsFd))
    closeSync(other)
  })

  test('with as many descriptors as it may have, and refuses more nodes', async () => {
    const lab = await ShimLab.start(['prlimit', '--nofile=70:70'])
    labs.push(lab)
    lab.commit()
    const fd = await session(lab)
    const nodes = Array.from({ length: 8 }, (_, at) => node(`h${at}`))
    const { status, reports } = await lab.spawnOn(fd, ...nodes)
    expect(status).toBe(1)
    const error = { step: 'hand-over-namespace', errno: constants.errno.EMFILE }
    expect(reports.filter((report) => report.error)).toMatchObject([{ error }])
    closeSync(fd)
    const again = await session(lab)
    expect(askKeeper(again, 'list')).toBe(' ')
    closeSync(again)
  })

  test('after garbage, on sessions and on its own socket', async () => {
    const lab = await runningLab(node('h1'))
    for (const garbage of ['', 'drop', 'drop x', 'hold', 'commit now', 'x'.repeat(5000), '\0\0', 'drop 1 2 y']) {
      const fd = await session(lab)
      try {
        writeSync(fd, Buffer.from(garbage))
      } catch {}
      if (garbage !== '') expect(['', '-1']).toContain(readAnswer(fd))
      closeSync(fd)
    }
    const fd = await session(lab)
    expect(askKeeper(fd, 'list')).toBe(String(lab.node('h1').netnsFd))
    closeSync(fd)
  })

  test('with as many sessions as it takes, and refuses more', async () => {
    const lab = await runningLab()
    const open = await Promise.all(Array.from({ length: 16 }, () => session(lab)))
    await expect(session(lab)).rejects.toThrow('began no session')
    for (const fd of open) closeSync(fd)
    await setTimeout(20)
    closeSync(await session(lab))
  })
})

describe('a session is refused', () => {
  const open = async (keeper: { pid: number; startTime: number }) => {
    const [fd, keeperFd] = socketpair()
    const args = ['--keeper', String(keeper.pid), '--start-time', String(keeper.startTime), '--creator', '4']
    const { status, reports } = await runVerb('session', args, { fds: [keeperFd] })
    closeSync(fd)
    closeSync(keeperFd)
    return { status, ...reports[0].error }
  }

  test('by the keeper of an older nslab, with an errno of its own', async () => {
    const [own, clients] = socketpair()
    // Such a keeper closes the descriptors of a message that it does not know, as read(2) does.
    const older = spawn('cat', [], { stdio: [own, 'ignore', 'inherit', own, clients] })
    const { pid = 0 } = older
    const refusal = await open({ pid, startTime: startTimeOf(pid) ?? 0 })
    expect(refusal).toMatchObject({ status: 1, step: 'reach-keeper', errno: constants.errno.EPROTO })
    older.kill('SIGKILL')
    closeSync(own)
    closeSync(clients)
  })

  test('by a keeper that has ended', async () => {
    const lab = await runningLab()
    process.kill(lab.keeper.pid, 'SIGKILL')
    await waitUntilGone(lab.keeper.pid)
    expect(await open(lab.keeper)).toMatchObject({ status: 1, errno: constants.errno.ESRCH })
  })
})

describe('spawn in a lab that runs', () => {
  const KINDS = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup']
  const kinds = (pid: number) => Object.fromEntries(KINDS.map((kind) => [kind, namespace(pid, kind)]))
  const restart = (lab: ShimLab, name: string, ...extra: string[]) =>
    node(name, 'keep', String(lab.node(name).netnsFd), ...extra)

  test('gives a dead node new namespaces, but for its network and the user namespace that owns it', async () => {
    const lab = await runningLab(node('h1'))
    lab.ip('h1', 'link set lo up', 'address add 10.9.8.7/32 dev lo')
    const before = lab.node('h1')
    const old = kinds(before.pid)
    process.kill(before.pid, 'SIGKILL')
    await waitUntilGone(before.pid)
    const fd = await session(lab)
    expect(await lab.spawnOn(fd, restart(lab, 'h1'))).toMatchObject({ status: 0, stderr: '' })
    askKeeper(fd, 'commit')
    closeSync(fd)
    const after = lab.node('h1')
    expect(after).toMatchObject({ netnsFd: before.netnsFd, inode: before.inode })
    const now = kinds(after.pid)
    for (const kind of KINDS)
      if (kind === 'net' || kind === 'user') expect(now[kind]).toBe(old[kind])
      else expect(now[kind], kind).not.toBe(namespace('self', kind))
    const { stdout } = lab.exec('h1', [
      'sh',
      '-c',
      'id -u; hostname; echo $$ >/run/me; ls /proc | grep -c "^[0-9]*$"; ip -o -4 address show lo | tail -n 1',
    ])
    expect(stdout).toMatch(/^0\nh1\n[0-9]\n.*10\.9\.8\.7\/32/)
  })

  test('ends a node that it has given a new process, when the session closes before it commits', async () => {
    const lab = await runningLab(node('h1'))
    const { pid, netnsFd, inode } = lab.node('h1')
    process.kill(pid, 'SIGKILL')
    await waitUntilGone(pid)
    const fd = await session(lab)
    await lab.spawnOn(fd, restart(lab, 'h1'))
    closeSync(fd)
    await waitUntilGone(lab.node('h1').pid)
    expect(heldInode(lab, netnsFd)).toBe(inode)
  })

  test('gives a node of the caller’s user namespace a new process', async () => {
    const host = ['namespace', 'user', 'host']
    const lab = await runningLab(['node', 'h1', 'hostname', 'h1', ...host, 'end'])
    const { pid, inode } = lab.node('h1')
    process.kill(pid, 'SIGKILL')
    await waitUntilGone(pid)
    const fd = await session(lab)
    const spec = ['node', 'h1', 'hostname', 'h1', ...host, 'keep', String(lab.node('h1').netnsFd), 'end']
    expect(await lab.spawnOn(fd, spec)).toMatchObject({ status: 0, stderr: '' })
    expect(namespace(lab.node('h1').pid, 'user')).toBe(namespace('self', 'user'))
    expect(lab.node('h1').inode).toBe(inode)
    closeSync(fd)
  })

  test.each(['net', 'ipc', 'uts', 'pid', 'mnt', 'user'])(
    'lets a new node join the %s namespace that running nodes share',
    async (kind) => {
      // A mount namespace belongs to a user namespace, so it is shared together with that.
      const shared = [...(kind === 'mnt' ? ['namespace', 'user', 'shared'] : []), 'namespace', kind, 'shared']
      const lab = await runningLab(node('h1', ...shared), node('h2', ...shared))
      const fd = await session(lab)
      const { pid, startTime } = lab.node('h2')
      const result = await lab.spawnOn(
        fd,
        shared
          .filter((word) => word !== 'namespace' && word !== 'shared')
          .flatMap((each) => ['shared', each, String(pid), String(startTime)]),
        node('h3', ...shared),
        node('h4'),
      )
      expect(result).toMatchObject({ status: 0, stderr: '' })
      expect(namespace(lab.node('h3').pid, kind)).toBe(namespace(lab.node('h1').pid, kind))
      expect(namespace(lab.node('h4').pid, kind)).not.toBe(namespace(lab.node('h1').pid, kind))
      closeSync(fd)
      await waitUntilGone(lab.node('h3').pid)
      expect(isAlive(lab.node('h1').pid)).toBe(true)
    },
  )

  test('gives a node that shares namespaces with others a new process among them', async () => {
    const shared = ['namespace', 'ipc', 'shared', 'namespace', 'uts', 'shared']
    const lab = await runningLab(node('h1', ...shared), node('h2', ...shared))
    process.kill(lab.node('h1').pid, 'SIGKILL')
    await waitUntilGone(lab.node('h1').pid)
    const fd = await session(lab)
    const { pid, startTime } = lab.node('h2')
    const running = ['ipc', 'uts'].flatMap((kind) => ['shared', kind, String(pid), String(startTime)])
    expect(await lab.spawnOn(fd, running, restart(lab, 'h1', ...shared))).toMatchObject({ status: 0, stderr: '' })
    for (const kind of ['ipc', 'uts']) expect(namespace(lab.node('h1').pid, kind)).toBe(namespace(pid, kind))
    expect(namespace(lab.node('h1').pid, 'net')).toBe(`net:[${lab.node('h1').inode}]`)
    closeSync(fd)
  })

  test('refuses a number of which the keeper holds no network namespace', async () => {
    const lab = await runningLab()
    const fd = await session(lab)
    const { status, reports } = await lab.spawnOn(fd, node('h1', 'keep', '999'))
    expect(status).toBe(1)
    expect(reports).toMatchObject([{ error: { step: 'open-namespace', node: 'h1', errno: constants.errno.ENOENT } }])
    const lock = await lab.spawnOn(fd, node('h1', 'keep', '5'))
    expect(lock.reports).toMatchObject([{ error: { step: 'open-namespace', node: 'h1' } }])
    closeSync(fd)
  })
})
