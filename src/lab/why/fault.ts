// What stops a packet.
import type { ExplainedCause } from '../../model/reach/explanation.js'
import { quoted } from '../../plan/say/shell.js'

export interface Fault {
  /** As in `Finding`. */
  about: string
  cause: ExplainedCause
  /** The clause of the sentence. */
  words: string
}

export interface Told extends Pick<ExplainedCause, 'code' | 'node' | 'evidence'>, Pick<Fault, 'about' | 'words'> {
  interface?: string | null
  /** The words of a command in the node. Names and comments in it are those of the node's own programs, so each word is quoted. */
  remedy?: readonly string[] | null
  /** A command line on the machine, where no command in the node mends it. */
  command?: string | null
}

export function fault({ about, words, interface: name = null, remedy = null, command = null, ...cause }: Told): Fault {
  return { about, words, cause: { ...cause, interface: name, remedy: remedy && commandText(remedy), command } }
}

/** Characters that a terminal does not show as they are, so that nobody could copy the command. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** @returns null for a command that cannot be printed as it is */
const commandText = (words: readonly string[]): string | null =>
  words.some((word) => UNPRINTABLE.test(word)) ? null : words.map(quoted).join(' ')
