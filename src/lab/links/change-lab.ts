// Changes a running lab: one command at a time, and its state with it.
import { LabError } from '../../errors.js'
import type { RunningLab } from '../record/select.js'
import { type Turn, type TurnOptions, takeTurn, tryTurn } from '../turn/turn.js'
import { isRunning } from '../who/process-identity.js'
import { LabNetwork } from './lab-network.js'
import { stateNow } from './live-state.js'
import { undoReplacement } from './replace.js'

/**
 * Runs `action` while no other command changes the lab. `action` gets the lab with the state as it is now. It may write the state
 * with `saveState`.
 *
 * @throws LabError PRIVILEGE_MISSING when the lab is another user's; as `takeTurn`; LAB_NOT_FOUND when it is down; INTERRUPTED when
 * `action` fails after the lab was taken down; whatever else `action` throws.
 */
export async function whileTurn<T>(
  lab: RunningLab,
  options: TurnOptions,
  action: (lab: RunningLab) => Promise<T>,
): Promise<T> {
  requireOwn(lab)
  using _ = await takeTurn(lab, options)
  return await act(lab, action)
}

/** Runs `action` as `whileTurn`, if no other command changes the lab at this moment. @returns null when one does */
export async function ifFree<T>(lab: RunningLab, action: (lab: RunningLab) => Promise<T>): Promise<T | null> {
  requireOwn(lab)
  using turn: Turn | null = tryTurn(lab)
  return turn && (await act(lab, action))
}

async function act<T>(lab: RunningLab, action: (lab: RunningLab) => Promise<T>): Promise<T> {
  const locked = { ...lab, state: stateNow(lab) }
  try {
    // Of a command that was killed meanwhile.
    if (locked.state.replacement) await undone(locked)
    return await action(locked)
  } catch (cause) {
    if (isRunning(lab.state.keeper)) throw cause
    throw new LabError('INTERRUPTED', `lab ${lab.name} was taken down while it was changed`, { cause })
  }
}

/**
 * An own lab as it is now, other users' as they were read: other commands may have changed its links, or may have been killed
 * while they did. It waits for no command that changes the lab.
 *
 * @throws LabError LAB_NOT_FOUND when it is down
 */
export async function currentLab(lab: RunningLab): Promise<RunningLab> {
  if (lab.owner !== process.geteuid?.()) return lab
  const state = stateNow(lab)
  const mended = state.replacement ? await ifFree(lab, async (locked) => locked) : null
  return mended ?? { ...lab, state }
}

/**
 * The owner may replace the state, and what it names, at any time: root would write where a link of that user's leads, and enter
 * whatever network namespace a descriptor of that user's is of.
 */
export function requireOwn({ name, owner }: RunningLab): void {
  if (owner === process.geteuid?.()) return
  throw new LabError('PRIVILEGE_MISSING', `only its owner, user ${owner}, may change lab ${name}`, {
    hint: `run it as that user: \`sudo -u '#${owner}' nslab …\``,
  })
}

async function undone(lab: RunningLab): Promise<void> {
  using network = new LabNetwork(lab.state.keeper)
  await undoReplacement(lab, network)
}
