// Changes a running lab: one command at a time, and its state with it.
import { closeSync, openSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import { flock } from '../../kernel/libc.js'
import type { RunningLab } from '../record/select.js'
import { LabNetwork } from './lab-network.js'
import { stateNow } from './live-state.js'
import { undoReplacement } from './replace.js'

/** Another command changes a lab for milliseconds; one that replaces many links, for seconds. */
const TIMEOUT_MS = 30_000
const PAUSE_MS = 5

/**
 * Runs `action` while no other command changes the lab. `action` gets the lab with the state as it is now. It may write the state
 * with `saveState`.
 *
 * @throws LabError PRIVILEGE_MISSING when the lab is another user's, STATE_REFUSED when another command keeps it locked,
 * LAB_NOT_FOUND when it is down; whatever `action` throws.
 */
export async function whileUnchanged<T>(lab: RunningLab, action: (lab: RunningLab) => Promise<T>): Promise<T> {
  const { directory } = lab
  requireOwn(lab)
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
    const locked = { ...lab, state: stateNow(lab) }
    // Of a command that was killed meanwhile.
    if (locked.state.replacement) await undone(locked)
    return await action(locked)
  } finally {
    closeSync(fd)
  }
}

/**
 * An own lab as it is now, other users' as they were read: other commands may have changed its links, or may have been killed
 * while they did.
 *
 * @throws as `whileUnchanged`
 */
export async function currentLab(lab: RunningLab): Promise<RunningLab> {
  if (lab.owner !== process.geteuid?.()) return lab
  const state = stateNow(lab)
  return state.replacement ? await whileUnchanged(lab, async (locked) => locked) : { ...lab, state }
}

/**
 * The owner may replace the state, and what it names, at any time: root would write where a link of that user's leads, and enter
 * whatever network namespace a descriptor of that user's is of.
 */
export function requireOwn({ name, owner }: RunningLab): void {
  if (owner === process.geteuid?.()) return
  throw new LabError('PRIVILEGE_MISSING', `only its owner, user ${owner}, may change the links of lab ${name}`, {
    hint: `run it as that user: \`sudo -u '#${owner}' nslab …\``,
  })
}

async function undone(lab: RunningLab): Promise<void> {
  using network = new LabNetwork(lab.state.keeper)
  await undoReplacement(lab, network)
}
