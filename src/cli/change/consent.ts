// What the commands that change a running lab show, and ask.
import { createInterface } from 'node:readline/promises'
import { LabError } from '../../errors.js'
import type { LabChange } from '../../model/change/lab-change.js'
import { changeText } from '../../present/change/text.js'
import { COLOURED, PLAIN } from '../../present/fault.js'
import { printable } from '../../present/printable.js'
import type { LabCommand } from '../command.js'
import { Flags } from '../oclif.js'
import { isColoured, terminalColumns } from '../terminal.js'

export const pruneFlag = Flags.boolean({
  description: 'also what nslab has not made, such as the routes of a daemon, is removed',
})
export const yesFlag = Flags.boolean({
  char: 'y',
  description: 'restart nodes where that is needed, without a question',
})

/** Prints a change, a line for each difference. */
export function presentChange(command: LabCommand, change: LabChange): void {
  if (command.jsonEnabled() || change.differences.length + change.restarts.length === 0) return
  const text = changeText(change, isColoured(process.stdout) ? COLOURED : PLAIN, terminalColumns(process.stdout))
  command.log(text)
}

/**
 * Asks whether nodes may restart, on a terminal.
 *
 * @returns the answer, no at the end of input; true when none restarts, or `agreed`
 * @throws LabError USAGE where nobody can be asked; the signal's reason, also for Ctrl-C
 */
export async function mayRestart({ restarts }: LabChange, agreed: boolean, signal: AbortSignal): Promise<boolean> {
  const living = restarts.filter(({ isDead }) => !isDead)
  if (living.length === 0 || agreed) return true
  const names = printable(living.map(({ node, reason }) => `${node} (${reason})`).join(', '))
  const consequence = living.length === 1 ? 'which ends its processes' : 'which ends their processes'
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new LabError('USAGE', `this restarts ${names}, ${consequence}, and nobody can be asked here`, {
      hint: '--yes agrees to it, --dry-run shows all that would be done',
    })
  }
  const question = createInterface({ input: process.stdin, output: process.stderr })
  // On a terminal, readline takes Ctrl-C for itself.
  question.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const ended = new Promise<string>((resolve) => question.once('close', () => resolve('')))
  try {
    const asked = question.question(`This restarts ${names}, ${consequence}. Go on? [y/N] `, { signal })
    return /^y(?:es)?$/i.test((await Promise.race([asked, ended])).trim())
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    question.close()
  }
}
