// The only importer of @oclif/core, but for its parser alone (parser.ts).
import * as Args from '@oclif/core/args'
import { Config } from '@oclif/core/config'

export { Command } from '@oclif/core/command'
export { execute } from '@oclif/core/execute'
export * as Flags from '@oclif/core/flags'
export { handle } from '@oclif/core/handle'
export type * as Interfaces from '@oclif/core/interfaces'
export { Config }

/** A configuration for running one command: without plug-ins, hooks, and reading package.json. */
export class QuickConfig extends Config {
  override bin = 'nslab'
  override name = 'nslab'

  constructor(root: string) {
    super({ root })
  }

  override async runHook(): Promise<{ successes: never[]; failures: never[] }> {
    return { successes: [], failures: [] }
  }
}

/** oclif reads a missing argument from standard input, but that belongs to the topology or to the command in the node. */
export const argument = (description: string) => Args.string({ description, ignoreStdin: true })
export const requiredArgument = (description: string) => Args.string({ description, ignoreStdin: true, required: true })
