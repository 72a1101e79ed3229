// The helper processes of this program: for new labs, and for each outer user namespace of running ones.
import type { ProcessIdentity } from '../who/process-identity.js'
import { HelperProcess } from './helper-process.js'

export class HelperPool {
  private readonly helpers = new Map<string, HelperProcess>()

  /** @param keeper of the lab in whose networks it is to work; null for a lab that is to be built */
  helperFor(keeper: ProcessIdentity | null): HelperProcess {
    const known = this.helpers.get(keyOf(keeper))
    if (known?.isOpen) return known
    const helper = HelperProcess.start(keeper)
    this.assign(keeper, helper)
    return helper
  }

  /** From now on, a helper is also that of the lab with this keeper, which it has built. */
  assign(keeper: ProcessIdentity | null, helper: HelperProcess): void {
    for (const [key, { isOpen }] of this.helpers) if (!isOpen) this.helpers.delete(key)
    this.helpers.set(keyOf(keeper), helper)
  }
}

/** A helper has the working directory and the environment that this program had when it was started. */
const keyOf = (keeper: ProcessIdentity | null): string =>
  JSON.stringify([keeper && [keeper.pid, keeper.startTime], process.cwd(), process.env])
