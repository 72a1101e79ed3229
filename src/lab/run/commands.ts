// The commands that a topology runs in its nodes once the network stands: one after the other, and the first that fails
// ends `up`.

import { LabError } from '../../errors.js'
import { readIfThere } from '../../kernel/small-file.js'
import type { CommandRun } from '../../plan/op.js'
import { SINGLE_ID } from '../who/id-map.js'
import { execQuietly, type NodeProcess } from './exec.js'
import { OutputTail } from './output-tail.js'

/** Not as sh(1) starts it by itself, which gives what runs in the background no input. */
const DISCARD = ['/bin/sh', '-c', 'exec 3<&0; /bin/cat <&3 >/dev/null &']

/**
 * Runs commands in order. What they leave running stays, and what that goes on to print is read and dropped in its node.
 *
 * @throws LabError COMMAND_FAILED with the end of the command's output; the signal's reason when aborted.
 */
export async function runCommands(
  commands: readonly CommandRun[],
  nodeOf: (name: string) => NodeProcess,
  { signal, onDone }: { signal: AbortSignal | undefined; onDone: (done: number) => void },
): Promise<void> {
  for (const [index, { node, command }] of commands.entries()) {
    signal?.throwIfAborted()
    onDone(index)
    using output = new OutputTail()
    const status = await execQuietly(nodeOf(node), command, { input: 'ignore', output: output.writeFd }, signal)
    const isHeld = output.finish()
    if (status !== 0) throw failure(nodeOf(node), command, status, output.text)
    // A writer without a reader is killed (SIGPIPE), and one whose reader does not read stands still.
    if (isHeld) await execQuietly(nodeOf(node), DISCARD, { input: output.readFd, output: 'ignore' }, signal)
  }
}

function failure(node: NodeProcess, command: readonly string[], status: number, output: string): LabError {
  const [first, second, third] = command
  const line = first === 'sh' && second === '-c' && command.length === 3 ? (third as string) : command.join(' ')
  const said = output === '' ? ', and printed nothing' : `:\n${output.replace(/^/gm, '  ')}`
  return new LabError('COMMAND_FAILED', `${node.name}: \`${line}\` ended with status ${status}${said}`, {
    ...(hasOneId(node) ? { hint: `if it is a matter of users: ${SINGLE_ID}` } : {}),
  })
}

/** user_namespaces(7): a map of one line, of one id. */
const hasOneId = ({ pid }: NodeProcess): boolean =>
  /^\s*0\s+[0-9]+\s+1\s*$/.test(readIfThere(`/proc/${pid}/uid_map`) ?? '')
