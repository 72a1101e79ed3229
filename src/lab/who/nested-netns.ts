// Finds the network namespaces that processes of a node have made, into which they may have moved the node's interfaces.
import { closeSync } from 'node:fs'
import { KernelError } from '../../errors.js'
import { ABSENT, FORBIDDEN } from '../../kernel/attempt.js'
import { identityOf, openNamespace } from '../../kernel/namespaces.js'
import { processesOfNode } from './node-processes.js'
import type { ProcessIdentity } from './process-identity.js'

/**
 * Opens the network namespaces that processes of a node are in, except the node's own. The caller closes the descriptors.
 *
 * @param own descriptor of the node's own network namespace
 * @param owner user id of the lab's owner
 * @throws as `processesOfNode`
 */
export function openNestedNetns(node: ProcessIdentity, own: number, owner: number): number[] {
  const seen = new Set([inodeOf(own)])
  return processesOfNode(node, owner).flatMap(({ pid }) => {
    const fd = openIfThere(pid)
    if (fd === null) return []
    if (!seen.has(inodeOf(fd))) {
      seen.add(inodeOf(fd))
      return [fd]
    }
    closeSync(fd)
    return []
  })
}

const inodeOf = (fd: number): number => identityOf(fd, 'net').inode

/** null when the process has ended meanwhile, or may not be traced. */
function openIfThere(pid: number): number | null {
  try {
    return openNamespace(pid, 'net')
  } catch (error) {
    if (error instanceof KernelError && [...ABSENT, ...FORBIDDEN].includes(error.errno)) return null
    throw error
  }
}
