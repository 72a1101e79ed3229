// Describes the commands that build or read a network, for the build to write into a file.
import { COMMANDS } from './main.js'
import type { NetworkCommand, NetworkUse } from './network-use.js'
import { Flags } from './oclif.js'

/** The commands by name, as entries for a Map. */
export async function networkCommands(): Promise<[string, NetworkCommand][]> {
  const described: [string, NetworkCommand][] = []
  for (const [name, load] of Object.entries(COMMANDS)) {
    const { default: command } = await load()
    const use = useOf(command)
    // oclif adds --json when it runs a command.
    const flags = { ...(command.enableJsonFlag ? { json: Flags.boolean() } : {}), ...command.flags }
    if (use) described.push([name, { ...use, args: command.args, flags, strict: command.strict }])
  }
  return described
}

/** Without the other members of the class; null for a command that does not use the network. */
function useOf(command: NetworkUse): Exclude<NetworkUse, { network: 'none' }> | null {
  switch (command.network) {
    case 'none':
      return null
    case 'new':
      return { network: 'new' }
    case 'build':
      return { network: 'build', dryRunFlag: command.dryRunFlag, fileArgument: command.fileArgument }
    case 'lab':
      return { network: 'lab', labArgument: command.labArgument }
    case 'path':
      return { network: 'path', pathArgument: command.pathArgument }
    case 'file':
      return { network: 'file', fileArgument: command.fileArgument }
    case 'topology':
      return { network: 'topology', fileArgument: command.fileArgument, labArgument: command.labArgument }
  }
}
