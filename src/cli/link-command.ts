// The common part of the commands that change the state of links.
import type { LinkEnd } from '../lab/links/endpoint.js'
import type { LinkChange } from '../lab/links/state/link-state.js'
import { LabCommand } from './command.js'
import { turnFlags } from './flags.js'
import { Flags, requiredArgument } from './oclif.js'

// oclif does not inherit them: each command's class has to name them.
export const endpointArgs = {
  endpoint: requiredArgument('[LAB/]NODE:INTERFACE; [LAB/]NODE for a node with one link'),
}
export const linkFlags = {
  lab: Flags.string({ description: 'lab of the endpoints; may be left out while only one runs' }),
  both: Flags.boolean({ description: 'also the other end of each link' }),
  ...turnFlags,
}

export abstract class LinkCommand extends LabCommand {
  static override needs = 'an endpoint, such as h1:eth0'

  /** The ends that the words name, each once. */
  protected async endsOf(
    words: readonly string[],
    flags: { lab?: string | undefined; both: boolean },
  ): Promise<LinkEnd[]> {
    const { otherEnd, selectEnd } = await import('../lab/links/endpoint.js')
    const named = words.map((word) => selectEnd(word, flags.lab))
    const ends = flags.both ? named.flatMap((end) => [end, otherEnd(end)]) : named
    const seen = new Map(ends.map((end) => [`${end.lab.directory} ${end.link} ${end.side}`, end]))
    return [...seen.values()]
  }

  /** Prints what was changed. */
  protected tell(changes: readonly LinkChange[]): { changes: readonly LinkChange[] } {
    for (const { endpoint, state, changed } of changes) this.log(`${endpoint} is ${state}${changed ? '' : ' already'}`)
    return { changes }
  }
}
