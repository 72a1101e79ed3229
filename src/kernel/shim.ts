// Runs the native helper, the shim: passes it one verb and a spec on standard input, and reads the JSON lines that it reports.
// It knows no topology and no lab.
import { type ChildProcess, type SpawnOptions, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { KernelError, LabError } from '../errors.js'
import type { ShimStep } from '../steps.js'
import { execve } from './libc.js'
import { shimPath } from './shim-path.js'
import { isThere } from './small-file.js'

/** One line that the shim reports; its keys depend on the verb (native-shim/README.md). */
export interface ShimReport {
  [key: string]: unknown
}

/** A failure or a warning that the shim reports: it could not do `action` to `object` (native-shim/README.md, "Reports"). */
export interface ShimFailure {
  step: ShimStep
  action: string
  object: string
  errno: number
  node?: string
}

export interface ShimCall {
  verb:
    | 'lab'
    | 'session'
    | 'spawn'
    | 'update'
    | 'wire'
    | 'addresses'
    | 'ping'
    | 'mesh'
    | 'connect'
    | 'trace'
    | 'probe-link'
    | 'probe'
  args: readonly string[]
  /** Words of the spec, each to be ended by a NUL byte. */
  spec?: readonly string[]
  /** Descriptors that the shim inherits, as 4, 5, … in this order (3 is the report). The caller closes its own. */
  fds?: readonly number[]
  /** Called for each report as it arrives; failures and warnings are not passed on. */
  onReport: (report: ShimReport) => void
  /** Called for each step that the shim skipped, with the reason. */
  onWarning?: (warning: KernelError) => void
  /** Ends the shim when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Sends SIGINT to the shim when aborted, which makes `ping` report what it has and end. */
  interrupt?: AbortSignal | undefined
}

/** The shim's descriptor for reports, in every call that this program makes. */
export const REPORT_FD = 3
/** The shim's number for the first descriptor of `ShimCall.fds`. */
export const FIRST_FD = 4

/** The signal that ends a verb. A verb that has started processes first ends and reaps them (native-shim/README.md). */
const SIGNAL_END = 'SIGPWR'
/** The kernel ends any process that is not stuck in less time than this. */
const END_TIMEOUT_MS = 5000

/** Ctrl-C may reach a shim that has just been started, before it has its own session. */
const INTERRUPTS: ReadonlySet<unknown> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])

const NULL_HINT = '`mknod -m 666 /dev/null c 1 3` makes it'
const KILLED_HINT = 'somebody ran `kill -9`, or the kernel did so because memory ran out, which `dmesg` then says'

/** Reserves room for process titles, which the shim writes over its arguments and environment (native-shim/README.md). */
export const TITLE_ROOM = { NSLAB_TITLE_ROOM: '-'.repeat(192) }

/**
 * Starts the shim. When the promise resolves, its streams are open and none of its output or events has been missed.
 *
 * @throws KernelError when it cannot be started: EMFILE, EAGAIN (too many processes), E2BIG (too many arguments).
 */
export async function startShim(words: readonly string[], options: SpawnOptions): Promise<ChildProcess> {
  const path = shimPath()
  try {
    const child = spawn(path, words, options)
    await once(child, 'spawn')
    return child
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    if (errno === undefined) throw cause
    // Node.js opens it for streams that are ignored.
    if (!isThere('/dev/null'))
      throw new LabError('FEATURE_MISSING', 'this machine has no /dev/null', { cause, hint: NULL_HINT })
    throw new KernelError({ step: 'start-shim', operation: 'start', target: 'nslab-shim', errno: -errno }, { cause })
  }
}

/**
 * Replaces this process by the shim: execve(2). The shim has its PID, standard input, output and error, and no other descriptor.
 *
 * @throws KernelError when the shim cannot be run, such as E2BIG (too many arguments).
 */
export function becomeShim(words: readonly (string | Buffer)[], variables: readonly (string | Buffer)[]): never {
  execve(shimPath(), ['nslab-shim', ...words], variables, [0, 1, 2])
}

/**
 * Runs one verb to its end, in a new session, so that Ctrl-C reaches only the caller.
 *
 * @throws KernelError with the step, action, object and errno that the shim reports; LabError USAGE for a word of the spec that
 * has a NUL; the signal's reason when aborted.
 */
