// How a running lab is changed.
import type { LabChange } from '../../model/change/lab-change.js'
import type { LabSource } from '../../model/source/lab-source.js'
import type { Progress } from '../build/up.js'
import type { TurnOptions } from '../turn/turn.js'

export interface ApplyOptions {
  /** Also removes what is in the kernel and in no topology that was applied, such as routes of a daemon. */
  prune?: boolean
  /** Changes nothing. */
  dryRun?: boolean
  /**
   * Called with what would be done, before it is done, when anything differs; false leaves all as it is. Absent: it is done unless
   * nodes would restart.
   */
  confirm?: (change: LabChange) => Promise<boolean> | boolean
  /** Rolls the change back when aborted before the first removal that cannot be undone. */
  signal?: AbortSignal
  /** How it waits for other commands that change the lab. */
  turn?: TurnOptions
  /** What the topology was read from. */
  source?: LabSource
  onProgress?: (progress: Progress) => void
  /** Called with one sentence for the user. */
  onWarning?: (warning: string) => void
}

export interface ApplyResult {
  change: LabChange
  /** Whether the lab was changed. */
  applied: boolean
}
