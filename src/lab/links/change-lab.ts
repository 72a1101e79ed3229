// Changes a running lab: one command at a time, and its state with it.
import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import { flock } from '../../kernel/libc.js'
import { readState } from '../record/read-state.js'
import type { RunningLab } from '../record/select.js'
import { type LabState, writeState } from '../record/state.js'
import { withStateLock } from '../record/state-lock.js'

/** Another command changes a lab for milliseconds; one that replaces many links, for seconds. */
const TIMEOUT_MS = 30_000
const PAUSE_MS = 5

/**
 * Runs `action` while no other command changes the lab. `action` gets the lab with the state as it is now. It may write the state
 * with `saveState`.
 *
 * @throws LabError STATE_REFUSED when another command keeps the lab locked, LAB_NOT_FOUND when it is down; whatever `action` throws.
 */
export async function whileUnchanged<T>(lab: RunningLab, action: (lab: RunningLab) => Promise<T>): Promise<T> {
  const { directory } = lab
  const fd = attempt('open', directory, () => openSync(directory, 'r'))
  try {
    for (const deadline = performance.now() + TIMEOUT_MS; !flock(fd, { exclusive: true, wait: false }); ) {
      if (performance.now() > deadline) {
        throw new LabError('STATE_REFUSED', `another command has changed lab ${lab.name} for ${TIMEOUT_MS / 1000} s`, {
          hint: `\`fuser -v ${directory}\` names the process: continue it or end it`,
        })
      }
      await setTimeout(PAUSE_MS)
    }
    return await action({ ...lab, state: stateNow(lab) })
  } finally {
    closeSync(fd)
  }
}

/** Replaces the state of a lab, unless it is down by now. */
export function saveState(lab: RunningLab, state: LabState): void {
  withStateLock(dirname(lab.directory), () => {
    stateNow(lab)
    writeState(lab.directory, state)
  })
}

function stateNow({ name, directory, state: { keeper } }: RunningLab): LabState {
  const { state } = readState(directory)
  if (state?.keeper.pid === keeper.pid && state.keeper.startTime === keeper.startTime) return state
  throw new LabError('LAB_NOT_FOUND', `lab ${name} is down`)
}