export async function runShim(call: ShimCall): Promise<void> {
  call.signal?.throwIfAborted()
  const spec = specText(call.spec ?? [])
  const stdio: StdioOptions = ['pipe', 'ignore', 'pipe', 'pipe', ...(call.fds ?? [])]
  const child = await startShim([call.verb, '--report', String(REPORT_FD), ...call.args], {
    stdio,
    detached: true,
    env: { ...process.env, ...TITLE_ROOM },
  })
  await withShim(child, call.signal, async () => {
    const interrupt = () => child.kill('SIGINT')
    if (call.interrupt?.aborted) interrupt()
    call.interrupt?.addEventListener('abort', interrupt, { once: true })
    const [failure, stderr, status] = await Promise.all([
      readReports(child, call),
      readText(child.stderr),
      exitOf(child),
      writeInput(child.stdin, spec, 'the input of nslab-shim'),
    ])
    if (failure !== null) throw failure
    if (status === 'SIGKILL')
      throw new LabError('KERNEL_REFUSED', `nslab-shim ${call.verb} was killed`, { hint: KILLED_HINT })
    if (INTERRUPTS.has(status)) throw new LabError('INTERRUPTED', `nslab-shim ${call.verb} was ended by ${status}`)
    if (status !== 0) throw new LabError('INTERNAL', `nslab-shim ${call.verb} ended with ${status}: ${stderr.trim()}`)
  })
}

/**
 * Runs `work` with a shim that was just started, and ends the shim afterwards if it still runs. When the promise settles, the
 * shim and the command that it ran have ended, even if `work` failed, the signal was aborted, or other processes still have
 * the shim's output open.
 *
 * @throws whatever `work` throws; the signal's reason when aborted
 */
export async function withShim<T>(
  child: ChildProcess,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason)
  })
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    signal?.throwIfAborted()
    return await Promise.race([work(), aborted])
  } finally {
    signal?.removeEventListener('abort', onAbort)
    endShim(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS)
    await gone
    clearTimeout(timer)
    for (const stream of child.stdio ?? []) stream?.destroy()
  }
}

/** Asks a shim to end, which first ends the processes that it must not leave. */
export function endShim(child: ChildProcess): void {
  child.kill(SIGNAL_END)
  child.kill('SIGCONT') // a stopped process gets no signal
}

/** Ends each word by a NUL. A NUL within a word would split it in two, and the shim could take the rest for another directive. */
function specText(words: readonly string[]): string {
  const broken = words.find((word) => word.includes('\0'))
  if (broken === undefined) return words.map((word) => `${word}\0`).join('')
  throw new LabError('USAGE', `${JSON.stringify(broken)} has a NUL character, which no name, path or setting can have`)
}

/**
 * Writes all of a process's standard input, and closes it. A process may end without having read it: a shim reports why, and
 * other programs need no input.
 *
 * @param target names the stream in an error
 * @throws KernelError when it cannot be written: the process would take what it got for the whole.
 */
export function writeInput(stdin: Writable | null, data: string | Uint8Array, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stdin === null) return resolve()
    stdin.on('error', (cause: NodeJS.ErrnoException) => {
      const isRead = cause.errno === undefined || cause.code === 'EPIPE' || cause.code === 'ECONNRESET'
      if (isRead) resolve()
      else reject(new KernelError({ operation: 'write', target, errno: -(cause.errno ?? 0) }, { cause }))
    })
    stdin.once('close', resolve)
    stdin.end(data)
  })
}

/** Reads all reports of the shim, and passes on reports and warnings. @returns the first failure, or null */
export async function readReports(
  child: ChildProcess,
  { onReport, onWarning }: Pick<ShimCall, 'onReport' | 'onWarning'>,
): Promise<KernelError | null> {
  let failure: KernelError | null = null
  for await (const lines of linesOf(child.stdio[REPORT_FD] as Readable)) {
    for (const line of lines) {
      const report = JSON.parse(line) as ShimReport
      if (typeof report.error === 'object') failure ??= failureError(report.error as ShimFailure)
      else if ('warning' in report) onWarning?.(failureError(report.warning as ShimFailure))
      else onReport(report)
    }
  }
  return failure
}

/** The chunks of a stream. @throws KernelError when it cannot be read. */
async function* chunksOf(stream: Readable): AsyncGenerator {
  try {
    yield* stream
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    if (errno === undefined) throw cause
    throw new KernelError({ operation: 'read', target: 'what nslab-shim says', errno: -errno }, { cause })
  }
}

/** Yields the lines of a stream, in groups as they arrive. A last line without a line end counts too. @throws KernelError */
export async function* linesOf(stream: Readable): AsyncGenerator<string[]> {
  let partial = ''
  for await (const chunk of chunksOf(stream.setEncoding('utf8'))) {
    const lines = (partial + chunk).split('\n')
    partial = lines.pop() ?? ''
    yield lines
  }
  if (partial !== '') yield [partial]
}

/** Reads a stream to its end; an empty text for null. @throws KernelError when it cannot be read. */
export async function readText(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream ? chunksOf(stream) : []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const exitOf = (child: ChildProcess): Promise<number | NodeJS.Signals> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve(status ?? signal ?? 1))
  })

const targetText = ({ object, node }: ShimFailure): string => (node === undefined ? object : `${node}: ${object}`)

/** The KernelError for a reported failure or warning. */
export const failureError = (failure: ShimFailure): KernelError =>
  new KernelError({
    step: failure.step,
    operation: failure.action,
    target: targetText(failure),
    errno: failure.errno,
  })
