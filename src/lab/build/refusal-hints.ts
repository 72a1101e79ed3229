// Why the kernel refused, and what to do: what an errno of a step of `up` means to the user.
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'

const { EACCES, EAGAIN, EINVAL, EMFILE, ENOENT, ENOSPC, EPERM, ERANGE, EROFS } = constants.errno
/** asm-generic/errno.h; Node.js does not know it. */
const EUSERS = 87

/** The same failure with its reason, where one is known; what is the user's to mend is PRIVILEGE_MISSING. */
export function explained(error: unknown): unknown {
  if (!(error instanceof KernelError)) return error
  if (error.operation === 'write sysctl') return explainedSysctl(error)
  if (error.operation === 'set the time offset' && error.errno === ERANGE) {
    return withHint(
      error,
      'no clock can be moved to before zero or beyond 146 years; /proc/uptime says where boottime is now',
    )
  }
  if (isNamespaceLimit(error)) {
    return refused(
      error,
      'as many namespaces as may be made are there, or none may be: `sysctl user` lists the limits, user.max_*_namespaces, and root raises them',
    )
  }
  const hint = limitHint(error) ?? contentsHint(error)
  if (hint) return withHint(error, hint)
  if (error.errno !== EPERM) return error
  return refused(error, 'CAP_SYS_ADMIN over the host is needed; in a container, run it with --privileged')
}

/** What makes a namespace. A copy of a mount is in a mount namespace of its own, so what takes one is among them. */
const MAKES_NAMESPACE = ['create namespaces', 'create cgroup namespace', 'create', 'open', 'bind over']

/** namespaces(7): at the limits in /proc/sys/user the kernel says ENOSPC, or EUSERS. */
const isNamespaceLimit = ({ operation, errno }: KernelError): boolean =>
  errno === EUSERS || (errno === ENOSPC && MAKES_NAMESPACE.includes(operation))

/** What makes a process or a thread: fork(2), EAGAIN. */
const MAKES_PROCESS = ['start', 'fork', 'create namespaces']

/** What to do about limits of the user's: setrlimit(2). */
function limitHint({ operation, errno }: KernelError): string | null {
  if (errno === EMFILE)
    return '`up` needs about 64 open files, and up to three more for each node: raise the limit with `ulimit -n`'
  if (errno === EAGAIN && MAKES_PROCESS.includes(operation))
    return 'there are as many processes as this user, or this container, may have: `ulimit -u`, or pids.max of the cgroup'
  return null
}

/** What to do about what is written into a node. */
function contentsHint({ operation, errno }: KernelError): string | null {
  if (operation === 'change the owner of' && errno === EINVAL)
    return 'the node has no user or group of that id: a lab without root has those that /etc/subuid and /etc/subgid grant'
  if (operation === 'make a name in' && errno === EROFS)
    return 'a node has the directories in / that the machine has: put it into one of them, or below /run or /tmp'
  return null
}

function explainedSysctl(error: KernelError): LabError {
  switch (error.errno) {
    case EROFS:
      return refused(error, '/proc/sys is read-only here, as in a container: run it where /proc/sys can be written')
    case EACCES:
    case EPERM:
      return refused(error, 'it belongs to the whole machine, not to a node: set it there with `sysctl -w`, as root')
    case ENOENT:
      return refused(
        error,
        'a node has no such sysctl: it belongs to the whole machine, its kernel module is not loaded, or it is misspelt',
      )
    default:
      return error
  }
}

const refused = (error: KernelError, hint: string): LabError =>
  new LabError('PRIVILEGE_MISSING', error.message, { cause: error, hint })

const withHint = (error: KernelError, hint: string): KernelError =>
  new KernelError({ operation: error.operation, target: error.target, errno: error.errno, hint }, { cause: error })
