// A process has ended only when its file is not there: any other failure to read it answers nothing.
import { constants } from 'node:os'
import { afterEach, expect, test, vi } from 'vitest'
import { hasFreezer, isFrozen } from '../../../../src/kernel/freezer.js'
import { isThere, readIfThere, readSysctl } from '../../../../src/kernel/small-file.js'
import { hasEveryId } from '../../../../src/lab/who/caller.js'
import { boottimeTicks, isRunning, startTimeOf, uidOf } from '../../../../src/lab/who/process-identity.js'

type ErrnoName = keyof typeof constants.errno

const { failure } = vi.hoisted(() => ({ failure: { code: null as string | null } }))

// While `failure.code` is set, reading and examining any file fails with that errno. /proc itself stays: without it, nslab says so.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const failing =
    <F extends (...args: any[]) => unknown>(call: F) =>
    (...args: Parameters<F>) => {
      if (failure.code === null || args[0] === '/proc/self') return call(...args)
      const errno = -constants.errno[failure.code as ErrnoName]
      throw Object.assign(new Error(failure.code), { code: failure.code, errno })
    }
  return { ...fs, readFileSync: failing(fs.readFileSync), accessSync: failing(fs.accessSync) }
})

afterEach(() => {
  failure.code = null
})

const self = { pid: process.pid, startTime: startTimeOf(process.pid) as number }

const ABSENT: readonly ErrnoName[] = ['ENOENT', 'ESRCH', 'ENODEV']
/** With hidepid (proc(5)), the files of other users' processes cannot be opened. */
const HIDDEN: readonly ErrnoName[] = [...ABSENT, 'EPERM']
/** For what a caller that may not look at a file cannot use either. */
const UNUSABLE: readonly ErrnoName[] = [...ABSENT, 'EPERM', 'EACCES']

const questions: [what: string, ask: () => unknown, no: unknown, answers: readonly ErrnoName[]][] = [
  ['startTimeOf', () => startTimeOf(self.pid), null, HIDDEN],
  ['uidOf', () => uidOf(self.pid), null, HIDDEN],
  ['isRunning', () => isRunning(self), false, HIDDEN],
  ['readIfThere', () => readIfThere('/etc/passwd'), null, UNUSABLE],
  ['readSysctl', () => readSysctl('kernel.pid_max'), null, UNUSABLE],
  ['isThere', () => isThere('/proc/self/ns/net'), false, ABSENT],
  ['hasFreezer', () => hasFreezer('/sys/fs/cgroup'), false, UNUSABLE],
  ['isFrozen', () => isFrozen('/sys/fs/cgroup'), false, ABSENT],
  ['hasEveryId', () => hasEveryId(), true, UNUSABLE],
]

test.for(questions)('%s answers when a file is not there, and fails when that is not known', ([, ask, no, answers]) => {
  for (const code of answers) {
    failure.code = code
    expect(ask(), code).toBe(no)
  }
  const unknown: ErrnoName[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'EACCES']
  for (const code of unknown.filter((each) => !answers.includes(each))) {
    failure.code = code
    expect(ask, code).toThrow(code)
  }
})

test.each([
  ['monotonic           0         0\nboottime            0         0\n', 0],
  ['monotonic           7         0\nboottime         1000         0\n', 100_000],
  ['boottime            -5 500000000\n', -450],
  ['', 0],
])('of the offsets %j, the one of boottime counts', (text, ticks) => {
  expect(boottimeTicks(text)).toBe(ticks)
})
