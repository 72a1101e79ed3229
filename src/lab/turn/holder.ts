// The command that changes a lab now: a small file in the lab's directory, for the messages of commands that wait.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ABSENT, attempt, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { isRunning, type ProcessIdentity, startTimeOf } from '../who/process-identity.js'

export interface Holder extends ProcessIdentity {
  /** Its command line, as a person would write it. */
  command: string
}

const MODE = 0o600
const MAX_COMMAND = 200

const fileIn = (directory: string): string => join(directory, 'turn.json')

/** Writes this process as the holder. The caller has the turn. @throws KernelError */
export function writeHolder(directory: string): void {
  const command = ownCommand()
  const { pid } = process
  const shown = command.length > MAX_COMMAND ? `${command.slice(0, MAX_COMMAND - 1)}…` : command
  const holder: Holder = { pid, startTime: startTimeOf(pid) ?? 0, command: shown }
  attempt('write', fileIn(directory), () => writeFileSync(fileIn(directory), JSON.stringify(holder), { mode: MODE }))
}

/** null when the file names no process that runs, as after the holder was killed. */
export function readHolder(directory: string): Holder | null {
  const path = fileIn(directory)
  const text = attemptIf([...ABSENT, ...FORBIDDEN], 'read', path, () => readFileSync(path, 'utf8'))
  try {
    const holder = JSON.parse(text ?? '') as Partial<Holder> | null
    const { pid, startTime, command } = holder ?? {}
    if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(startTime) || typeof command !== 'string') return null
    return isRunning(holder as Holder) ? (holder as Holder) : null
  } catch {
    // It is being written at this moment.
    return null
  }
}

/** `process 1234 (nslab apply demo.yaml)` */
export const holderText = (holder: Holder | null): string =>
  holder === null ? 'another command' : `process ${holder.pid} (${holder.command})`

/** The file of the command line in a checkout, and the installed command. */
const OWN_SCRIPTS = ['run.js', 'nslab']

/** The command line of this process, without the directories of programs. */
function ownCommand(): string {
  const [program = '', script = '', ...words] = process.argv
  const name = basename(script)
  return [...(OWN_SCRIPTS.includes(name) ? ['nslab'] : [basename(program), name]), ...words].join(' ')
}
