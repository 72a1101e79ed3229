// Decides whether a command must run as root of a lab's outer user namespace, and runs the program again when it must: a
// program of its own, which bin/run.js runs first for every user but root of the machine, and for root with NSLAB_ROOTLESS.

import { LabError } from '../errors.js'
import type { LabRecord } from '../lab/record/lab-record.js'
import { enterOuterNamespace, needsOuterNamespace } from '../lab/who/outer-namespace.js'
import type { ProcessIdentity } from '../lab/who/process-identity.js'
import { restoreCertificates, withoutCertificates } from './certificates.js'
import type { Grammar, NetworkCommand } from './network-use.js'

/** The one that the program is in, one for a new lab, or that of the lab with this keeper. */
export type UserNamespace = 'present' | 'new' | ProcessIdentity

/**
 * As `enterNamespaceFor`, but a failure is printed: the program that calls this has no class of errors.
 *
 * @returns whether the command is still to be run
 */
export async function enteredOrReported(command: NetworkCommand, words: readonly string[]): Promise<boolean> {
  try {
    await enterNamespaceFor(command, words)
    return true
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    const { reportFailure } = await import('./report.js')
    reportFailure(error, words)
    return false
  }
}

/**
 * Runs the program again when the command needs another user namespace; returns otherwise.
 *
 * @param words the arguments and flags of the command
 */
export async function enterNamespaceFor(command: NetworkCommand, words: readonly string[]): Promise<void> {
  restoreCertificates(process.env)
  if (!needsOuterNamespace()) return
  const needed = await userNamespaceFor(command, words, async () =>
    (await import('../lab/record/list-labs.js')).listLabs(),
  )
  if (needed === 'present') return
  const environment = withoutCertificates(process.env)
  const { findKeepers, KEEPERS_VARIABLE } = await import('../lab/record/find-keeper.js')
  const keepers = JSON.stringify(findKeepers())
  enterOuterNamespace(needed === 'new' ? null : needed, { ...environment, [KEEPERS_VARIABLE]: keepers })
}

/**
 * The user namespace in which a command must run. It is the present one for a wrong command line and when the labs cannot be
 * read: then the command itself reports that.
 *
 * @param list reads the labs of the caller
 */
export async function userNamespaceFor(
  command: NetworkCommand,
  words: readonly string[],
  list: () => Promise<LabRecord[]>,
): Promise<UserNamespace> {
  try {
    const { args, flags } = await parsed(command, words)
    if (command.network === 'build') return flags[command.dryRunFlag] === true ? 'present' : 'new'
    return labFor(await withoutUser(args[command.labArgument]), await list())?.state?.keeper ?? 'present'
  } catch {
    return 'present'
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
