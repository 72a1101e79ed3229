// What the library does with netlink in the networks of labs. For that, a process must be root of the lab's outer user namespace;
// all else is done in nodes by the native helper, which every user can start.
import type { LabChange } from '../../model/change/lab-change.js'
import type { LabView } from '../../model/lab-view.js'
import type { CheckReport } from '../../model/reach/check.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { UpOptions } from '../build/up.js'
import type { ApplyOptions, ApplyResult } from '../change/options.js'
import type { CheckOptions } from '../check/run-checks.js'
import type { NetworkTable } from '../observe/inspect.js'
import type { RunningLab } from '../record/select.js'
import type { LabState } from '../record/state.js'
import type { LinkCalls } from '../scenario/link-calls.js'
import type { LabWatch, WatchOptions } from '../watch/lab-watch.js'

/** A lab that was built. */
export interface StandingLab {
  state: LabState
  directory: string
  /** Keeps a lab alive that does not persist, until it is disposed of; null for one that persists. */
  creator: Disposable | null
}

/** Each is described at the method of `Lab` that calls it. */
export interface NetworkCalls extends LinkCalls {
  build(topology: ResolvedTopology, options: UpOptions): Promise<StandingLab>
  apply(lab: RunningLab, topology: ResolvedTopology, options: ApplyOptions): Promise<ApplyResult>
  diff(lab: RunningLab, topology: ResolvedTopology, options: Pick<ApplyOptions, 'prune'>): Promise<LabChange>
  inspect(lab: RunningLab, tables: readonly NetworkTable[]): Promise<LabView>
  check(lab: RunningLab, options: CheckOptions): Promise<CheckReport>
  watch(lab: RunningLab, options: WatchOptions): LabWatch
}
