// Reads a node's hostname where it is kept: in its UTS namespace.
import { closeSync, openSync } from 'node:fs'
import { hostname } from 'node:os'
import { CLONE_NEWUTS, setns } from './libc.js'
import { goHome } from './netns.js'

/**
 * The hostname in a process's UTS namespace (uts_namespaces(7)). Synchronous: the thread goes there and back.
 *
 * @throws KernelError when the namespace cannot be entered. Not getting back ends the process.
 */
export function hostnameIn(pid: number): string {
  const home = openSync('/proc/thread-self/ns/uts', 'r')
  try {
    const path = `/proc/${pid}/ns/uts`
    const there = openSync(path, 'r')
    try {
      setns(there, CLONE_NEWUTS, path)
    } finally {
      closeSync(there)
    }
    try {
      return hostname()
    } finally {
      goHome(home, CLONE_NEWUTS)
    }
  } finally {
    closeSync(home)
  }
}
