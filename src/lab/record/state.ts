// The state file of a lab. It only says where to look, for example which processes are nodes; the truth about a running lab is
// the kernel.

import {
  closeSync,
  fchmodSync,
  constants as files,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ABSENT, attempt, attemptIf } from '../../kernel/attempt.js'
import type { NodeKind } from '../../model/resolved.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { isLabState } from './state-shape.js'
import type { TakenDevice } from './taken-device.js'

const { ELOOP, ENXIO } = constants.errno

export interface LabState {
  version: 1
  lab: string
  /** `building` until the whole lab is up. */
  status: 'building' | 'running'
  rootless: boolean
  keeper: ProcessIdentity
  nodes: NodeState[]
  /** Directory of the lab's cgroup, which contains those of the nodes; null when none could be made. */
  cgroup: string | null
  /** Devices of the machine that the lab has taken; absent when there are none. */
  devices?: TakenDevice[]
  /** Endpoints of every link, `NODE:INTERFACE`. */
  links: [string, string][]
}

export interface NodeState extends ProcessIdentity {
  name: string
  kind: NodeKind
  /** Number of the keeper's descriptor of the node's network namespace. */
  netnsFd: number
  /** Directory of the node's cgroup; null when it has none of its own. */
  cgroup: string | null
  /** The IPv4 address that the node's name resolves to; null when it has none. */
  ipv4: string | null
  /** The IPv6 address that the node's name resolves to; null when it has none. */
  ipv6: string | null
  /** Labels of the topology; absent when there are none. */
  labels?: Record<string, string>
  /** Environment variables for commands in the node, in addition to the caller's; absent when there are none. */
  env?: Record<string, string>
}

/** What the state file of a lab says. */
export interface ReadState {
  /** null when there is no state file, or it cannot be used. */
  state: LabState | null
  /** Why the state file cannot be used; null when it can, or when there is none. */
  damage: string | null
}

/**
 * Reads the state of a lab. Follows no symbolic link, and does not wait if the file is a FIFO.
 *
 * @param maxBytes a longer file is not read
 * @throws KernelError when there is a file that cannot be read
 */
export function readState(directory: string, maxBytes = Number.POSITIVE_INFINITY): ReadState {
  const path = join(directory, 'state.json')
  const flags = files.O_RDONLY | files.O_NOFOLLOW | files.O_NONBLOCK
  const damaged = (damage: string): ReadState => ({ state: null, damage: `${path} ${damage}` })
  const fd = attemptIf([...ABSENT, ELOOP, ENXIO], 'open', path, () => openSync(path, flags))
  if (fd === null) return isThere(path) ? damaged('is not a regular file') : { state: null, damage: null }
  try {
    const stats = attempt('read', path, () => fstatSync(fd))
    if (!stats.isFile()) return damaged('is not a regular file')
    if (stats.size > maxBytes) return damaged('is too long')
    const value = parsed(attempt('read', path, () => readFileSync(fd, 'utf8')))
    if (isLabState(value)) return { state: value, damage: null }
    const version = (value as Partial<Record<'version', unknown>> | null)?.version
    if (Number.isSafeInteger(version) && version !== 1) return damaged(`is of version ${version}, not 1`)
    return damaged('is not the state of a lab')
  } finally {
    closeSync(fd)
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** The value of a JSON text; undefined when it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Replaces the state of a lab atomically: a reader finds the old one or the new one. Only the state of a lab that is up is
 * synchronised to the disk, which takes up to 10 ms; a lab that is being built ends with the machine anyway.
 *
 * @throws KernelError with the errno, such as ENOSPC.
 */
export function writeState(directory: string, state: LabState): void {
  const path = join(directory, 'state.json')
  writeFile(`${path}.new`, JSON.stringify(state), 0o600, { sync: state.status === 'running' })
  attempt('write lab state', path, () => renameSync(`${path}.new`, path))
}

/** Writes the whole content of a file and sets its mode, regardless of the umask. @throws KernelError with the errno. */
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
