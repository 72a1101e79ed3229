// Lists all processes of a node: processes in its PID namespace and in PID namespaces that were made below it.
import { closeSync } from 'node:fs'
import { KernelError, LabError } from '../../errors.js'
import { ABSENT, FORBIDDEN } from '../../kernel/attempt.js'
import { identityOf, openNamespace, ownerOf, sameNamespace, withNamespace } from '../../kernel/namespaces.js'
import { listPids, readProcessStatus } from '../../kernel/proc/list-processes.js'
import { isRunning, type ProcessIdentity, startTimeOf } from './process-identity.js'

/**
 * The processes of a node, its first process included; empty when the node is dead.
 *
 * @param owner user id of the lab's owner, who must have made the node's PID namespace
 * @throws LabError STATE_REFUSED when another user made the PID namespace, or when it is the caller's own.
 */
export function processesOfNode(node: ProcessIdentity, owner: number): ProcessIdentity[] {
  if (!isRunning(node)) return []
  const fd = openNamespace(node.pid, 'pid')
  try {
    requireOwner(fd, node, owner)
    const wanted = identityOf(fd, 'pid')
    const found = new Set<number>()
    // PIDs come in rising order, so most parents come before their children. Further rounds find the other children.
    for (let before = -1; before < found.size; ) {
      before = found.size
      for (const pid of listPids()) if (!found.has(pid) && isWithin(pid, wanted, found)) found.add(pid)
    }
    return [...found].flatMap((pid) => {
      const startTime = startTimeOf(pid)
      return startTime === null ? [] : [{ pid, startTime }]
    })
  } finally {
    closeSync(fd)
  }
}

type Identity = ReturnType<typeof identityOf>

function isWithin(pid: number, namespace: Identity, found: ReadonlySet<number>): boolean {
  const parent = readProcessStatus(pid)?.parent
  if (parent !== undefined && found.has(parent)) return true
  try {
    return withNamespace(`/proc/${pid}/ns/pid`, (fd) => sameNamespace(identityOf(fd, 'pid'), namespace))
  } catch (error) {
    // The process has ended, or belongs to another user.
    if (error instanceof KernelError && [...ABSENT, ...FORBIDDEN].includes(error.errno)) return false
    throw error
  }
}

/** The state file may name any process. Signals go only to processes in a PID namespace that the lab's owner made. */
function requireOwner(fd: number, { pid }: ProcessIdentity, owner: number): void {
  const isOwn = sameNamespace(
    identityOf(fd, 'pid'),
    withNamespace('/proc/self/ns/pid', (own) => identityOf(own, 'pid')),
  )
  if (!isOwn && ownerOf(fd, 'pid') === owner) return
  throw new LabError('STATE_REFUSED', `the lab's state names process ${pid}, which is in no node`)
}
