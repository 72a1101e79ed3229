// Warnings of the native helper about steps that it skipped, as sentences that say what the user loses.
import type { KernelError } from '../../errors.js'
import type { Step } from '../../steps.js'

/** What a lab in a container has to do without (docs/doctor.md has how to get it). */
const COSTS: Partial<Record<Step, string>> = {
  'mount-proc': 'parts of it are masked here, as in a container, so nodes see the machine’s processes',
  'write-sysctl':
    'it is read-only here, as in a container, so nodes keep the machine’s settings (rp_filter, accept_ra, …)',
}

/** One sentence for the user. */
export function warningWords({ step, message }: KernelError): string {
  const cost = step && COSTS[step]
  return cost === undefined ? message : `${message}; ${cost}`
}

/** Passes each different warning on once: every node of a lab reports the same about its machine. */
export function onceEach(tell: (warning: KernelError) => void): (warning: KernelError) => void {
  const told = new Set<string>()
  return (warning) => {
    if (!told.has(warning.message)) tell(warning)
    told.add(warning.message)
  }
}
