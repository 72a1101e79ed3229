// Decides whether a command must run as root of a lab's outer user namespace, and runs the program again when it must: a
// program of its own, which bin/run.js runs first for every user but root of the machine, and for root with NSLAB_ROOTLESS.

import { LabError } from '../errors.js'
import type { LabRecord } from '../lab/record/lab-record.js'
import { enterOuterNamespace, needsOuterNamespace } from '../lab/who/outer-namespace.js'
import { isRunning, type ProcessIdentity } from '../lab/who/process-identity.js'
import { restoreCertificates, withoutCertificates } from './certificates.js'
import type { Grammar, NetworkCommand } from './network-use.js'
import { reportFailure } from './report.js'

/** The one that the program is in, one for a new lab, or that of the lab with this keeper. */
export type UserNamespace = 'present' | 'new' | ProcessIdentity

/**
 * Runs the program again when the command needs another user namespace; returns otherwise. A failure is reported as the command
 * would report it, and sets the exit code.
 *
 * @param words the arguments and flags of the command
 * @returns whether the command can run in this process; false after a failure
 */
export async function enterNamespaceFor(command: NetworkCommand, words: readonly string[]): Promise<boolean> {
  restoreCertificates(process.env)
  try {
    if (!needsOuterNamespace()) return true
    const needed = await userNamespaceFor(command, words, async () =>
      (await import('../lab/record/list-labs.js')).listLabs(),
    )
    if (needed === 'present') return true
    // The state of a lab that is dead names a keeper that has ended, also where another process holds the lab's lock.
    const isGone = needed !== 'new' && !isRunning(needed)
    if (isGone && command.network !== 'build') return true
    const environment = withoutCertificates(process.env)
    const { findKeepers, KEEPERS_VARIABLE } = await import('../lab/record/find-keeper.js')
    const keepers = JSON.stringify(findKeepers())
    enterOuterNamespace(needed === 'new' || isGone ? null : needed, { ...environment, [KEEPERS_VARIABLE]: keepers })
  } catch (error) {
    // `main` is another bundle, to which this one's LabError is none of its own.
    if (!(error instanceof LabError)) throw error
    reportFailure(error, words)
    return false
  }
}

/**
 * The user namespace in which a command must run. It is the present one for a wrong command line, which the command itself
 * reports.
 *
 * @param list reads the labs of the caller
 * @throws whatever `list` throws
 */
export async function userNamespaceFor(
  command: NetworkCommand,
  words: readonly string[],
  list: () => Promise<LabRecord[]>,
): Promise<UserNamespace> {
  const line = await parsed(command, words).catch(() => null)
  if (line === null) return 'present'
  if (command.network === 'new') return 'new'
  if (command.network === 'build' && line.flags[command.dryRunFlag] === true) return 'present'
  const labs = await list()
  if (command.network === 'build') {
    // The file is read once more here only where a lab runs that could have its name.
    if (!labs.some(({ state }) => state?.rootless)) return 'new'
    const name = await labOfTopology(line.args[command.fileArgument], line.flags)
    return (name === undefined ? undefined : labFor(name, labs))?.state?.keeper ?? 'new'
  }
  return labFor(await labNameIn(line, command, labs), labs)?.state?.keeper ?? 'present'
}

/** The lab that a command line names; undefined when it names none. */
async function labNameIn(
  { args, flags }: Awaited<ReturnType<typeof parsed>>,
  command: Exclude<NetworkCommand, { network: 'build' | 'new' }>,
  labs: readonly LabRecord[],
): Promise<string | undefined> {
  const flag = flags.lab as string | undefined
  switch (command.network) {
    case 'lab':
      return await withoutUser(args[command.labArgument])
    case 'path': {
      const path = args[command.pathArgument] ?? ''
      if (path.includes('/')) return await withoutUser(path.slice(0, path.indexOf('/')))
      if (flag !== undefined) return await withoutUser(flag)
      const own = await withoutUser(path)
      return labs.some(({ name }) => name === own) ? own : undefined
    }
    case 'file':
      if (flag !== undefined) return await withoutUser(flag)
      return await labOfFile(args[command.fileArgument] ?? '', flags.set as string[] | undefined)
    case 'topology': {
      const [lab, file] = [args[command.labArgument], args[command.fileArgument]]
      if (lab !== undefined && file !== undefined) return await withoutUser(lab)
      return await labOfTopology(file ?? lab, flags)
    }
  }
}

/** The lab of a scenario. The command itself reports what is wrong with the file. */
async function labOfFile(file: string, set: string[] | undefined): Promise<string | undefined> {
  try {
    return (await import('./input/source.js')).loadScenario(file, { set }).lab ?? undefined
  } catch (error) {
    if (error instanceof LabError) return undefined
    throw error
  }
}

/** The lab of a topology; undefined when it cannot be known before the command itself reads the file. */
async function labOfTopology(file: string | undefined, flags: Record<string, unknown>): Promise<string | undefined> {
  if (typeof flags.name === 'string') return flags.name
  // Standard input can be read once.
  if (file === undefined || file === '-') return undefined
  try {
    return await (await import('./input/lab-of-topology.js')).labOfTopology(file, flags.set as string[] | undefined)
  } catch (error) {
    if (error instanceof LabError) return undefined
    throw error
  }
}

/** @throws what oclif's parser says of a wrong command line; values are not checked. */
async function parsed({ args, flags, strict }: Grammar, words: readonly string[]) {
  const { parse } = await import('./parser.js')
  const parsable = Object.entries(args).map(([name, arg]) => [name, { ...arg, parse: async (word: string) => word }])
  return await parse([...words], { args: Object.fromEntries(parsable), flags, strict })
}

/** The name of the lab that `USER:LAB` means, when USER is the caller. */
async function withoutUser(name: string | undefined): Promise<string | undefined> {
  if (!name?.includes(':')) return name
  const { ownLabName } = await import('../lab/record/own-lab-name.js')
  return ownLabName(name) ?? name
}

/** The rootless lab of this name; without a name, the only one. */
function labFor(name: string | undefined, labs: readonly LabRecord[]): LabRecord | undefined {
  const rootless = labs.filter(({ state }) => state?.rootless)
  if (name !== undefined) return rootless.find((lab) => lab.name === name)
  return rootless.length === 1 ? rootless[0] : undefined
}
