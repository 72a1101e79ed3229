// Runs the native helper: one verb, its spec on stdin, its JSON lines back. It knows no topology and no lab.
import { type ChildProcess, type SpawnOptions, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { KernelError, LabError } from '../errors.js'
import { shimPath } from './shim-path.js'

/** A line the shim reports; which keys are there depends on the verb (native-shim/README.md). */
export interface ShimReport {
  [key: string]: unknown
}

/** The shim's account of what it could not do. */
interface ShimFailure {
  action: string
  object: string
  errno: number
  node?: string
}

export interface ShimCall {
  verb: 'lab' | 'spawn' | 'ping' | 'probe'
  args: readonly string[]
  /** Words of the spec, each to be ended by a NUL byte. */
  spec?: readonly string[]
  /** File descriptors handed down; the shim sees them as 4, 5, … in this order (3 is the report). */
  fds?: readonly number[]
  /** Called for each report as it arrives; failures and warnings are not passed on. */
  onReport: (report: ShimReport) => void
  /** Called for each thing that was skipped. */
  onWarning?: (warning: KernelError) => void
  /** Ends the shim when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Descriptor on which every verb reports, by convention of `runShim` and `shimPath`'s callers. */
export const REPORT_FD = 3
/** First descriptor handed down by `ShimCall.fds`. */
export const FIRST_FD = 4

/** Ends a verb, in those that start something when that has ended and is reaped (native-shim/README.md). */
const SIGNAL_END = 'SIGPWR'
/** The kernel needs less than this to end any process that is not stuck. */
const END_TIMEOUT_MS = 5000

/** Room for process titles: the shim overwrites its argument and environment area (native-shim/README.md). */
export const TITLE_ROOM = { NSLAB_TITLE_ROOM: '-'.repeat(192) }

/**
 * Starts the shim. Its streams are there, and nothing of it has been missed, when the promise resolves.
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
    throw new KernelError({ operation: 'start', target: 'nslab-shim', errno: -errno }, { cause })
  }
}

/**
 * Runs one verb to its end, in a session of its own, so that Ctrl-C reaches only the caller.
 *
 * @throws KernelError with the shim's own action, object and errno; LabError USAGE for a word of the spec with a NUL.
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
  await untilEnded(child, call.signal, async () => {
    feed(child, spec)
    const [failure, stderr, status] = await Promise.all([
      readReports(child, call),
      readText(child.stderr),
      ended(child),
    ])
    if (failure !== null) throw failure
    if (status !== 0) throw new LabError('INTERNAL', `nslab-shim ${call.verb} ended with ${status}: ${stderr.trim()}`)
  })
}

/**
 * What `result` makes of a shim that was started just now. The shim, and the command itself where it runs one, has ended when the
 * promise settles: it is ended when the signal is aborted, whoever still has its output open, and when `result` fails.
 *
 * @throws whatever `result` throws; the signal's reason when aborted
 */
export async function untilEnded<T>(
  child: ChildProcess,
  signal: AbortSignal | undefined,
  result: () => Promise<T>,
): Promise<T> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason)
  })
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    signal?.throwIfAborted()
    return await Promise.race([result(), aborted])
  } finally {
    signal?.removeEventListener('abort', onAbort)
    child.kill(SIGNAL_END)
    child.kill('SIGCONT') // one that is stopped does not see it
    const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS)
    await gone
    clearTimeout(timer)
    for (const stream of child.stdio ?? []) stream?.destroy()
  }
}

/** Words, each ended by a NUL: one within a word would make two of it, and the second may be any word of the verb's. */
function specText(words: readonly string[]): string {
  const broken = words.find((word) => word.includes('\0'))
  if (broken === undefined) return words.map((word) => `${word}\0`).join('')
  throw new LabError('USAGE', `${JSON.stringify(broken)} has a NUL character, which no name, path or setting can have`)
}

function feed(child: ChildProcess, spec: string): void {
  // A shim that dies before it has read its spec says why in its report; the broken pipe adds nothing.
  child.stdin?.on('error', () => {})
  child.stdin?.end(spec)
}

/** Passes reports and warnings on, to the end of them. @returns the failure that was reported, if one was. */
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

/** Lines of text, as many at a time as came together; what comes behind the last is a line as well. */
export async function* linesOf(stream: Readable): AsyncGenerator<string[]> {
  let begun = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (begun + chunk).split('\n')
    begun = lines.pop() ?? ''
    yield lines
  }
  if (begun !== '') yield [begun]
}

/** All that comes out of a stream, to its end; nothing of one that is not there. */
export async function readText(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const ended = (child: ChildProcess): Promise<number | NodeJS.Signals> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve(status ?? signal ?? 1))
  })

const targetText = ({ object, node }: ShimFailure): string => (node === undefined ? object : `${node}: ${object}`)

const failureError = (failure: ShimFailure): KernelError =>
  new KernelError({ operation: failure.action, target: targetText(failure), errno: failure.errno })
