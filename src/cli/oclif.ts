// The only importer of @oclif/core.
import * as Args from '@oclif/core/args'
import { Config } from '@oclif/core/config'

export { Command } from '@oclif/core/command'
export { execute } from '@oclif/core/execute'
export * as Flags from '@oclif/core/flags'
export { handle } from '@oclif/core/handle'
export type * as Interfaces from '@oclif/core/interfaces'
export { Config }

/** What running one command needs of a configuration: no plug-ins, no hooks, no package.json read. */
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

/** An argument. oclif would take one that is missing from standard input, which is the command's in a node, or a topology. */
export const argument = (description: string) => Args.string({ description, ignoreStdin: true })
export const requiredArgument = (description: string) => Args.string({ description, ignoreStdin: true, required: true })
