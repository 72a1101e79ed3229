// The processes that the caller's /proc shows (proc(5)). A process may end at any time; reading one that has ended gives null.
import { readdirSync } from 'node:fs'
import { attempt } from '../attempt.js'
import { readIfThere } from '../small-file.js'

export interface ProcessStatus {
  pid: number
  /** At most 15 bytes (proc_pid_comm(5)). */
  name: string
  /** One letter: R running, S sleeping, D waiting, T stopped, Z a zombie (proc_pid_stat(5)). */
  state: string
  parent: number
  /** Effective user id in the caller's user namespace. */
  uid: number
  /** PID in each PID namespace, from the one that /proc is of to the innermost. */
  nsPids: readonly number[]
}

/** The PIDs of all processes, in rising order. @throws KernelError */
export const listPids = (): number[] =>
  attempt('list', '/proc', () => readdirSync('/proc'))
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)

export function readProcessStatus(pid: number): ProcessStatus | null {
  const text = readIfThere(`/proc/${pid}/status`)
  return text === null ? null : parseProcessStatus(pid, text)
}

/** Parses /proc/PID/status (proc_pid_status(5)), in which line ends and backslashes of the name are escaped. */
export function parseProcessStatus(pid: number, text: string): ProcessStatus {
  const field = (name: string) => new RegExp(`^${name}:\t(.*)$`, 'm').exec(text)?.[1] ?? ''
  const uids = field('Uid').split('\t').map(Number)
  return {
    pid,
    name: field('Name').replace(/\\(n|\\)/g, (_, letter) => (letter === 'n' ? '\n' : '\\')),
    state: field('State').slice(0, 1),
    parent: Number(field('PPid')),
    uid: uids[1] ?? 0,
    nsPids: field('NSpid').split('\t').filter(Boolean).map(Number),
  }
}

/** The command line, words separated by blanks. Kernel threads and zombies have none: `[name]`, as in ps(1). */
export function commandOf({ pid, name, state }: ProcessStatus): string {
  const words = (readIfThere(`/proc/${pid}/cmdline`) ?? '').replace(/\0+$/, '').replaceAll('\0', ' ')
  return words === '' ? `[${name}]${state === 'Z' ? ' <defunct>' : ''}` : words
}
