// Carries out a change of a running lab, and goes back where it fails.
import { LabError } from '../../errors.js'
import { emulatedLinks } from '../../plan/emulation/links.js'
import type { CommandRun } from '../../plan/op.js'
import { explainRefusal } from '../build/refusal-hints.js'
import type { AppliedRecord } from '../record/applied/applied.js'
import type { InsideFailure } from '../session/insides.js'
import { kindsFor } from '../who/kernel-kinds.js'
import { ChangeFailure, carryOut } from './carry-out.js'
import { compare, withoutLostNodes } from './compare.js'
import { finish } from './finish.js'
import { insideSentence } from './inside-failure.js'
import { runNewCommands, withoutCommands } from './new-commands.js'
import type { ApplyOptions } from './options.js'
import { begin, complete, degrade, revert } from './settle.js'
import type { Site } from './site.js'

/**
 * @param left failures to clean up after earlier changes
 * @throws LabError CLEANUP_INCOMPLETE when the lab is left degraded; as `runNewCommands` when all but commands is done; the failure of the step that was rolled back; the signal's reason
 */
export async function changeLab(site: Site, left: readonly unknown[]): Promise<void> {
  const { lab, record, plan, options } = site
  const before = lab.state
  const begun = begin(lab, record, plan)
  let [completed, insides]: [AppliedRecord, InsideFailure[]] = [begun, []]
  try {
    const carriedOut = await carryOut(site)
    using session = carriedOut.session
    insides = carriedOut.insides
    const wrong = [...left.map(messageOf), ...(await finish(site, session, before))]
    if (wrong.length > 0) throw degrade(lab, [...wrong, ...insides.map(insideSentence)])
    completed = complete(lab, begun, plan, options.source, insides)
  } catch (error) {
    if (error instanceof LabError && error.code === 'CLEANUP_INCOMPLETE') throw error
    const { reason, failures, ended } =
      error instanceof ChangeFailure ? error : { reason: error, failures: [], ended: null }
    if (failures.length > 0) throw degrade(lab, failures.map(messageOf), reason)
    // Nodes that have ended, and what was removed, come back by a change to the topology of before.
    if (ended === null || ended.length > 0) await changeBack(site, begun, reason)
    else revert(lab, begun, record, before)
    throw explainRefusal(reason)
  }
  await runCommandsOf(site, completed, insides)
  if (insides.length > 0) throw degrade(lab, insides.map(insideSentence))
}

/** Those of nodes whose files could not be changed are left to the next change. */
async function runCommandsOf(
  { lab, plan, options }: Site,
  record: AppliedRecord,
  insides: readonly InsideFailure[],
): Promise<void> {
  const isFit = ({ node }: CommandRun) => !insides.some((failure) => failure.node === node)
  const waiting = plan.commands.filter((command) => !isFit(command))
  const now = { ...record, topology: withoutCommands(record.topology, waiting) }
  await runNewCommands(lab, now, plan.commands.filter(isFit), options)
}

/** @throws LabError CLEANUP_INCOMPLETE */
async function changeBack(site: Site, begun: AppliedRecord, reason: unknown): Promise<void> {
  const { record, options } = site
  const lab = withoutLostNodes(site.lab)
  try {
    const { plan, observed } = await compare(lab, begun, record.topology, { prune: false })
    const again = begin(lab, begun, plan)
    const emulated = emulatedLinks(plan.target.links, await kindsFor(plan.target))
    // Nobody interrupts it.
    const quiet: ApplyOptions = options.onWarning ? { onWarning: options.onWarning } : {}
    const returning: Site = { lab, record: again, plan, observed, emulated, options: quiet }
    const before = lab.state
    const { session: made, insides } = await carryOut(returning)
    using session = made
    const wrong = await finish(returning, session, before)
    if (wrong.length > 0) throw new Error(wrong.join('; '))
    const completed = complete(lab, again, plan, record.source, insides)
    await runCommandsOf(returning, completed, insides)
    if (insides.length > 0) throw new Error(insides.map(insideSentence).join('; '))
  } catch (error) {
    throw degrade(lab, [messageOf(error instanceof ChangeFailure ? error.reason : error)], reason)
  }
}

const messageOf = (error: unknown): string => (error as Error).message
