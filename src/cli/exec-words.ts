// Parts the words of `exec` into nslab's own and the command's. oclif's parser sees only the first: it sorts arguments,
// and takes what looks like a flag of ours wherever it stands.

export interface ExecWords {
  /** Flags and the node. */
  own: string[]
  /** The command and its arguments, as they were written. */
  command: string[]
}

/** The command begins behind `NODE --`, or, without `--`, behind NODE, with flags of ours in between. */
export function execWords(written: readonly string[]): ExecWords {
  // One in front has nothing to part.
  const words = written[0] === '--' ? written.slice(1) : written
  const node = words.findIndex((word) => !isFlag(word))
  const next = words.findIndex((word, index) => index > node && !isFlag(word))
  if (node < 0 || next < 0 || words[node] === '--') return { own: [...words], command: [] }
  return { own: words.slice(0, next), command: words.slice(words[next] === '--' ? next + 1 : next) }
}

const isFlag = (word: string): boolean => word.startsWith('-') && word !== '--'
