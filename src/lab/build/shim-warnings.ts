// Warnings of the shim about steps that it skipped, with their consequence for the user.
import type { KernelError } from '../../errors.js'

/** Consequences in a container, by the path that the shim could not use (docs/doctor.md says what to change). */
const COSTS: Record<string, string> = {
  '/proc': 'parts of it are masked here, as in a container, so nodes see the machine’s processes',
  '/proc/sys':
    'it is read-only here, as in a container, so nodes keep the machine’s settings (rp_filter, accept_ra, …)',
}

/** One sentence for the user. */
export function warningWords(warning: KernelError): string {
  const cost = COSTS[warning.target]
  return cost === undefined ? warning.message : `${warning.message}; ${cost}`
}

/** Passes each different warning on once: every node of a lab reports the same about its machine. */
export function onceEach(tell: (warning: KernelError) => void): (warning: KernelError) => void {
  const told = new Set<string>()
  return (warning) => {
    if (!told.has(warning.message)) tell(warning)
    told.add(warning.message)
  }
}
