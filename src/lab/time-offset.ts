// What it means when the kernel refuses a clock's offset.
import { constants } from 'node:os'
import { KernelError } from '../errors.js'

/** With the reason, where the error is about an offset: the kernel says ERANGE and no more. */
export function explainedOffset(error: KernelError): KernelError {
  if (error.operation !== 'set the time offset' || error.errno !== constants.errno.ERANGE) return error
  const { operation, target, errno } = error
  const hint = 'no clock can be moved to before zero or beyond 146 years; /proc/uptime says where boottime is now'
  return new KernelError({ operation, target, errno, hint }, { cause: error })
}
