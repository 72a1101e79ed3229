// Every failure nslab reports is a LabError with one of these codes; the exit code of a code is decided here and
// nowhere else.
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import type { Step } from './steps.js'

/** What went wrong, as a stable word: the `code` of the JSON error document. */
export type ErrorCode =
  | 'USAGE'
  | 'FILE_UNREADABLE'
  | 'TOPOLOGY_INVALID'
  | 'PRIVILEGE_MISSING'
  | 'FEATURE_MISSING'
  | 'KERNEL_REFUSED'
  | 'STATE_REFUSED'
  | 'INTERRUPTED'
  | 'CLEANUP_INCOMPLETE'
  | 'LAB_NOT_FOUND'
  | 'LAB_EXISTS'
  | 'LAB_AMBIGUOUS'
  | 'NODE_NOT_FOUND'
  | 'NODE_PAUSED'
  | 'COMMAND_FAILED'
  | 'NEGATIVE'
  | 'INTERNAL'

const EXIT_CODES: Record<ErrorCode, number> = {
  INTERNAL: 1,
  USAGE: 2,
  FILE_UNREADABLE: 2,
  LAB_AMBIGUOUS: 2,
  TOPOLOGY_INVALID: 3,
  PRIVILEGE_MISSING: 4,
  FEATURE_MISSING: 4,
  STATE_REFUSED: 4,
  KERNEL_REFUSED: 5,
  CLEANUP_INCOMPLETE: 6,
  LAB_NOT_FOUND: 7,
  LAB_EXISTS: 7,
  NODE_NOT_FOUND: 7,
  COMMAND_FAILED: 8,
  NEGATIVE: 8,
  NODE_PAUSED: 8,
  INTERRUPTED: 130,
}

/** The process exit status for a failure of this kind (design section 5). */
export const exitCodeOf = (code: ErrorCode): number => EXIT_CODES[code]

/** One fault in a topology file. Lines and columns count from 1; `path` is dotted, like `nodes.h1.kind`. */
export interface TopologyIssue {
  /** The file it is in, as the user gave it or as another file includes it. */
  file?: string
  line: number
  column: number
  path: string
  message: string
  /** The whole line, and how many UTF-16 units from the column on the fault is about. */
  quote?: { text: string; length: number }
}

export interface LabErrorOptions extends ErrorOptions {
  /** What the user can do next, one sentence. */
  hint?: string
  /** Faults of topology files; only with TOPOLOGY_INVALID, and with FILE_UNREADABLE of several files. */
  issues?: TopologyIssue[]
  /** The topology file's name, as the user gave it. */
  file?: string
}

/** Base of every error nslab throws on purpose. Library code never prints and never exits: callers decide. */
export class LabError extends Error {
  override readonly name: string = 'LabError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly issues: TopologyIssue[] | undefined
  readonly file: string | undefined

  constructor(code: ErrorCode, message: string, options: LabErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.issues = options.issues
    this.file = options.file
  }

  get exitCode(): number {
    return exitCodeOf(this.code)
  }
}

/** A failure of nslab's own in `exec` and `shell`, where other statuses are the command's (as in docker-run(1)). */
export class ExecFailure extends LabError {
  constructor(failure: LabError) {
    super(failure.code, failure.message, {
      cause: failure,
      ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    })
  }

  override get exitCode(): number {
    return 125
  }
}

export interface KernelFailure {
  /** What was asked for, as a verb and an object: `create veth`, `add route`. */
  operation: string
  /** On what: `h1:eth0`, `/run/nslab/demo/lock`. */
  target: string
  /** Positive errno of the kernel, such as 17 for EEXIST. */
  errno: number
  /** The kernel's extended-acknowledgement text (netlink), when it gave one. */
  extack?: string | undefined
  /** What the kernel was built without, in the words of `nslab doctor`, when that is why (src/features.ts). */
  lack?: string
  /** Which step of nslab failed, for what is to be decided by that; absent where nothing is. */
  step?: Step | undefined
  hint?: string
}

/** The kernel said no. The message is made here, from the parts, and nowhere else. */
export class KernelError extends LabError {
  override readonly name = 'KernelError'
  readonly operation: string
  readonly target: string
  readonly errno: number
  /** Symbolic name of `errno`, such as `EEXIST`; `errno N` when it has none. */
  readonly errnoName: string
  readonly extack: string | undefined
  readonly step: Step | undefined

  constructor(failure: KernelFailure, options: ErrorOptions = {}) {
    const errnoName = errnoNameOf(failure.errno)
    const words = failure.extack ? `${errnoName}: ${failure.extack}` : errnoText(failure.errno, errnoName)
    const said = failure.lack ?? words
    super(
      failure.lack !== undefined || isFeatureMissing(failure.errno) ? 'FEATURE_MISSING' : 'KERNEL_REFUSED',
      `cannot ${failure.operation} (${failure.target}): ${said}`,
      failure.hint === undefined ? options : { ...options, hint: failure.hint },
    )
    this.operation = failure.operation
    this.target = failure.target
    this.errno = failure.errno
    this.errnoName = errnoName
    this.extack = failure.extack
    this.step = failure.step
  }
}

/** asm-generic/errno.h: what namespaces, child processes and file systems answer beyond the errors that Node.js knows. */
const UNKNOWN_TO_NODE: Record<number, [string, string]> = {
  10: ['ECHILD', 'no child processes'],
  87: ['EUSERS', 'too many users'],
  116: ['ESTALE', 'stale file handle'],
  122: ['EDQUOT', 'disk quota exceeded'],
}

const known = (errno: number) => getSystemErrorMap().get(-errno) ?? UNKNOWN_TO_NODE[errno]

/** Symbolic name of a positive errno, such as `EEXIST`; `errno N` for one without a name. */
export const errnoNameOf = (errno: number): string => known(errno)?.[0] ?? `errno ${errno}`

const errnoText = (errno: number, name: string): string => {
  const text = known(errno)?.[1]
  return text === undefined ? name : `${name}: ${text}`
}

/** What Node.js says of a failed call, without the call's name and arguments: they are in the message around it. */
export function systemErrorText(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException
  return errno === undefined ? message : errnoText(-errno, errnoNameOf(-errno))
}

const isFeatureMissing = (errno: number): boolean =>
  errno === constants.errno.ENOSYS || errno === constants.errno.EOPNOTSUPP
