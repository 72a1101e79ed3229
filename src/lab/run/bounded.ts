// Runs a command of nslab's own choice in a node, whose programs may print without end, or never end.
import { setTimeout } from 'node:timers'
import type { Variables } from './environment.js'
import type { ExecResult } from './exec-result.js'
import { startCommand } from './running-command.js'
import type { EnteredNode } from './start.js'

export interface Bounds {
  /** How many bytes of each output are kept, from the end; the result then has `truncated`. */
  bytesMax: number
  /** After so long, the command and its process group are killed; the result then has `timedOut`. */
  timeoutMs: number
  /** The part of the caller's environment that the command gets. */
  passed: Variables
  signal?: AbortSignal
}

/**
 * Runs a command in `/` of a node, with empty standard input.
 *
 * @throws LabError NODE_NOT_FOUND for a dead node, NODE_PAUSED; KernelError when the node cannot be entered; the signal's reason
 * when aborted
 */
export async function execBounded(
  node: EnteredNode,
  command: readonly string[],
  { bytesMax, timeoutMs, passed, signal }: Bounds,
): Promise<ExecResult> {
  const running = await startCommand(node, command, {
    ...{ bytesMax, passed, cwd: '/', detached: false, input: { kind: 'data', data: '' } },
    ...(signal === undefined ? {} : { signal }),
  })
  let isLate = false
  const onTimeout = () => {
    isLate = true
    void running.kill('SIGKILL').catch(() => {}) // `result` rejects too
  }
  const timer = setTimeout(onTimeout, timeoutMs)
  const result = await running.result.finally(() => clearTimeout(timer))
  return isLate ? { ...result, timedOut: true } : result
}
