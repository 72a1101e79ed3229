// Starts a program in new namespaces and in namespaces of other processes: setns(2), then clone3(2). The shim makes the calls,
// since the kernel refuses many of them to a program with threads, such as Node.js.

import type { ChildProcess, StdioOptions } from 'node:child_process'
import { accessSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { LabError } from '../errors.js'
import type { NamespaceKind } from '../namespace-kinds.js'
import { attempt } from './attempt.js'
import { requireKinds } from './namespaces.js'
import { failureError, linesOf, REPORT_FD, type ShimFailure, startShim, TITLE_ROOM } from './shim.js'

export interface CloneRequest {
  /** Kinds of which the program gets a new namespace. */
  make?: readonly NamespaceKind[]
  /**
   * Kinds that the program shares with the process `pid`. With `startTime`, a later process that has got the same PID is
   * refused.
   */
  join?: { pid: number; startTime?: number; kinds: readonly NamespaceKind[] }
  /** Standard input, output and error of the program, as in child_process.spawn; `inherit` by default. */
  stdio?: 'inherit' | 'ignore' | 'pipe'
  env?: NodeJS.ProcessEnv
  cwd?: string
}

/** The program that was started. */
export interface Cloned {
  /** PID in the caller's PID namespace; in a new PID namespace, the program has PID 1. */
  pid: number
  /** The shim, which is the parent of the program and shares its standard streams. Killing the shim kills the program. */
  child: ChildProcess
  /** Exit status of the program, or 128 + the signal that killed it. */
  ended: Promise<number>
}

/**
 * Starts a program in new namespaces and in namespaces of another process. The shim makes the calls, not this process: a
 * clone3(2) of a program with threads copies one thread and leaves all locks in an undefined state (and costs 2.5 ms for the
 * page tables); and to a program with threads, the kernel refuses `unshare` of a `user` namespace (EINVAL) and `setns` to a
 * `user` (EINVAL), `mnt` (EINVAL) or `time` (EUSERS) namespace. The program ends with the shim, and the shim with this process.
 *
 * Namespaces are joined before new ones are made, so the new ones belong to a joined user namespace. In a new `user`
 * namespace, the program is root, which is the caller outside, and no other id exists (user_namespaces(7)). A request with a
 * new `user` namespace needs no privilege.
 *
 * @param command the program, looked up in PATH, and its arguments
 * @throws LabError USAGE for a word that is not a kind of namespace. KernelError with the call that was refused: EPERM,
 * ENOSPC, EINVAL (for example for making and joining `pid`), ENOENT.
 */
export async function cloneInto(command: readonly string[], request: CloneRequest = {}): Promise<Cloned> {
  if (command.length === 0) throw new LabError('USAGE', 'cloneInto needs a command')
  const { make = [], join, stdio = 'inherit', env = process.env, cwd } = request
  requireKinds([...make, ...(join?.kinds ?? [])])
  // Without this check, a missing directory would look like a missing shim: spawn reports ENOENT for both.
  if (cwd !== undefined) attempt('work in', cwd, () => accessSync(`${cwd}/.`))
  const streams: StdioOptions = [stdio, stdio, stdio, 'pipe']
  const words = [
    ...['clone', '--report', String(REPORT_FD), '--make', make.join(',')],
    ...(join ? ['--pid', String(join.pid), '--join', join.kinds.join(',')] : []),
    ...(join?.startTime === undefined ? [] : ['--start-time', String(join.startTime)]),
  ]
  const child = await startShim([...words, '--', ...command], {
    stdio: streams,
    env: { ...env, ...TITLE_ROOM },
    ...(cwd === undefined ? {} : { cwd }),
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (status, signal) => resolve(signal === null ? (status ?? 1) : 137))
  })
  ended.catch(() => {}) // no unhandled rejection if the caller never waits for `ended`
  const pid = await startedPid(child, ended)
  return { pid, child, ended }
}

interface FirstReport {
  process?: { pid: number }
  error?: ShimFailure
}

/** Reads the shim's first report: the PID of the program, or why it was not started. */
async function startedPid(child: ChildProcess, ended: Promise<number>): Promise<number> {
  for await (const [line] of linesOf(child.stdio[REPORT_FD] as Readable)) {
    if (line === undefined) continue
    const { process: started, error } = JSON.parse(line) as FirstReport
    if (started) return started.pid
    if (error) throw failureError(error)
  }
  throw new LabError('INTERNAL', `nslab-shim clone ended with ${await ended} and no report`)
}
