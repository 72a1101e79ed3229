// Makes a running lab equal to a topology.
import { LabError } from '../../errors.js'
import type { LabChange } from '../../model/change/lab-change.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { LabSource } from '../../model/source/lab-source.js'
import { emulatedLinks } from '../../plan/emulation/links.js'
import { explainRefusal } from '../build/refusal-hints.js'
import { whileTurn } from '../links/change-lab.js'
import { saveState } from '../links/live-state.js'
import { type AppliedRecord, readApplied, writeApplied } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import type { LabState } from '../record/state.js'
import { kindsFor } from '../who/kernel-kinds.js'
import { ChangeFailure, carryOut } from './carry-out.js'
import { compare, withoutLostNodes } from './compare.js'
import { finish } from './finish.js'
import type { ApplyOptions, ApplyResult } from './options.js'
import { refuseCommands, refuseOtherLab, requireConsent } from './refusals.js'
import type { Site } from './site.js'

/** In the state while a change is under way, and when it was killed. */
const UNFINISHED = 'a change of it is under way, or was killed before its end'

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
  const isUnfinished = record.target !== undefined || lab.state.degraded !== undefined
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
  await changeLab(site, desired)
  return { change, applied: differs }
}

/** Whether the record says all that there is to say. */
const isSame = ({ topology, source }: AppliedRecord, target: ResolvedTopology, options: ApplyOptions): boolean =>
  JSON.stringify(topology) === JSON.stringify(target) && JSON.stringify(source) === JSON.stringify(options.source)

async function changeLab(site: Site, desired: ResolvedTopology): Promise<void> {
  const { lab, record, plan, options } = site
  const before = lab.state
  const highest = { lastIndex: plan.lastIndex, lastLink: lastLinkOf(record, plan.target) }
  writeApplied(lab.directory, { ...record, ...highest, target: plan.target })
  lab.state = { ...before, degraded: [UNFINISHED] }
  try {
    saveState(lab, lab.state)
  } catch (error) {
    // Nothing has changed yet.
    writeApplied(lab.directory, record)
    throw error
  }
  const settle = (topology: ResolvedTopology, degraded: readonly string[]) => {
    const { target: _, source: before, ...kept } = record
    const source = topology === record.topology ? before : options.source
    if (degraded.length === 0)
      writeApplied(lab.directory, { ...kept, ...highest, topology, ...(source ? { source } : {}) })
    lab.state = withDegraded(lab.state, degraded)
    saveState(lab, lab.state)
  }
  try {
    using session = await carryOut(site)
    const wrong = await finish(site, session, before)
    settle(plan.target, wrong)
    if (wrong.length > 0) throw degradedError(lab, wrong)
  } catch (error) {
    if (!(error instanceof ChangeFailure)) {
      if (error instanceof LabError && error.code === 'CLEANUP_INCOMPLETE') throw error
      const early = `the change ended early: ${(error as Error).message}`
      settle(plan.target, [early])
      const isLate = options.signal?.aborted || (error instanceof LabError && error.code === 'COMMAND_FAILED')
      throw isLate ? error : degradedError(lab, [early])
    }
    await rollBack(site, desired, error, settle)
  }
}

/** What was done is undone. Nodes that were ended are made again, with a change back to the topology of before. */
async function rollBack(
  site: Site,
  desired: ResolvedTopology,
  { reason, failures, ended }: ChangeFailure,
  settle: (topology: ResolvedTopology, degraded: readonly string[]) => void,
): Promise<never> {
  const { lab, record, plan } = site
  const wrong = failures.map((error) => (error as Error).message)
  if (wrong.length === 0 && ended.length > 0 && desired !== record.topology) {
    const { target: _, ...settled } = record
    const back = { ...settled, lastIndex: plan.lastIndex }
    try {
      const own = withoutLostNodes(lab)
      const again = await compare(own, back, record.topology, { prune: false })
      const options: ApplyOptions = site.options.onWarning ? { onWarning: site.options.onWarning } : {}
      const returning: Site = { ...site, lab: own, record: back, plan: again.plan, observed: again.observed, options }
      using session = await carryOut(returning)
      wrong.push(...(await finish(returning, session, own.state)))
      lab.state = own.state
    } catch (error) {
      const cause = error instanceof ChangeFailure ? error.reason : error
      wrong.push(`${ended.join(', ')} ended and could not be made again: ${(cause as Error).message}`)
    }
  }
  settle(record.topology, wrong)
  if (wrong.length === 0) throw explainRefusal(reason)
  throw degradedError(lab, wrong, reason)
}

const lastLinkOf = ({ lastLink }: AppliedRecord, { links }: ResolvedTopology): number =>
  links.reduce((highest, { number }, place) => Math.max(highest, number ?? place), lastLink)

function withDegraded({ degraded: _, ...state }: LabState, degraded: readonly string[]): LabState {
  return degraded.length === 0 ? state : { ...state, degraded: shortened(degraded) }
}

/** Sentences that are shown, and kept in the state: the first ones tell enough. */
const MOST_SENTENCES = 10

const shortened = (sentences: readonly string[]): string[] =>
  sentences.length <= MOST_SENTENCES
    ? [...sentences]
    : [...sentences.slice(0, MOST_SENTENCES), `… and ${sentences.length - MOST_SENTENCES} more`]

function degradedError({ name }: RunningLab, wrong: readonly string[], cause?: unknown): LabError {
  const why = cause instanceof Error ? `${cause.message}; that could not be rolled back` : 'the lab still differs'
  return new LabError(
    'CLEANUP_INCOMPLETE',
    `lab ${name} is degraded: ${why}:\n${shortened(wrong)
      .map((each) => `  ${each}`)
      .join('\n')}`,
    {
      cause,
      hint: '`nslab apply FILE` tries again to make it equal to the file',
    },
  )
}

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
