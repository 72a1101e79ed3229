// Hints: why the kernel refused a step of `up`, and what the user can do. They depend on the step and the errno, never on words.
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import type { Step } from '../../steps.js'
import { ownerOfSysctl } from '../../topology/node/sysctls.js'

const { EACCES, EAGAIN, EINVAL, EMFILE, ENOENT, ENOSPC, EPERM, ERANGE, EROFS } = constants.errno
/** asm-generic/errno.h; Node.js does not know it. */
const EUSERS = 87

/**
 * The same failure with a hint, where one is known. It becomes PRIVILEGE_MISSING when the machine or its root forbids the
 * step, and LIMIT_TOO_LOW when a limit does, so that another file would not help.
 */
export function explainRefusal(error: unknown): unknown {
  if (!(error instanceof KernelError)) return error
  if (error.step === 'write-sysctl') return explainSysctl(error)
  const limit = limitHint(error)
  if (limit) return new LabError('LIMIT_TOO_LOW', error.message, { cause: error, hint: limit })
  const hint = settingHint(error)
  if (hint) return withHint(error, hint)
  if (error.errno !== EPERM) return error
  return refused(error, 'CAP_SYS_ADMIN over the host is needed; in a container, run it with --privileged')
}

/** These make a namespace. A copied mount, and a new procfs, is in a mount namespace of its own (open_tree(2), fsmount(2)). */
const MAKES_NAMESPACE: readonly (Step | undefined)[] = [
  'create-namespaces',
  'create-cgroup-namespace',
  'create-time-namespace',
  'copy-mount',
  'mount-proc',
]

/** namespaces(7): beyond the limits in /proc/sys/user the kernel says ENOSPC, or EUSERS. */
const isNamespaceLimit = ({ step, errno }: KernelError): boolean =>
  errno === EUSERS || (errno === ENOSPC && MAKES_NAMESPACE.includes(step))

/** These make a process or a thread: beyond the limits, the kernel says EAGAIN (fork(2), pthread_create(3)). */
const MAKES_PROCESS: readonly (Step | undefined)[] = ['start-shim', 'start-threads', 'fork', 'create-namespaces']

/** What to do about limits of the user and of the machine: namespaces(7), setrlimit(2). */
function limitHint(error: KernelError): string | null {
  const { step, errno } = error
  if (isNamespaceLimit(error))
    return 'the limit of namespaces is reached, or is 0: `sysctl user` lists the limits, user.max_*_namespaces, and root raises them'
  if (errno === EMFILE && step === 'hand-over-namespace')
    return 'the lab’s keeper has used as many descriptors as it may have, since it uses none again: take the lab down and up again, after `ulimit -n` with a higher limit if nodes never came and went'
  if (errno === EMFILE)
    return '`up` needs about 192 open files, and one more for each node: raise the limit with `ulimit -n`'
  if (errno === EAGAIN && MAKES_PROCESS.includes(step))
    return 'there are as many processes as this user, or this container, may have: `ulimit -u`, or pids.max of the cgroup'
  return null
}

/** What to do about a setting of the topology that the kernel does not take. */
function settingHint({ step, errno }: KernelError): string | null {
  if (step === 'set-time-offset' && errno === ERANGE)
    return 'no clock can be moved to before zero or beyond 146 years; /proc/uptime says where boottime is now'
  if (step === 'change-owner' && errno === EINVAL)
    return 'the node has no user or group of that id: a lab without root has those that /etc/subuid and /etc/subgid grant'
  if (step === 'add-name-to-root' && errno === EROFS)
    return 'a node has the directories in / that the machine has: put it into one of them, or below /run or /tmp'
  return null
}

function explainSysctl(error: KernelError): LabError {
  switch (error.errno) {
    case EROFS:
      return refused(error, '/proc/sys is read-only here, as in a container: run it where /proc/sys can be written')
    case EACCES:
    case EPERM:
      return refused(error, 'it belongs to the whole machine, not to a node: set it there with `sysctl -w`, as root')
    case ENOENT:
      if (ownerOfSysctl(keyIn(error)) !== null)
        return refused(error, 'interfaces have no such sysctl: its kernel module is not loaded, or it is misspelt')
      return refused(
        error,
        'a node has no such sysctl: it belongs to the whole machine, its kernel module is not loaded, or it is misspelt',
      )
    default:
      return error
  }
}

/** The target of a step that writes a sysctl is `NODE KEY`. */
const keyIn = ({ target }: KernelError): string => target.slice(target.indexOf(' ') + 1)

const refused = (error: KernelError, hint: string): LabError =>
  new LabError('PRIVILEGE_MISSING', error.message, { cause: error, hint })

const withHint = (error: KernelError, hint: string): KernelError => {
  const { step, operation, target, errno, extack } = error
  return new KernelError({ step, operation, target, errno, extack, hint }, { cause: error })
}
