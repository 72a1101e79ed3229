// What a command that met a fault has done wrong by the way it ended.
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { saidBy } from '../jail/command.mjs'

/**
 * Kinds of failures, the worst first.
 *
 * - lies: it says that it is done, and is not
 * - leaves: it says that it is not done, and something is left or lost
 * - hangs: it does not end
 * - crashes: a signal ended it
 * - "bug": exit status 1, which is for bugs of nslab
 * - unnamed: what it says does not name the error
 */
export const KINDS = ['lies', 'leaves', 'hangs', 'crashes', '"bug"', 'unnamed']

/** Exit status of what was taken down while it was built. */
const INTERRUPTED = 130
/** strerror(3), where Node.js says it in other words. */
const STRERROR = {
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EMFILE: 'Too many open files',
  ENFILE: 'Too many open files in system',
  ENOMEM: 'Cannot allocate memory',
  ENOSYS: 'Function not implemented',
  ENOTTY: 'Inappropriate ioctl for device',
  EBUSY: 'Device or resource busy',
  ENOBUFS: 'No buffer space available',
  EAGAIN: 'Resource temporarily unavailable',
  E2BIG: 'Argument list too long',
  EDQUOT: 'Disk quota exceeded',
  ENOLCK: 'No locks available',
  ENODEV: 'No such device',
}
/** 128 + SIGABRT */
const ABORTED = 134

/**
 * @param {{ status: number | null, signal: string | null, stuck: string | null, stdout: string, stderr: string }} result
 * @param {{ role: string, call?: string, errno?: string, answer?: string }} fault
 * @returns {{ ending: 'done' | 'failed' | 'aborted' | 'hung', faults: { kind: string, text: string }[] }}
 */
export function verdictOf(result, { role, call, errno, answer }) {
  const { status, signal, stuck } = result
  if (stuck !== null) return { ending: 'hung', faults: [{ kind: 'hangs', text: `does not end: ${stuck}` }] }
  // A thread that cannot go back to its own namespace ends the process (src/kernel/netns.ts), and libuv does when the kernel
  // refuses it a thread (src/kernel/thread-pool.ts): that must leave nothing all the same.
  if (role === 'cli' && ['setns', 'clone3'].includes(call) && status === ABORTED)
    return { ending: 'aborted', faults: [] }
  if (signal !== null || (status > 127 && status !== INTERRUPTED)) return failed('crashes', result)
  if (status === 0) return { ending: 'done', faults: [] }
  if (status === 1) return failed('"bug"', result)
  // The keeper or its wire ends when something fails that it does; the others notice.
  if (['lab+1', 'lab+2'].includes(role) || isNamed(result, errno ?? answer)) return { ending: 'failed', faults: [] }
  return failed('unnamed', result)
}

const failed = (kind, result) => ({
  ending: 'failed',
  faults: [{ kind, text: `ends with ${result.signal ?? result.status}: ${saidBy(result)}` }],
})

/** By its name, in the words of Node.js, or in those of the C library, which the shim has. */
function isNamed({ stdout, stderr }, name) {
  const words = [name, getSystemErrorMap().get(-constants.errno[name])?.[1] ?? name, STRERROR[name] ?? name]
  return words.some((word) => `${stdout}${stderr}`.toLowerCase().includes(word.toLowerCase()))
}
