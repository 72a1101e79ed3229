// Decides whether this command must run as root of a lab's outer user namespace: a program of its own, that bin/run.js
// runs before the command line for anybody but root of the machine, and for that one when NSLAB_ROOTLESS asks for it.
import { enterOuterNamespace, needsOuterNamespace } from '../lab/outer-namespace.js'
import type { ProcessIdentity } from '../lab/process.js'
import type { LabRecord } from '../lab/store.js'
import { restoreCertificates, withoutCertificates } from './certificates.js'

/** Commands that build a lab, and commands that speak netlink with the nodes of one. */
const BUILDING = ['up']
const READING = ['inspect', 'export']
/** With these, nothing is built. */
const HARMLESS = ['--help', '-h', '--dry-run']

/**
 * Re-executes the command when it needs that; else returns.
 *
 * @param words the command line, without the program's name
 */
export async function enterNamespaceFor([command = '', ...words]: readonly string[]): Promise<void> {
  restoreCertificates(process.env)
  if (words.some((word) => HARMLESS.includes(word)) || !needsOuterNamespace()) return
  if (BUILDING.includes(command)) enterOuterNamespace(null, withoutCertificates(process.env))
  if (!READING.includes(command)) return
  const keeper = await keeperFor(words)
  if (keeper) enterOuterNamespace(keeper, withoutCertificates(process.env))
}

/** What is wrong with the labs, the command itself will say. */
async function keeperFor(words: readonly string[]): Promise<ProcessIdentity | undefined> {
  const { listLabs } = await import('../lab/store.js')
  try {
    return labFor(await withoutUser(words), listLabs())?.state?.keeper
  } catch {
    return undefined
  }
}

/** With the names that `USER:LAB` has for the caller, where that is the user. */
async function withoutUser(words: readonly string[]): Promise<readonly string[]> {
  if (!words.some((word) => word.includes(':'))) return words
  const { ownName } = await import('../lab/own-name.js')
  return words.map((word) => (word.includes(':') ? ownName(word) : null) ?? word)
}

/** The rootless lab that is named, or the only one. Should a word only look like its name, nothing is lost but time. */
function labFor(words: readonly string[], labs: readonly LabRecord[]): LabRecord | undefined {
  const rootless = labs.filter(({ state }) => state?.rootless)
  return rootless.find(({ name }) => words.includes(name)) ?? (rootless.length === 1 ? rootless[0] : undefined)
}
