// Lists all processes of nodes: processes in their PID namespaces and in PID namespaces that were made below them.
import { closeSync, statSync } from 'node:fs'
import { LabError } from '../../errors.js'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { identityOf, openNamespace, ownerOf, sameNamespace, withNamespace } from '../../kernel/namespaces.js'
import { listPids } from '../../kernel/proc/list-processes.js'
import { isRunning, type ProcessIdentity, type ProcessStat, readStat } from './process-identity.js'

/** The processes of one node; as `processesOfNodes`. */
export const processesOfNode = (node: ProcessIdentity, owner: number): ProcessIdentity[] =>
  processesOfNodes([node], owner).get(node) ?? []

/**
 * The processes of nodes, by node, each with its first process at the end; none for a dead node. Nodes that share a PID namespace
 * have the same processes. Reads /proc a few times for all nodes together, since a machine with many nodes has many processes.
 *
 * @param owner user id of the lab's owner, who must have made the nodes' PID namespaces
 * @throws LabError STATE_REFUSED when another user made a PID namespace, or when it is the caller's own.
 */
export function processesOfNodes<Node extends ProcessIdentity>(
  nodes: readonly Node[],
  owner: number,
): Map<Node, ProcessIdentity[]> {
  const living = nodes.filter(isRunning)
  const namespaces = new Map(living.map((node) => [node, requireOwned(node, owner)]))
  const wanted = new Set(namespaces.values())
  const found = new Map<number, { identity: ProcessIdentity; namespace: string }>()
  // Rounds find processes that were made meanwhile, and children with a lower PID than their parent's.
  for (let before = -1; before < found.size; ) {
    before = found.size
    for (const pid of listPids()) {
      const stat = found.has(pid) ? null : readStat(pid)
      const namespace = stat && (found.get(stat.parent)?.namespace ?? namespaceOf(pid))
      if (stat && namespace && wanted.has(namespace)) found.set(pid, { identity: identityOfStat(pid, stat), namespace })
    }
  }
  const byNamespace = new Map<string, ProcessIdentity[]>([...wanted].map((namespace) => [namespace, []]))
  for (const { identity, namespace } of found.values()) byNamespace.get(namespace)?.push(identity)
  // A namespace whose first process has ended may be gone, and its number another one's.
  return new Map(
    living.filter(isRunning).map((node) => {
      const all = byNamespace.get(namespaces.get(node) ?? '') ?? []
      return [node, [...all.filter(({ pid }) => pid !== node.pid), { pid: node.pid, startTime: node.startTime }]]
    }),
  )
}

const identityOfStat = (pid: number, { startTime }: ProcessStat): ProcessIdentity => ({ pid, startTime })

/** Device and inode number of a process's PID namespace; null when it has ended, or belongs to another user. */
const namespaceOf = (pid: number): string | null =>
  attemptIf([...ABSENT, ...FORBIDDEN], 'read namespace', `/proc/${pid}/ns/pid`, () => {
    const { dev, ino } = statSync(`/proc/${pid}/ns/pid`)
    return `${dev}:${ino}`
  })

/**
 * The PID namespace of a node. The state file may name any process; signals go only to processes in a PID namespace that the lab's
 * owner made.
 */
function requireOwned({ pid }: ProcessIdentity, owner: number): string {
  const fd = openNamespace(pid, 'pid')
  try {
    const namespace = identityOf(fd, 'pid')
    const isOwn = sameNamespace(
      namespace,
      withNamespace('/proc/self/ns/pid', (own) => identityOf(own, 'pid')),
    )
    if (!isOwn && ownerOf(fd, 'pid') === owner) return `${namespace.device}:${namespace.inode}`
  } finally {
    closeSync(fd)
  }
  throw new LabError('STATE_REFUSED', `the lab's state names process ${pid}, which is in no node`)
}
