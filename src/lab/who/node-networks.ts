// The network namespaces in which a node's interfaces may be: its own, and those that its processes have made below it.
import { closeSync } from 'node:fs'
import { KernelError } from '../../errors.js'
import { identityOf, openNamespace } from '../../kernel/namespaces.js'
import { processesOfNode } from './node-processes.js'
import type { ProcessIdentity } from './process-identity.js'

/**
 * Descriptors of those that processes of the node are in, its own left out. The caller closes them.
 *
 * @param own descriptor of the node's own
 * @param owner user id of the lab's owner
 */
export function networksBelow(node: ProcessIdentity, own: number, owner: number): number[] {
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

/** It may have ended meanwhile. */
function openIfThere(pid: number): number | null {
  try {
    return openNamespace(pid, 'net')
  } catch (error) {
    if (error instanceof KernelError) return null
    throw error
  }
}
