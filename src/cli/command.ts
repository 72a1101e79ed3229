// What every command shares: one JSON document on stdout with --json, errors as text on stderr or as that document,
// and the exit code of the error. Commands themselves only parse, call and present.

import { LabError } from '../errors.js'
import { errorDocument } from '../present/document.js'
import { errorText } from '../present/error.js'
import { printable } from '../present/printable.js'
import { Command, type Config, type Interfaces } from './oclif.js'

export abstract class LabCommand extends Command {
  static override enableJsonFlag = true

  /** Runs the command called `name` on its arguments. */
  static async start(name: string, words: string[], config: Config): Promise<void> {
    // biome-ignore lint/complexity/noThisInStatic: the class of the command, whichever that is
    const Chosen = this as unknown as new (words: string[], config: Config) => LabCommand
    const command = new Chosen(words, config)
    command.id = name
    await command._run()
  }

  /**
   * The arguments of a command that takes any number of them, as they were written. oclif's own list is sorted, wrongly
   * where a flag's value is the same as an argument.
   */
  protected listOf({ raw }: Interfaces.ParserOutput): string[] {
    return raw.flatMap((token) => (token.type === 'arg' ? [token.input] : []))
  }

  /** Says something the user should know, on stderr. */
  protected notice(text: string): void {
    process.stderr.write(`nslab: warning: ${printable(text)}\n`)
  }

  protected override async catch(error: unknown): Promise<void> {
    if (isExit(error)) throw error
    // In a developer's environment, oclif would warn, as if of our code, of a command whose arguments were wrong.
    this.parsed = true
    const failure = this.failureOf(error)
    if (this.jsonEnabled()) this.logJson(errorDocument(failure))
    else process.stderr.write(`${await textOf(failure)}\n`)
    process.exitCode = failure.exitCode
  }

  /** The failure to report for whatever was thrown. */
  protected failureOf(error: unknown): LabError {
    return asLabError(error)
  }
}

/**
 * A signal that is aborted by Ctrl-C, SIGTERM and SIGHUP while `action` runs, so that it can roll back. Once that is done,
 * they are passed over: whoever presses Ctrl-C in that moment is told what there is now.
 */
export async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const abort = (name: NodeJS.Signals) =>
    controller.abort(new LabError('INTERRUPTED', `interrupted by ${name}; everything was rolled back`))
  for (const name of signals) process.on(name, abort)
  return await action(controller.signal)
}

async function textOf(failure: LabError): Promise<string> {
  if (failure.issues === undefined) return errorText(failure)
  const { COLOURED, faultsText, PLAIN } = await import('../present/fault.js')
  // no-color.org: any text but an empty one.
  const isColoured = process.stderr.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  return faultsText(failure, isColoured ? COLOURED : PLAIN)
}

const isExit = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIT'

/** What oclif's parser throws is wrong usage; anything else that is not ours is a bug of ours. */
function asLabError(error: unknown): LabError {
  // The parser puts words of its own around what our parsers of flags throw.
  const isUsage = error instanceof LabError ? error.code === 'USAGE' : error instanceof Error && 'oclif' in error
  if (error instanceof LabError && !isUsage) return error
  if (error instanceof Error && isUsage) {
    const hint = error instanceof LabError && error.hint !== undefined ? { hint: error.hint } : {}
    return new LabError('USAGE', firstLine(error.message), { cause: error, ...hint })
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new LabError('INTERNAL', message, { cause: error, hint: 'this is a bug in nslab; please report it' })
}

const firstLine = (message: string): string =>
  message
    // In front of what our parsers of flags say themselves.
    .replace(/^Parsing --[a-z-]+: \n?\t?/, '')
    // True of flags that take several values each; ours take one.
    .replace(/\n+Note: --[a-z]+ allows multiple values\.[^\n]*(?:\nAlternatively,.*)?/, '')
    .replace(/\nSee more help with --help$/, '')
    .replace(/ \n\t/g, ': ')
