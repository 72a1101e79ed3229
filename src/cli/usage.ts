// Says in nslab's words what oclif's parser refuses. Its errors have no codes, so its messages have to be read.
import { LabError } from '../errors.js'
import { suggestion } from '../topology/values/suggest.js'

/** What a message needs to know about the command. */
export interface RefusingCommand {
  name: string
  /** What the command cannot do without. */
  needs: string
  /** The number of arguments that it takes. */
  arguments: number
  flags: Record<string, { char?: string | undefined }>
}

/** A LabError USAGE for an error of oclif's parser, or for a LabError that the parse function of a flag has thrown. */
export function usageError(error: Error, command: RefusingCommand): LabError {
  const hint = error instanceof LabError && error.hint !== undefined ? { hint: error.hint } : {}
  return new LabError('USAGE', messageOf(error, command), { cause: error, ...hint })
}

function messageOf(error: Error, command: RefusingCommand): string {
  const message = error.message.replace(/\nSee more help with --help$/, '')
  const { flags = [], args = [] } = error as { flags?: readonly string[]; args?: readonly unknown[] }
  if (message.startsWith('Nonexistent flag')) return unknownFlags(flags, command)
  if (message.startsWith('Missing ')) return `${command.name} needs ${command.needs}`
  if (message.startsWith('Unexpected argument')) return surplus(args.map(String), command)
  const [, first, second] = /--(\S+?)=\S* cannot also be provided when using --(\S+)/.exec(message) ?? []
  if (first && second) return `use ${shortest(first, command)} or ${shortest(second, command)}, not both`
  return flagMessage(message)
}

function unknownFlags(given: readonly string[], { flags }: RefusingCommand): string {
  const [flag = ''] = given
  const known = ['--json', '--help', ...Object.keys(flags).map((name) => `--${name}`)]
  return `there is no flag ${flag}${suggestion(flag, known)}`
}

function surplus(args: readonly string[], command: RefusingCommand): string {
  const given = args.join(' ')
  if (command.arguments === 0) return `${command.name} takes no arguments, and was given ${given}`
  const most = command.arguments === 1 ? 'one argument' : `${command.arguments} arguments`
  return `${command.name} takes ${most}, and was given ${given} besides`
}

const shortest = (flag: string, { flags }: RefusingCommand): string => {
  const { char } = flags[flag] ?? {}
  return char === undefined ? `--${flag}` : `-${char}`
}

/** What is wrong with the value of one flag. */
function flagMessage(message: string): string {
  const [, repeated] = /^Flag (--\S+) can only be specified once$/.exec(message) ?? []
  if (repeated) return `${repeated} is given more than once`
  const [, missing, values] = /^Flag (--\S+) expects (?:a value|one of these values: (.*))$/.exec(message) ?? []
  if (missing) return values === undefined ? `${missing} needs a value` : `${missing} needs one of ${values}`
  const [, flag, value = '', options] = /^Expected (--\S+?)=([\s\S]*) to be one of: (.*)$/.exec(message) ?? []
  if (flag && options) return `${flag} ${value}: there are ${options}${suggestion(value, options.split(', '))}`
  const [, parsed, reason = ''] = /^Parsing (--\S+) \n\t([\s\S]*)$/.exec(message) ?? []
  if (!parsed) return message
  const [, bound, limit, number] =
    /^Expected an integer (greater|less) than or equal to (\S+) but received: (.*)$/.exec(reason) ?? []
  if (bound) return `${parsed} ${number}: must be at ${bound === 'greater' ? 'least' : 'most'} ${limit}`
  const [, word] = /^Expected an integer but received: ([\s\S]*)$/.exec(reason) ?? []
  if (word !== undefined) return `${parsed} ${word}: not a whole number`
  return reason.startsWith('--') ? reason : `${parsed}: ${reason}`
}
