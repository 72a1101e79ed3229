// Runs the commands of a topology in its nodes once the network is up, one after the other. The first that fails ends `up`.

import { LabError } from '../../errors.js'
import { readIfThere } from '../../kernel/small-file.js'
import type { CommandRun } from '../../plan/op.js'
import { SINGLE_ID } from '../who/id-map.js'
import { execQuietly } from './exec.js'
import { limitHintFor } from './limit-hints.js'
import { OutputTail } from './output-tail.js'
import type { EnteredNode } from './start.js'

/** Reads and drops its standard input, in the background. `<&3` because sh(1) gives background commands no input otherwise. */
const DISCARD_OUTPUT = ['/bin/sh', '-c', 'exec 3<&0; /bin/cat <&3 >/dev/null &']

/**
 * Runs commands in order. Processes that they leave in the background go on, and a process in the node reads and drops what
 * these print.
 *
 * @param nodeOf finds the process of a node by the node's name
 * @throws LabError COMMAND_FAILED with the end of the command's output; the signal's reason when aborted.
 */
export async function runCommands(
  commands: readonly CommandRun[],
  nodeOf: (name: string) => EnteredNode,
  { signal, onDone }: { signal: AbortSignal | undefined; onDone: (done: number) => void },
): Promise<void> {
  for (const [index, { node, command }] of commands.entries()) {
    signal?.throwIfAborted()
    onDone(index)
    using output = new OutputTail()
    const status = await execQuietly(nodeOf(node), command, { input: 'ignore', output: output.writeFd }, signal)
    const isStillOpen = output.finish()
    if (status !== 0) throw failure(nodeOf(node), command, status, output.text)
    // A process that writes to a pipe without a reader is killed (SIGPIPE); if the reader does not read, it blocks.
    if (isStillOpen) await execQuietly(nodeOf(node), DISCARD_OUTPUT, { input: output.readFd, output: 'ignore' }, signal)
  }
}

function failure(node: EnteredNode, command: readonly string[], status: number, output: string): LabError {
  const line = lineOf(command)
  const limit = limitHintFor(output)
  const said = output === '' ? ', and printed nothing' : `:\n${output.replace(/^/gm, '  ')}`
  return new LabError('COMMAND_FAILED', `${node.name}: \`${line}\` ended with status ${status}${said}`, {
    ...(limit !== null
      ? { hint: limit }
      : hasOneId(node)
        ? { hint: `if the command needs other users or groups: ${SINGLE_ID}` }
        : {}),
  })
}

/** A command as the file has it: a line of sh(1), or words. */
export function lineOf(command: readonly string[]): string {
  const [first, second, third] = command
  return first === 'sh' && second === '-c' && command.length === 3 ? (third as string) : command.join(' ')
}

/** Whether the uid map of a node has one line for one id (user_namespaces(7)). */
const hasOneId = ({ pid }: EnteredNode): boolean =>
  /^\s*0\s+[0-9]+\s+1\s*$/.test(readIfThere(`/proc/${pid}/uid_map`) ?? '')
