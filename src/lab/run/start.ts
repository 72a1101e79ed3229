// Starts processes in nodes: every process that nslab runs in a node, in all of the node's namespaces, is started here.
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { REPORT_FD, startShim } from '../../kernel/shim.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import type { Variables } from './environment.js'

/** The first process of a node in which a command runs. */
export interface EnteredNode extends ProcessIdentity {
  name: string
  /** Directory of the node's cgroup, which the command joins; null when the node has none. */
  cgroup: string | null
  /** Variables that every command in the node gets, in addition to PATH and the like; absent when there are none. */
  env?: Record<string, string>
}

/** How a command is started in a node. */
export interface StartSettings {
  /** Standard input, output and error of the command; a fourth is the shim's descriptor for reports. */
  stdio: StdioOptions
  /** The part of the caller's environment that the command gets. */
  passed: Variables
  /** Variables that override those of the node. */
  env?: Variables
  /** Working directory; `/` if the node does not have it. Default: the caller's. */
  cwd?: string
  tty: 'auto' | 'never'
  /** Whether the shim reports on `REPORT_FD`, and signals that end the command end its process group. */
  group: boolean
  /** Whether the shim leads a session of its own, so that Ctrl-C reaches only this process. */
  detached: boolean
  /** The shim's number of a descriptor in `stdio`: the file that is run, which the node may not have. */
  program?: number
  /** The shim's number of a descriptor in `stdio` that the command has, too, in addition to the standard ones. */
  keep?: number
  /** How messages are encoded when one of `stdio` is `ipc`. */
  serialization?: 'advanced'
}

/**
 * Starts a command in a node. The child is the shim, which ends as the command does, and ends the command when this process ends,
 * even by SIGKILL.
 *
 * @throws KernelError when the shim cannot be started
 */
export function startInNode(
  node: EnteredNode,
  command: readonly string[],
  { stdio, passed, detached, serialization, ...settings }: StartSettings,
): Promise<ChildProcess> {
  return startShim(shimArguments(node, command, settings), {
    ...{ stdio, detached, env: passed },
    ...(serialization === undefined ? {} : { serialization }),
  })
}

/** The words that make the shim run a command in a node. */
export function shimArguments(
  node: EnteredNode,
  command: readonly string[],
  { cwd, env, tty, group, program, keep }: Pick<StartSettings, 'cwd' | 'env' | 'tty' | 'group' | 'program' | 'keep'>,
): string[] {
  const settings = Object.entries({ ...node.env, ...env }).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  return [
    'exec',
    ...['--pid', String(node.pid), '--start-time', String(node.startTime)],
    ...(group ? ['--report', String(REPORT_FD), '--group'] : []),
    ...(program === undefined ? [] : ['--program', String(program)]),
    ...(keep === undefined ? [] : ['--keep', String(keep)]),
    ...(cwd === undefined ? [] : ['--cwd', cwd]),
    ...(node.cgroup === null ? [] : ['--cgroup', node.cgroup]),
    ...settings,
    ...['--tty', tty, '--', ...command],
  ]
}
