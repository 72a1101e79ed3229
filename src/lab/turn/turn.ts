// Turns: commands that change a lab do so one after the other. The turn is a lock (flock(2)) on the lab's directory, so it ends with
// its holder, whatever ends that, and nobody can remove it without the lab.
import { closeSync, openSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import { ABSENT, attemptIf } from '../../kernel/attempt.js'
import { flock } from '../../kernel/libc.js'
import { holderText, readHolder, writeHolder } from './holder.js'

/** How a command takes its turn. */
export interface TurnOptions {
  /** Milliseconds to wait for the turn at most; 0 refuses at once. Absent: as long as it takes. */
  waitMs?: number
  /** Called once, after a second, with a sentence that says for whom the command waits. */
  onWait?: (text: string) => void
  /** Ends the waiting with its reason. */
  signal?: AbortSignal | undefined
}

/** The lab that a turn is of. */
export interface TurnedLab {
  name: string
  directory: string
}

const SECOND = 1000
const PAUSE_MS = 5
/** Commands that change a lab last milliseconds; one that lasts longer may last minutes. */
const LATER_PAUSE_MS = 50

/** A turn that was taken. Its owner disposes of it. */
export class Turn implements Disposable {
  constructor(private fd: number | null) {}

  [Symbol.dispose](): void {
    if (this.fd !== null) closeSync(this.fd)
    this.fd = null
  }
}

/**
 * Takes the turn if it is free. @returns null when another command has it
 *
 * @throws LabError LAB_NOT_FOUND when the lab has no directory any more; KernelError
 */
export function tryTurn({ name, directory }: TurnedLab): Turn | null {
  const fd = attemptIf(ABSENT, 'open', directory, () => openSync(directory, 'r'))
  if (fd === null) throw new LabError('LAB_NOT_FOUND', `lab ${name} is down`)
  try {
    if (!flock(fd, { exclusive: true, wait: false })) {
      closeSync(fd)
      return null
    }
    // By this path, it is the locked directory's file, also when a new lab has the name meanwhile.
    attemptIf(ABSENT, 'write', directory, () => writeHolder(`/proc/self/fd/${fd}`))
    return new Turn(fd)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/**
 * Takes the turn, and waits for it where another command has it.
 *
 * @throws LabError LAB_BUSY when it is not free in time, with the holder in the message; LAB_NOT_FOUND when the lab has gone
 * meanwhile; the signal's reason
 */
export async function takeTurn(lab: TurnedLab, options: TurnOptions = {}): Promise<Turn> {
  const { waitMs = Number.POSITIVE_INFINITY, onWait, signal } = options
  const began = performance.now()
  let isTold = false
  for (;;) {
    signal?.throwIfAborted()
    const turn = tryTurn(lab)
    if (turn) return turn
    const waited = performance.now() - began
    if (waited >= waitMs) throw refused(lab, waitMs)
    if (waited >= SECOND && !isTold) {
      onWait?.(`lab ${lab.name} is being changed by ${holderText(readHolder(lab.directory))}; waiting`)
      isTold = true
    }
    const pauseMs = waited < SECOND ? PAUSE_MS : LATER_PAUSE_MS
    await setTimeout(Math.min(pauseMs, Math.ceil(waitMs - waited)))
  }
}

function refused({ name, directory }: TurnedLab, waitMs: number): LabError {
  const holder = readHolder(directory)
  const waited = waitMs === 0 ? '' : `, and has been for ${waitMs / SECOND} s`
  const hint =
    holder === null
      ? `\`fuser -v ${directory}\` names the process`
      : `wait for it, or end it with \`kill ${holder.pid}\`; \`nslab down ${name}\` takes the lab down meanwhile`
  return new LabError('LAB_BUSY', `lab ${name} is being changed by ${holderText(holder)}${waited}`, { hint })
}
