// What is remembered of a lab on disk: where to look, never what is true. The kernel says what is true.

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../../kernel/attempt.js'
import type { NodeKind } from '../../model/resolved.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import type { TakenDevice } from './taken-device.js'

export interface LabState {
  version: 1
  lab: string
  /** `building` until everything stands. */
  status: 'building' | 'running'
  rootless: boolean
  keeper: ProcessIdentity
  nodes: NodeState[]
  /** Directory of the cgroup that holds those of the nodes; null where none could be made. */
  cgroup: string | null
  /** Of the machine's own; absent for none. */
  devices?: TakenDevice[]
  /** Endpoints of every link, `NODE:INTERFACE`. */
  links: [string, string][]
}

export interface NodeState extends ProcessIdentity {
  name: string
  kind: NodeKind
  /** The keeper's descriptor of the node's network namespace. */
  netnsFd: number
  /** Directory of its cgroup; null where it has none of its own. */
  cgroup: string | null
  /** What the node's name resolves to; null for a family it has no address of. */
  ipv4: string | null
  ipv6: string | null
  /** Words of the user's own; absent for none. */
  labels?: Record<string, string>
  /** For commands in it, beside the caller's; absent for none. */
  env?: Record<string, string>
}

/**
 * Reads a lab's state; null while there is none yet, or when it is not one of ours. Follows no link, waits for nobody.
 *
 * @param maxBytes of a longer one, nothing is read
 */
export function readState(directory: string, maxBytes = Number.POSITIVE_INFINITY): LabState | null {
  try {
    const fd = openSync(join(directory, 'state.json'), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(fd)
      if (!stats.isFile() || stats.size > maxBytes) return null
      const state = JSON.parse(readFileSync(fd, 'utf8')) as LabState
      return state.version === 1 ? state : null
    } finally {
      closeSync(fd)
    }
  } catch {
    return null
  }
}

/**
 * Writes a lab's state so that a reader finds the old one or the new one, whatever happens meanwhile. Only of a lab that stands
 * is it made sure that it is on the disk: the others end with the machine, and a disk takes up to 10 ms.
 *
 * @throws KernelError with the errno, such as ENOSPC.
 */
export function writeState(directory: string, state: LabState): void {
  const path = join(directory, 'state.json')
  writeFile(`${path}.new`, JSON.stringify(state), 0o600, { sync: state.status === 'running' })
  attempt('write lab state', path, () => renameSync(`${path}.new`, path))
}

/** Writes a file's whole content, made with this mode whatever the umask. @throws KernelError with the errno. */
export function writeFile(path: string, text: string, mode: number, { sync = false } = {}): void {
  attempt('write', path, () => {
    const fd = openSync(path, 'w', mode)
    try {
      fchmodSync(fd, mode)
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
      if (sync) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  })
}
