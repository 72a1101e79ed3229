// Hints for what the kernel refuses while a lab is built: by step and errno.
import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { KernelError, LabError } from '../../../../src/errors.js'
import { explainRefusal } from '../../../../src/lab/build/refusal-hints.js'
import type { Step } from '../../../../src/steps.js'

const { EAGAIN, EINVAL, EMFILE, ENOENT, ENOSPC, EPERM, ERANGE, EROFS } = constants.errno

const failure = (step: Step | undefined, errno: number) =>
  new KernelError({ step, operation: 'do', target: 'it', errno })

test.each<[Step, number, string, string]>([
  ['write-sysctl', EROFS, 'PRIVILEGE_MISSING', '/proc/sys is read-only here'],
  ['write-sysctl', EPERM, 'PRIVILEGE_MISSING', 'belongs to the whole machine'],
  ['write-sysctl', ENOENT, 'PRIVILEGE_MISSING', 'a node has no such sysctl'],
  ['create-namespaces', ENOSPC, 'LIMIT_TOO_LOW', 'user.max_*_namespaces'],
  ['create-cgroup-namespace', ENOSPC, 'LIMIT_TOO_LOW', 'user.max_*_namespaces'],
  ['create-time-namespace', ENOSPC, 'LIMIT_TOO_LOW', 'user.max_*_namespaces'],
  ['copy-mount', ENOSPC, 'LIMIT_TOO_LOW', 'user.max_*_namespaces'],
  ['mount-proc', ENOSPC, 'LIMIT_TOO_LOW', 'user.max_*_namespaces'],
  ['join-namespaces', 87, 'LIMIT_TOO_LOW', 'user.max_*_namespaces'],
  ['start-shim', EAGAIN, 'LIMIT_TOO_LOW', 'ulimit -u'],
  ['start-threads', EAGAIN, 'LIMIT_TOO_LOW', 'ulimit -u'],
  ['fork', EAGAIN, 'LIMIT_TOO_LOW', 'ulimit -u'],
  ['create-namespaces', EAGAIN, 'LIMIT_TOO_LOW', 'ulimit -u'],
  ['make-pipe', EMFILE, 'LIMIT_TOO_LOW', 'ulimit -n'],
  ['hand-over-namespace', EMFILE, 'LIMIT_TOO_LOW', 'uses none again'],
  ['set-time-offset', ERANGE, 'KERNEL_REFUSED', 'no clock can be moved'],
  ['change-owner', EINVAL, 'KERNEL_REFUSED', 'no user or group of that id'],
  ['add-name-to-root', EROFS, 'KERNEL_REFUSED', 'the directories in / that the machine has'],
  ['mount-proc', EPERM, 'PRIVILEGE_MISSING', 'CAP_SYS_ADMIN'],
])('%s, errno %i: %s', (step, errno, code, hint) => {
  const cause = failure(step, errno)
  const error = explainRefusal(cause)
  expect(error).toMatchObject({ code, message: cause.message, cause, hint: expect.stringContaining(hint) })
  if (error instanceof KernelError) expect(error.step).toBe(step)
})

test('a sysctl of an interface that is not there is not taken for the machine’s', () => {
  const target = 'a net.ipv6.conf.eth0.bogus'
  const error = explainRefusal(new KernelError({ step: 'write-sysctl', operation: 'do', target, errno: ENOENT }))
  expect(error).toMatchObject({ hint: expect.stringMatching(/^interfaces have no such sysctl/) })
})

test('without a hint, an error stays as it is', () => {
  const errors = [
    failure('write-file', ENOSPC),
    failure(undefined, ENOSPC),
    failure('write-file', EROFS),
    new LabError('INTERNAL', 'x'),
    new Error('x'),
  ]
  for (const error of errors) expect(explainRefusal(error)).toBe(error)
})
