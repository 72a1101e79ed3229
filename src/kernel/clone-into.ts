// Starting a program in other namespaces: clone3(2), and setns(2) before it. The shim does it, since the kernel refuses a
// program with threads much of that.

import type { ChildProcess, StdioOptions } from 'node:child_process'
import { accessSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { LabError } from '../errors.js'
import type { NamespaceKind } from '../namespace-kinds.js'
import { attempt } from './attempt.js'
import { requireKinds } from './namespaces.js'
import { failureError, linesOf, REPORT_FD, type ShimFailure, startShim, TITLE_ROOM } from './shim.js'

export interface CloneRequest {
  /** Kinds to make anew. */
  make?: readonly NamespaceKind[]
  /** Kinds to have together with a process. Its start time, where it is given, tells it from a later one of that PID. */
  join?: { pid: number; startTime?: number; kinds: readonly NamespaceKind[] }
  /** The program's standard input, output and error, as in child_process.spawn; `inherit` by default. */
  stdio?: 'inherit' | 'ignore' | 'pipe'
  env?: NodeJS.ProcessEnv
  cwd?: string
}

/** A program that was started. */
export interface Cloned {
  /** As the caller's PID namespace numbers it; in a new one it is 1. */
  pid: number
  /** Its standard input, output and error. This is the shim, its parent: to kill it kills the program. */
  child: ChildProcess
  /** Its exit status, or 128 + the signal that killed it. */
  ended: Promise<number>
}

/**
 * Starts a program in new namespaces and in those of other processes. The shim does it, not this process: clone3(2) of a
 * program with threads copies one thread in an undefined state of all locks (and 2.5 ms worth of page tables); and with
 * threads, `unshare` of a `user` namespace and `setns` to a `user` (EINVAL), `mnt` (EINVAL) or `time` (EUSERS) namespace are
 * refused by the kernel. It ends with the shim, and the shim with this process.
 *
 * What is joined is joined first: new namespaces belong to a joined user namespace. In a new `user` namespace the program is
 * root, and root is the caller; no other id exists (user_namespaces(7)). With it nothing here needs privilege.
 *
 * @param command the program, found by PATH, and its arguments
 * @throws LabError USAGE for a word that is no kind. KernelError with the call that was refused: EPERM, ENOSPC, EINVAL
 * (such as making and joining `pid`), ENOENT.
 */
export async function cloneInto(command: readonly string[], request: CloneRequest = {}): Promise<Cloned> {
  if (command.length === 0) throw new LabError('USAGE', 'cloneInto needs a command')
  const { make = [], join, stdio = 'inherit', env = process.env, cwd } = request
  requireKinds([...make, ...(join?.kinds ?? [])])
  // Else the start of the helper would fail, as if that were not there.
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
  ended.catch(() => {}) // whoever waits for it is told
  const pid = await startedPid(child, ended)
  return { pid, child, ended }
}

interface FirstReport {
  process?: { pid: number }
  error?: ShimFailure
}

/** The first line says whether it runs. */
async function startedPid(child: ChildProcess, ended: Promise<number>): Promise<number> {
  for await (const [line] of linesOf(child.stdio[REPORT_FD] as Readable)) {
    if (line === undefined) continue
    const { process: started, error } = JSON.parse(line) as FirstReport
    if (started) return started.pid
    if (error) throw failureError(error)
  }
  throw new LabError('INTERNAL', `nslab-shim clone ended with ${await ended} and no report`)
}
