// What stops a packet.
import type { ExplainedCause } from '../../model/reach/explanation.js'

export interface Fault {
  /** As in `Finding`. */
  about: string
  cause: ExplainedCause
  /** The clause of the sentence. */
  words: string
}

export interface Told extends Pick<ExplainedCause, 'code' | 'node' | 'evidence'>, Pick<Fault, 'about' | 'words'> {
  interface?: string | null
  /** A command in the node. */
  remedy?: string | null
  /** A command line on the machine, where no command in the node mends it. */
  command?: string | null
}

export function fault({ about, words, interface: name = null, remedy = null, command = null, ...cause }: Told): Fault {
  return { about, words, cause: { ...cause, interface: name, remedy, command } }
}
