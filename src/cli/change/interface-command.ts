// The common part of `interface up` and `interface down`.
import { LabError } from '../../errors.js'
import type { NamedInterface } from '../../lab/links/state/interface-at.js'
import type { LinkChange } from '../../lab/links/state/link-state.js'
import type { TurnOptions } from '../../lab/turn/turn.js'
import { LabCommand } from '../command.js'
import { turnFlags } from '../flags.js'
import { Flags, requiredArgument } from '../oclif.js'

// oclif does not inherit them: each command's class has to name them.
export const interfaceArgs = { interface: requiredArgument('[LAB/]NODE:INTERFACE; several of them') }
export const interfaceFlags = {
  lab: Flags.string({ description: 'lab of the interfaces; may be left out while only one runs' }),
  ...turnFlags,
}

interface InterfaceFlags {
  lab?: string | undefined
  wait?: number | undefined
  'no-wait': boolean
}

export abstract class InterfaceCommand extends LabCommand {
  static override needs = 'an interface, such as s1:br0'

  /** Changes the interfaces that the words name, each once, and prints their state. */
  protected async change(
    words: readonly string[],
    flags: InterfaceFlags,
    act: (interfaces: readonly NamedInterface[], turn: TurnOptions) => Promise<LinkChange[]>,
  ): Promise<unknown> {
    const { findNode, selectLab, selectNode } = await import('../../lab/record/select.js')
    const labs = new Map<string, NamedInterface['lab']>()
    const interfaces = [...new Set(words)].map((word): NamedInterface => {
      const [, path, name] = /^(.+?):([^:/]+)$/.exec(word) ?? []
      if (path === undefined || name === undefined)
        throw new LabError('USAGE', `${JSON.stringify(word)} is not [LAB/]NODE:INTERFACE`)
      const { lab: found, node } =
        flags.lab === undefined ? selectNode(path) : inLab(selectLab(flags.lab), path, findNode)
      const lab = labs.get(found.directory) ?? found
      labs.set(found.directory, lab)
      return { lab, node, interface: name }
    })
    const changes = await act(interfaces, this.turnOf(flags))
    for (const { endpoint, state, changed } of changes) this.log(`${endpoint} is ${state}${changed ? '' : ' already'}`)
    return { changes }
  }
}

const inLab = <T>(lab: NamedInterface['lab'], path: string, find: (lab: NamedInterface['lab'], name: string) => T) => ({
  lab,
  node: find(lab, path),
})
