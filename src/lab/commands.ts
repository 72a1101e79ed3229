// The commands that a topology runs in its nodes once the network stands: one after the other, and the first that fails
// ends `up`.
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { LabError } from '../errors.js'
import { attempt } from '../kernel/attempt.js'
import type { CommandRun } from '../plan/op.js'
import { execLogged, type NodeProcess } from './exec.js'

/** As much of a command's output as is told when it fails, from its end. */
const OUTPUT_MAX = 4096

/**
 * Runs commands in order. What they leave running stays.
 *
 * @param directory where output is kept while somebody may write it, without a name: what a daemon goes on to write is
 * gone with the daemon
 * @throws LabError COMMAND_FAILED with the end of the command's output; the signal's reason when aborted.
 */
export async function runCommands(
  commands: readonly CommandRun[],
  nodeOf: (name: string) => NodeProcess,
  directory: string,
  { signal, onDone }: { signal: AbortSignal | undefined; onDone: (done: number) => void },
): Promise<void> {
  for (const [index, { node, command }] of commands.entries()) {
    signal?.throwIfAborted()
    onDone(index)
    const log = attempt('keep output in', directory, () =>
      openSync(directory, constants.O_RDWR | O_TMPFILE | constants.O_APPEND, 0o600),
    )
    try {
      const status = await execLogged(nodeOf(node), command, log, signal)
      signal?.throwIfAborted()
      if (status !== 0) throw failure(node, command, status, tailOf(log))
    } finally {
      closeSync(log)
    }
  }
}

/** open(2): a file without a name. Node.js does not name it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY

function failure(node: string, command: readonly string[], status: number, output: string): LabError {
  const [first, second, third] = command
  const line = first === 'sh' && second === '-c' && command.length === 3 ? (third as string) : command.join(' ')
  const said = output === '' ? ', and printed nothing' : `:\n${output.trimEnd().replace(/^/gm, '  ')}`
  return new LabError('COMMAND_FAILED', `${node}: \`${line}\` ended with status ${status}${said}`)
}

function tailOf(log: number): string {
  const bytes = Buffer.alloc(1 << 16)
  let tail = ''
  for (let at = 0; ; ) {
    const count = readSync(log, bytes, 0, bytes.length, at)
    if (count === 0) return tail.length > OUTPUT_MAX ? `…${tail.slice(-OUTPUT_MAX)}` : tail
    tail = (tail + bytes.toString('utf8', 0, count)).slice(-2 * OUTPUT_MAX)
    at += count
  }
}
