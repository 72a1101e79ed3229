// Divides the words of `exec` into nslab's own and those of the command in the node. oclif's parser gets nslab's own only:
// it would sort the arguments of the command, and take nslab's flags out of them.

export interface ExecWords {
  /** Flags and the node. */
  own: string[]
  /** The command and its arguments, as they were written. */
  command: string[]
}

/** Flags of `exec` whose value is the next word. */
const VALUED: ReadonlySet<string> = new Set(['--env', '-e', '--lab'])

/** The command begins after `NODE --`; without `--`, after NODE and the flags that follow it. */
export function execWords(written: readonly string[]): ExecWords {
  // A `--` before NODE does not begin the command.
  const words = written[0] === '--' ? written.slice(1) : written
  const isOwn = (index: number) => isFlag(words[index] as string) || VALUED.has(words[index - 1] as string)
  const node = words.findIndex((_, index) => !isOwn(index))
  const next = words.findIndex((_, index) => index > node && !isOwn(index))
  if (node < 0 || next < 0 || words[node] === '--') return { own: [...words], command: [] }
  return { own: words.slice(0, next), command: words.slice(words[next] === '--' ? next + 1 : next) }
}

const isFlag = (word: string): boolean => word.startsWith('-') && word !== '--'
