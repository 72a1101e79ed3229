// Reads a hostname from the UTS namespace that holds it.
import { closeSync, openSync } from 'node:fs'
import { hostname } from 'node:os'
import { attempt } from './attempt.js'
import { CLONE_NEWUTS, setns } from './libc.js'
import { returnOrAbort } from './netns.js'

/**
 * The hostname in the UTS namespace of a process (uts_namespaces(7)). Synchronous: the thread enters the namespace and returns.
 * Aborts the process if it cannot return.
 *
 * @throws KernelError when the namespace cannot be entered.
 */
export function hostnameIn(pid: number): string {
  const home = openNamespaceAt('/proc/thread-self/ns/uts')
  try {
    const path = `/proc/${pid}/ns/uts`
    const there = openNamespaceAt(path)
    try {
      setns(there, CLONE_NEWUTS, path)
    } finally {
      closeSync(there)
    }
    try {
      return hostname()
    } finally {
      returnOrAbort(home, CLONE_NEWUTS)
    }
  } finally {
    closeSync(home)
  }
}

const openNamespaceAt = (path: string): number => attempt('open namespace', path, () => openSync(path, 'r'))
