// The base of every command: with --json one JSON document on stdout, else errors as text on stderr, and the exit code of
// the error. Commands themselves only parse, call and present.

import { failedCall, LabError } from '../errors.js'
import type { TurnOptions } from '../lab/turn/turn.js'
import { errorDocument } from '../present/document.js'
import { errorText } from '../present/error.js'
import { printable } from '../present/printable.js'
import { Command, type Config, type Interfaces } from './oclif.js'
import { isColoured, terminalColumns } from './terminal.js'
import { usageError } from './usage.js'

export abstract class LabCommand extends Command {
  static override enableJsonFlag = true
  /** What the command cannot do without, for the message when its arguments are missing. */
  static needs = 'more arguments'

  /** Runs the command called `name` on its arguments. */
  static async start(name: string, words: string[], config: Config): Promise<void> {
    // biome-ignore lint/complexity/noThisInStatic: `this` is the class of the command
    const Chosen = this as unknown as new (words: string[], config: Config) => LabCommand
    const command = new Chosen(words, config)
    command.id = name
    await command._run()
  }

  /**
   * The arguments of a command that takes any number of them, in the order of the command line. oclif sorts its own list, and
   * sorts it wrongly when the value of a flag equals an argument.
   */
  protected listOf({ raw }: Interfaces.ParserOutput): string[] {
    return raw.flatMap((token) => (token.type === 'arg' ? [token.input] : []))
  }

  /** The greatest width of what the command prints. */
  protected get columns(): number {
    return terminalColumns(process.stdout)
  }

  /** Prints a warning on stderr. */
  protected notice(text: string): void {
    process.stderr.write(`nslab: warning: ${printable(text)}\n`)
  }

  /** Prints a remark on stderr. */
  protected note(text: string): void {
    process.stderr.write(`nslab: note: ${printable(text)}\n`)
  }

  /** How the command waits for others that change the same lab: as `turnFlags` say. */
  protected turnOf(flags: { wait?: number | undefined; 'no-wait': boolean }): TurnOptions {
    const waitMs = flags['no-wait'] ? 0 : flags.wait
    return { ...(waitMs === undefined ? {} : { waitMs }), onWait: (text) => this.note(text) }
  }

  /** Prints a JSON document. oclif's own would divide it into tokens, and fails on strings of some megabytes. */
  protected override logJson(document: unknown): void {
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  }

  protected override async catch(error: unknown): Promise<void> {
    if (isExit(error)) throw error
    // With NODE_ENV=development or test, oclif would warn that a command with wrong arguments did not parse them.
    this.parsed = true
    const failure = this.failureOf(error)
    if (this.jsonEnabled()) this.logJson(errorDocument(failure))
    else process.stderr.write(`${await failureText(failure)}\n`)
    process.exitCode = failure.exitCode
  }

  /** The failure to report for a thrown value. */
  protected failureOf(error: unknown): LabError {
    if (!isUsage(error)) return asLabError(error)
    // oclif leaves out what a command does not declare.
    const { args = {}, flags = {}, needs } = this.ctor as typeof LabCommand
    return usageError(error, { name: this.id ?? '', needs, arguments: Object.keys(args).length, flags })
  }
}

/**
 * Runs `action` with a signal that Ctrl-C, SIGTERM and SIGHUP abort, so that it can roll back. The process keeps ignoring
 * them afterwards, so that the command still reports whether the lab is up when Ctrl-C comes at that moment.
 *
 * @param consequence what the message says beside the signal
 */
export async function interruptible<T>(
  action: (signal: AbortSignal) => Promise<T>,
  consequence = 'everything was rolled back',
): Promise<T> {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const abort = (name: NodeJS.Signals) =>
    controller.abort(new LabError('INTERRUPTED', `interrupted by ${name}; ${consequence}`))
  for (const name of signals) process.on(name, abort)
  return await action(controller.signal)
}

/** What is printed of a failure on standard error. */
export async function failureText(failure: LabError): Promise<string> {
  if (failure.issues === undefined) return errorText(failure)
  const { COLOURED, faultsText, PLAIN } = await import('../present/fault.js')
  return faultsText(failure, isColoured(process.stderr) ? COLOURED : PLAIN, terminalColumns(process.stderr))
}

const isExit = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIT'

/** Any other error that is no LabError is a bug in nslab. */
function asLabError(error: unknown): LabError {
  if (error instanceof LabError) return error
  const refused = failedCall(error)
  if (refused !== null) return refused
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new LabError('INTERNAL', message, { cause: error, hint: 'this is a bug in nslab; please report it' })
}

/** oclif's parser rewrites the message of a LabError that the parse function of a flag throws. */
const isUsage = (error: unknown): error is Error =>
  error instanceof Error && ('oclif' in error || (error instanceof LabError && error.message.startsWith('Parsing --')))
