// System calls, and visits to other network namespaces.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { KernelError } from '../../../src/errors.js'
import {
  flock,
  hasHungUp,
  netlinkPortOf,
  pidfdOpen,
  pidfdSendSignal,
  setsockopt,
  socketpair,
  waitPidfd,
} from '../../../src/kernel/libc.js'
import { openHomeNetns, openNetns, withNetns } from '../../../src/kernel/netns.js'
import { isRoot, Scratch, whereAmI } from '../../support/kernel-namespaces.js'

const NO_DESCRIPTOR = 1_000_000

function thrown(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return expect.fail('did not throw')
}

describe.skipIf(!isRoot)('another network namespace', () => {
  test('is where the callback runs; its result comes back, and so does the thread', () => {
    using there = new Scratch()
    const here = whereAmI()
    const seen = withNetns(there.fd, whereAmI)
    expect(seen).not.toBe(here)
    expect(whereAmI()).toBe(here)
  })

  test('is left when the callback throws', () => {
    using there = new Scratch()
    using home = openHomeNetns()
    const here = whereAmI()
    const failure = new Error('in there')
    const fail = () => {
      throw failure
    }
    expect(thrown(() => home.visit(there.fd, fail))).toBe(failure)
    expect(thrown(() => withNetns(there.fd, fail))).toBe(failure)
    expect(whereAmI()).toBe(here)
  })

  test('may be entered from another', () => {
    using first = new Scratch()
    using second = new Scratch()
    const nested = withNetns(first.fd, () => [whereAmI(), withNetns(second.fd, whereAmI), whereAmI()])
    expect(nested[0]).toBe(nested[2])
    expect(nested[1]).not.toBe(nested[0])
  })

  test('that is none is an error, and the callback does not run', () => {
    const here = whereAmI()
    const fd = openSync('/dev/null', 'r')
    try {
      expect(thrown(() => withNetns(fd, () => expect.fail('ran')))).toMatchObject({
        operation: 'enter namespace',
        errnoName: 'EINVAL',
      })
    } finally {
      closeSync(fd)
    }
    expect(whereAmI()).toBe(here)
  })

  test('takes no callback that goes on later', () => {
    // @ts-expect-error a promise would settle in the wrong namespace
    const wrong = () => withNetns(0, async () => 1)
    expect(wrong).toBeTypeOf('function')
  })

  test('of a process that is gone is an error', () => {
    expect(thrown(() => openNetns(2 ** 22 + 1))).toMatchObject({ operation: 'open namespace', errnoName: 'ENOENT' })
  })
})

test('a socket has hung up when its other end is closed, whatever is still to be read', () => {
  const [one, other] = socketpair()
  writeSync(other, 'text')
  expect(hasHungUp(one)).toBe(false)
  closeSync(other)
  expect(hasHungUp(one)).toBe(true)
  closeSync(one)
})

describe('a process', () => {
  test('is waited for and signalled through its descriptor', async () => {
    const child = spawn('sleep', ['60'])
    const fd = pidfdOpen(child.pid as number)
    try {
      expect(waitPidfd(fd, 20)).toBe(false)
      pidfdSendSignal(fd, constants.signals.SIGKILL)
      expect(waitPidfd(fd, 10_000)).toBe(true)
      await once(child, 'exit')
      expect(thrown(() => pidfdSendSignal(fd, constants.signals.SIGKILL))).toMatchObject({ errnoName: 'ESRCH' })
    } finally {
      closeSync(fd)
    }
  })

  test('that is not there, and a descriptor that is none, are errors', () => {
    expect(thrown(() => pidfdOpen(2 ** 22 + 1))).toBeInstanceOf(KernelError)
    expect(thrown(() => waitPidfd(NO_DESCRIPTOR, 0))).toMatchObject({ errnoName: 'EBADF' })
    expect(thrown(() => waitPidfd(NO_DESCRIPTOR, Number.POSITIVE_INFINITY))).toMatchObject({ errnoName: 'EBADF' })
  })
})

describe('a lock', () => {
  test('is exclusive or shared, and goes with its descriptor', () => {
    const directory = mkdtempSync(join(tmpdir(), 'nslab-lock-'))
    const path = join(directory, 'lock')
    const first = openSync(path, 'w')
    const second = openSync(path, 'r')
    try {
      expect(flock(first, { exclusive: true, wait: false })).toBe(true)
      expect(flock(second, { exclusive: false, wait: false })).toBe(false)
      expect(flock(first, { exclusive: false, wait: false })).toBe(true)
      expect(flock(second, { exclusive: false, wait: true })).toBe(true)
      expect(flock(second, { exclusive: true, wait: false })).toBe(false)
      closeSync(first)
      expect(flock(second, { exclusive: true, wait: false })).toBe(true)
      expect(thrown(() => flock(NO_DESCRIPTOR, { exclusive: true, wait: true }))).toMatchObject({ errnoName: 'EBADF' })
    } finally {
      closeSync(second)
      rmSync(directory, { recursive: true })
    }
  })
})

describe('sockets', () => {
  test('a pair keeps the borders of what is written', () => {
    const [a, b] = socketpair()
    try {
      writeSync(a, 'one')
      writeSync(a, 'two')
      const bytes = Buffer.alloc(16)
      expect(bytes.toString('latin1', 0, readSync(b, bytes))).toBe('one')
      expect(netlinkPortOf(a)).toBeNull()
      expect(netlinkPortOf(NO_DESCRIPTOR)).toBeNull()
    } finally {
      closeSync(a)
      closeSync(b)
    }
  })

  test('an option that cannot be set is named', () => {
    expect(thrown(() => setsockopt(NO_DESCRIPTOR, 270, 11, 1, 'NETLINK_EXT_ACK'))).toMatchObject({
      message: expect.stringContaining('NETLINK_EXT_ACK'),
      errnoName: 'EBADF',
    })
  })
})
