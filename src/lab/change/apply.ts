// Makes a running lab equal to a topology.
import type { LabChange } from '../../model/change/lab-change.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { LabSource } from '../../model/source/lab-source.js'
import { emulatedLinks } from '../../plan/emulation/links.js'
import { whileTurn } from '../links/change-lab.js'
import { type AppliedRecord, readApplied } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import { kindsFor } from '../who/kernel-kinds.js'
import { changeLab } from './change-lab.js'
import { compare, withoutLostNodes } from './compare.js'
import { dropUnknown } from './drop-unknown.js'
import type { ApplyOptions, ApplyResult } from './options.js'
import { refuseCommands, refuseOtherLab, requireConsent } from './refusals.js'
import type { Site } from './site.js'

/**
 * Compares a topology with what the kernel has in a lab, and does the least that makes them equal. A failure rolls back all but the
 * processes of nodes that were to be restarted.
 *
 * @throws LabError USAGE for the topology of another lab and for restarts that nobody has agreed to, PRIVILEGE_MISSING for another
 * user's lab, STATE_REFUSED for a lab without a record of its topology, CLEANUP_INCOMPLETE when the lab is left degraded,
 * COMMAND_FAILED; KernelError; the signal's reason when aborted
 */
export async function applyTopology(
  lab: RunningLab,
  desired: ResolvedTopology,
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  refuseOtherLab(lab, desired)
  return await applyWanted(
    lab,
    () => ({ topology: desired, ...(options.source ? { source: options.source } : {}) }),
    options,
  )
}

/** What a lab is to be, and what that was read from. */
export interface Wanted {
  topology: ResolvedTopology
  /** Absent: a program has made it. */
  source?: LabSource
  /** Nodes that are restarted in any case. */
  restart?: readonly string[]
}

/**
 * As `applyTopology`, for a topology that is made from the one that the lab has when no other command changes it.
 *
 * @throws as `applyTopology`, and what `want` throws
 */
export async function applyWanted(
  lab: RunningLab,
  want: (record: AppliedRecord, lab: RunningLab) => Wanted,
  options: Omit<ApplyOptions, 'source'> = {},
): Promise<ApplyResult> {
  return await whileTurn(
    lab,
    options.turn ?? {},
    async (locked) => await applyNow(withoutLostNodes(locked), want, options),
  )
}

async function applyNow(
  lab: RunningLab,
  want: (record: AppliedRecord, lab: RunningLab) => Wanted,
  given: Omit<ApplyOptions, 'source'>,
): Promise<ApplyResult> {
  const record = readApplied(lab)
  const { topology: desired, source, restart = [] } = want(record, lab)
  const options: ApplyOptions = { ...given, ...(source === undefined ? {} : { source }) }
  const { plan, observed } = await compare(lab, record, desired, { prune: options.prune ?? false, restart })
  const { change, target } = plan
  if (options.dryRun) return { change, applied: false }
  const differs =
    change.differences.some(({ kind }) => kind !== 'foreign' || options.prune) || change.restarts.length > 0
  const isUnfinished = record.unfinished !== undefined || lab.state.degraded !== undefined
  if (differs) {
    refuseCommands(plan, observed)
    if (!(await requireConsent(change, options))) return { change, applied: false }
  } else if (!isUnfinished && isSame(record, target, options)) return { change, applied: false }
  const site: Site = {
    lab,
    record,
    plan,
    observed,
    emulated: emulatedLinks(target.links, await kindsFor(target)),
    options,
  }
  const left = isUnfinished ? await dropUnknown(lab, options.signal) : []
  await changeLab(site, left)
  return { change, applied: differs }
}

/** Whether the record says all that there is to say. */
const isSame = ({ topology, source }: AppliedRecord, target: ResolvedTopology, options: ApplyOptions): boolean =>
  JSON.stringify(topology) === JSON.stringify(target) && JSON.stringify(source) === JSON.stringify(options.source)

/** What `apply` would do. @throws as `applyTopology` */
export async function diffTopology(
  lab: RunningLab,
  desired: ResolvedTopology,
  { prune = false }: Pick<ApplyOptions, 'prune'> = {},
): Promise<LabChange> {
  refuseOtherLab(lab, desired)
  const own = withoutLostNodes(lab)
  return (await compare(own, readApplied(own), desired, { prune, listsNeighbours: true })).plan.change
}
