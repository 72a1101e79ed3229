// Divides the words of `exec` into nslab's own and those of the command in the node. oclif's parser gets nslab's own only:
// it would sort the arguments of the command, and take nslab's flags out of them.

export interface ExecWords {
  /** Flags and the node. */
  own: string[]
  /** The command and its arguments, as they were written. */
  command: string[]
}

/** The command begins after `NODE --`; without `--`, after NODE and the flags that follow it. */
export function execWords(written: readonly string[]): ExecWords {
  // A `--` before NODE does not begin the command.
  const words = written[0] === '--' ? written.slice(1) : written
  const node = words.findIndex((word) => !isFlag(word))
  const next = words.findIndex((word, index) => index > node && !isFlag(word))
  if (node < 0 || next < 0 || words[node] === '--') return { own: [...words], command: [] }
  return { own: words.slice(0, next), command: words.slice(words[next] === '--' ? next + 1 : next) }
}

const isFlag = (word: string): boolean => word.startsWith('-') && word !== '--'
