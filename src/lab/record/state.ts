// The state file of a lab. It only says where to look, for example which processes are nodes; the truth about a running lab is
// the kernel.

import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../../kernel/attempt.js'
import type { EmulatedLink } from '../../model/impairment.js'
import type { Point } from '../../model/picture/point.js'
import type { NodeKind } from '../../model/resolved.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import type { TakenDevice } from './taken-device.js'

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
  /** The topology was a stranger's: commands get no environment of the caller; absent when it was not. */
  untrusted?: true
  /** Endpoints of every link, `NODE:INTERFACE`. */
  links: [string, string][]
  /** The ifindexes of those interfaces, which stay when a node renames one. */
  linkIndexes: [number, number][]
  /** By which the lab's wire knows each link, in the same order; they stay when other links come and go. Absent: the places, from 0. */
  linkNumbers?: number[]
  /** The emulation of every link, in the same order; null for a plain one. Absent: all are plain. */
  emulations?: (EmulatedLink | null)[]
  /** An interface of the topology wraps packets; absent when none does. */
  tunnels?: true
  /** The process that carries frames between the ends of links; absent when the lab has none. */
  wire?: WireState
  /** Of ends of links that were taken down, and of the other ends of these: what the kernel forgot. Absent when there are none. */
  down?: DownEnd[]
  /** What is wrong since a change failed that could not be rolled back, one sentence each; absent when nothing is. */
  degraded?: string[]
  /** There while a command replaces the veth pair of a link, and when that command was killed: the next one makes the pair again. */
  replacement?: Replacement
}

/** Entries of a node as the kernel reported them, in base64: the bodies of RTM_NEWNEXTHOP, RTM_NEWROUTE and RTM_NEWNEIGH. */
export interface ForgottenEntries {
  nexthops: string[]
  routes: string[]
  /** Permanent ones, and proxies. */
  neighbours: string[]
  /** Absent in the state of a lab that an older nslab wrote. */
  addresses?: ForgottenAddress[]
}

/** An address whose lifetime goes on while the kernel does not have it. */
export interface ForgottenAddress {
  /** RTM_NEWADDR in base64. */
  message: string
  /** When the kernel reported it: milliseconds since 1970. */
  seenAt: number
}

export interface DownEnd extends ForgottenEntries {
  /** `NODE:INTERFACE` */
  endpoint: string
  /** The ifindex; absent for an end of a link that an older nslab wrote. */
  index?: number
  /** It was taken down, and did not lose its carrier because another one was. */
  taken?: true
}

/** An end of a link as it was before its veth pair is replaced: messages of the kernel in base64. */
export interface KeptEnd {
  /** RTM_NEWLINK, with the ifindex. */
  link: string
  /** RTM_NEWADDR */
  addresses: string[]
  /** RTM_NEWROUTE */
  routes: string[]
  /** RTM_NEWNEIGH of permanent neighbours and of proxies. */
  neighbours: string[]
  /** RTM_NEWLINK of the bridge family, with its VLANs; at most one. */
  vlans: string[]
  /** RTM_NEWNEIGH of the bridge family. */
  forwarding: string[]
  /** Values by `FAMILY/conf/KEY` or `FAMILY/neigh/KEY`, below /proc/sys/net. */
  sysctls: Record<string, string>
}

/** A link whose veth pair is being replaced. */
export interface Replacement {
  /** Number of the link. */
  link: number
  ends: [KeptEnd, KeptEnd]
}

export interface WireState {
  /** Number of the keeper's descriptor of the wire's network namespace. */
  netnsFd: number
}

export interface NodeState extends ProcessIdentity {
  name: string
  kind: NodeKind
  /** Number of the keeper's descriptor of the node's network namespace. */
  netnsFd: number
  /** Inode of that namespace; absent in the state of a lab that an older nslab wrote. */
  netnsInode?: number
  /** Directory of the node's cgroup; null when it has none of its own. */
  cgroup: string | null
  /** The IPv4 address that the node's name resolves to; null when it has none. */
  ipv4: string | null
  /** The IPv6 address that the node's name resolves to; null when it has none. */
  ipv6: string | null
  /** What people call it; absent if it is called by its name. */
  title?: string
  /** Labels of the topology; absent when there are none. */
  labels?: Record<string, string>
  /** Where it is in pictures; absent if the topology does not say. */
  position?: Point
  /** Environment variables for commands in the node, in addition to the caller's; absent when there are none. */
  env?: Record<string, string>
}

/**
 * Replaces the state of a lab atomically: a reader finds the old one or the new one. Only the state of a lab that is up is
 * synchronised to the disk, which takes up to 10 ms; a lab that is being built ends with the machine anyway, and so does a change of
 * a running one. Nothing but devices of the machine is left to be found then.
 *
 * @throws KernelError with the errno, such as ENOSPC.
 */
export function writeState(directory: string, state: LabState, { sync = state.status === 'running' } = {}): void {
  replaceFile(join(directory, 'state.json'), JSON.stringify(state), 'write lab state', { sync })
}

/**
 * Replaces the content of a file atomically, with mode 0600. A failure leaves the old one, and nothing else.
 *
 * @param operation names what is done in an error
 * @throws KernelError with the errno
 */
export function replaceFile(path: string, text: string, operation: string, { sync = false } = {}): void {
  const fresh = `${path}.new`
  try {
    writeFile(fresh, text, 0o600, { sync })
    attempt(operation, path, () => renameSync(fresh, path))
  } catch (error) {
    removeQuietly(fresh)
    throw error
  }
}

/** What cannot be removed is written over by the next command, or goes with the lab. */
function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // The failure that led here is the one to tell of.
  }
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
