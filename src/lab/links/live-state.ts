// The state file of a running lab that a command changes.
import { dirname } from 'node:path'
import { LabError } from '../../errors.js'
import { readState } from '../record/read-state.js'
import type { RunningLab } from '../record/select.js'
import { type LabState, writeState } from '../record/state.js'
import { withStateLock } from '../record/state-lock.js'

/** Replaces the state of a lab, unless it is down by now. */
export function saveState(lab: RunningLab, state: LabState): void {
  withStateLock(dirname(lab.directory), () => {
    stateNow(lab)
    writeState(lab.directory, state, { sync: false })
  })
}

/** The state as it is now. @throws LabError LAB_NOT_FOUND when the lab is down, or another one has its name */
export function stateNow({ name, directory, state: { keeper } }: RunningLab): LabState {
  const { state } = readState(directory)
  if (state?.keeper.pid === keeper.pid && state.keeper.startTime === keeper.startTime) return state
  throw new LabError('LAB_NOT_FOUND', `lab ${name} is down`)
}
