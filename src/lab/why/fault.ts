// What stops a packet.
import type { ExplainedCause } from '../../model/reach/explanation.js'
import { inNode } from './facts.js'

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
  /** A command line on the machine. Default: that which runs `remedy` in the node. */
  command?: string
}

export function fault({ about, words, interface: name = null, remedy = null, command, ...cause }: Told): Fault {
  const line = command ?? (remedy === null ? null : inNode(cause.node, remedy))
  return { about, words, cause: { ...cause, interface: name, remedy, command: line } }
}
