// Ends nodes of a running lab: kills their processes and waits until they are gone.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { pidfdOpen, pidfdSendSignal, waitPidfd } from '../../kernel/libc.js'
import type { NodeState } from '../record/state.js'
import { isRunning, type ProcessIdentity } from '../who/process-identity.js'

/** The kernel needs 20–90 ms for 500 nodes. After this time something is stuck, and the user is told. */
const DEATH_TIMEOUT_MS = 30_000

/**
 * Kills the first processes of nodes, with which the kernel ends all processes of each, and waits for that. Of nodes whose PID
 * namespace is not their own, only the first process ends. Nodes that are dead already are passed over. The keeper goes on holding
 * their networks.
 *
 * @throws LabError CLEANUP_INCOMPLETE when a process does not end in time; KernelError
 */
export function endNodes(nodes: readonly Pick<NodeState, 'name' | 'pid' | 'startTime'>[]): void {
  const open = nodes.flatMap((node) => {
    const fd = openIfRunning(node)
    return fd === null ? [] : [{ node, fd }]
  })
  try {
    for (const { fd } of open) kill(fd)
    const deadline = performance.now() + DEATH_TIMEOUT_MS
    for (const { node, fd } of open)
      if (!waitPidfd(fd, Math.max(0, deadline - performance.now())))
        throw new LabError('CLEANUP_INCOMPLETE', `node ${node.name} was killed, but has not ended`)
  } finally {
    for (const { fd } of open) closeSync(fd)
  }
}

/** null when the process has ended. */
function openIfRunning(node: ProcessIdentity): number | null {
  try {
    if (!isRunning(node)) return null
    const fd = pidfdOpen(node.pid)
    // Another process may have got the PID before the descriptor was opened.
    if (isRunning(node)) return fd
    closeSync(fd)
    return null
  } catch (error) {
    if (error instanceof KernelError && error.errno === constants.errno.ESRCH) return null
    throw error
  }
}

function kill(pidfd: number): void {
  try {
    pidfdSendSignal(pidfd, constants.signals.SIGKILL)
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === constants.errno.ESRCH)) throw error
  }
}
