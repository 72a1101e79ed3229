// Reads a hostname from the UTS namespace that holds it.
import { hostname } from 'node:os'
import { inNamespaceOf } from './visit-namespaces.js'

/**
 * The hostname in the UTS namespace of a process (uts_namespaces(7)). Synchronous: the thread enters the namespace and returns.
 * Aborts the process if it cannot return.
 *
 * @throws KernelError when the namespace cannot be entered.
 */
export const hostnameIn = (pid: number): string => inNamespaceOf(pid, 'uts', hostname)
