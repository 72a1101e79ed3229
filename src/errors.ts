// Every failure nslab reports is a LabError with one of these codes; the exit code of a code is decided here and
// nowhere else.
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import type { Step } from './steps.js'

/** The class of a failure, as a stable word: the `code` of the JSON error document. */
export type ErrorCode =
  | 'USAGE'
  | 'FILE_UNREADABLE'
  | 'TOPOLOGY_INVALID'
  | 'PRIVILEGE_MISSING'
  | 'FEATURE_MISSING'
  | 'LIMIT_TOO_LOW'
  | 'KERNEL_REFUSED'
  | 'STATE_REFUSED'
  | 'INTERRUPTED'
  | 'CLEANUP_INCOMPLETE'
  | 'LAB_NOT_FOUND'
  | 'LAB_EXISTS'
  | 'LAB_AMBIGUOUS'
  | 'LAB_BUSY'
  | 'ALREADY_EXISTS'
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
  LIMIT_TOO_LOW: 4,
  STATE_REFUSED: 4,
  KERNEL_REFUSED: 5,
  CLEANUP_INCOMPLETE: 6,
  LAB_NOT_FOUND: 7,
  LAB_EXISTS: 7,
  ALREADY_EXISTS: 7,
  NODE_NOT_FOUND: 7,
  COMMAND_FAILED: 8,
  LAB_BUSY: 8,
  NEGATIVE: 8,
  NODE_PAUSED: 8,
  INTERRUPTED: 130,
}

/** The process exit status for a failure of this kind; the README lists them. */
export const exitCodeOf = (code: ErrorCode): number => EXIT_CODES[code]

/** One fault in a topology file. Lines and columns count from 1; `path` is dotted, like `nodes.h1.kind`. */
export interface TopologyIssue {
  /** Path of the file with the fault, as the user or the including file wrote it. */
  file?: string
  line: number
  column: number
  path: string
  message: string
  /** The whole line, and the length of the faulty part, which begins at `column`, in UTF-16 units. */
  quote?: { text: string; length: number }
}

export interface LabErrorOptions extends ErrorOptions {
  /** One sentence about what the user can do next. */
  hint?: string
  /** Faults of topology files; only with TOPOLOGY_INVALID, and with FILE_UNREADABLE when several files are concerned. */
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
    // Node.js and test runners print the stack of an error that nobody catches.
    if (options.issues) this.stack = withFaults(this.stack ?? '', options.issues, options.file)
  }

  get exitCode(): number {
    return exitCodeOf(this.code)
  }
}

/** A stack with each fault and its place below the message, before the frames. */
function withFaults(stack: string, issues: readonly TopologyIssue[], name: string | undefined): string {
  const faults = issues.map(({ file = name, line, column, message }) => {
    const place = `${file === undefined ? '' : `${file}:`}${line}:${column}`
    return `\n    ${place}: ${message}`
  })
  const [message = '', ...frames] = stack.split('\n    at ')
  return [message + faults.join(''), ...frames].join('\n    at ')
}

/** A failure of nslab itself in `exec` and `shell`, whose other exit statuses belong to the command (as in docker-run(1)). */
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
  /** The operation that failed, as a verb and an object: `create veth`, `add route`. */
  operation: string
  /** The object of the operation: `h1:eth0`, `/run/nslab/demo/lock`. */
  target: string
  /** Positive errno of the kernel, such as 17 for EEXIST. */
  errno: number
  /** The text of netlink's extended acknowledgement, if the kernel sent one. */
  extack?: string | undefined
  /** The reason, if it is a feature that the kernel was built without: the sentence of `lackText` in src/features.ts. */
  lack?: string
  /** Stable code of the step that failed, for code that decides by it, such as hints; absent for other steps. */
  step?: Step | undefined
  hint?: string
}

/** The kernel refused a system call or a netlink request. The message is composed here from the parts, and nowhere else. */
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
    const errorText = failure.extack ? `${errnoName}: ${failure.extack}` : errnoText(failure.errno, errnoName)
    const reason = failure.lack ?? errorText
    const hint = failure.hint ?? (failure.errno === EMFILE ? OPEN_FILES_HINT : undefined)
    super(
      failure.lack === undefined ? codeOf(failure.errno) : 'FEATURE_MISSING',
      `cannot ${failure.operation} (${failure.target}): ${reason}`,
      hint === undefined ? options : { ...options, hint },
    )
    this.operation = failure.operation
    this.target = failure.target
    this.errno = failure.errno
    this.errnoName = errnoName
    this.extack = failure.extack
    this.step = failure.step
  }
}

/** Errors of asm-generic/errno.h that namespaces, child processes and file systems return and Node.js does not know. */
const UNKNOWN_TO_NODEJS: Record<number, [string, string]> = {
  8: ['ENOEXEC', 'exec format error'],
  10: ['ECHILD', 'no child processes'],
  35: ['EDEADLK', 'resource deadlock avoided'],
  37: ['ENOLCK', 'no locks available'],
  74: ['EBADMSG', 'bad message'],
  87: ['EUSERS', 'too many users'],
  115: ['EINPROGRESS', 'operation now in progress'],
  116: ['ESTALE', 'stale file handle'],
  117: ['EUCLEAN', 'structure needs cleaning'],
  122: ['EDQUOT', 'disk quota exceeded'],
}

const { EBADF, EFAULT, EINVAL, EMFILE, ENOSYS, ENOTSOCK, EOPNOTSUPP } = constants.errno

const OPEN_FILES_HINT = 'a process may have no more open files: raise the limit with `ulimit -n`'

const nameAndTextOf = (errno: number) => getSystemErrorMap().get(-errno) ?? UNKNOWN_TO_NODEJS[errno]

/** Symbolic name of a positive errno, such as `EEXIST`; `errno N` for one without a name. */
export const errnoNameOf = (errno: number): string => nameAndTextOf(errno)?.[0] ?? `errno ${errno}`

const errnoText = (errno: number, name: string): string => {
  const text = nameAndTextOf(errno)?.[1]
  return text === undefined ? name : `${name}: ${text}`
}

/** The errno text of an error of Node.js, without the name and arguments of the call, which the caller's message has already. */
export function systemErrorText(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException
  return errno === undefined ? message : errnoText(-errno, errnoNameOf(-errno))
}

/**
 * The KernelError for an error of Node.js about a system call that failed through no fault of the program; null for any other
 * value, and for what only a wrong argument brings about.
 */
export function failedCall(error: unknown): KernelError | null {
  if (!(error instanceof Error)) return null
  const { errno, syscall, path } = error as NodeJS.ErrnoException
  if (typeof errno !== 'number' || syscall === undefined) return null
  if ([EBADF, EFAULT, EINVAL, ENOTSOCK].includes(-errno)) return null
  return new KernelError({ operation: syscall, target: path ?? 'a descriptor', errno: -errno }, { cause: error })
}

function codeOf(errno: number): ErrorCode {
  switch (errno) {
    case EMFILE:
      return 'LIMIT_TOO_LOW'
    case ENOSYS:
    case EOPNOTSUPP:
      return 'FEATURE_MISSING'
    default:
      return 'KERNEL_REFUSED'
  }
}
