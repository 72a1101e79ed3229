// What the shim skips, in words that say what it costs.
import type { KernelError } from '../../errors.js'

/** What a lab in a container has to do without (docs/doctor.md has how to get it). */
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

/** Every node of a lab says the same of its machine; the user is told once. */
export function onceEach(tell: (warning: KernelError) => void): (warning: KernelError) => void {
  const told = new Set<string>()
  return (warning) => {
    if (!told.has(warning.message)) tell(warning)
    told.add(warning.message)
  }
}
