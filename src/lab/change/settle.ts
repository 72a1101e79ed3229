// What is written of a change: in the record, the topologies of which the lab may have parts; in the state, what is wrong with it.
import { LabError } from '../../errors.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { LabSource } from '../../model/source/lab-source.js'
import type { ChangePlan } from '../../plan/change/change-plan.js'
import { saveState } from '../links/live-state.js'
import { type AppliedRecord, writeApplied } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import type { LabState } from '../record/state.js'
import type { InsideFailure } from '../session/insides.js'
import { insideSentence, unfinishedInsides } from './inside-failure.js'
import { withoutCommands } from './new-commands.js'

/** In the state while a change is under way, and when it was killed. */
const UNFINISHED = 'a change of it is under way, or was killed before its end'

/** Before anything is changed. @returns the record with the topology that is to be */
export function begin(lab: RunningLab, record: AppliedRecord, { target, lastIndex }: ChangePlan): AppliedRecord {
  const others = (record.unfinished ?? []).filter((each) => JSON.stringify(each) !== JSON.stringify(target))
  const begun = { ...record, lastIndex, lastLink: lastLinkOf(record, target), unfinished: [target, ...others] }
  writeApplied(lab.directory, begun)
  const before = lab.state
  try {
    saveDegraded(lab, [UNFINISHED, ...earlier(lab)])
  } catch (error) {
    lab.state = before
    writeApplied(lab.directory, record)
    throw error
  }
  return begun
}

/**
 * When the lab has a topology but for commands that are yet to run, and nothing of any other.
 *
 * @param insides what failed inside of nodes, for which the lab is degraded
 * @returns the record as it is when these have run
 */
export function complete(
  lab: RunningLab,
  begun: AppliedRecord,
  { target, commands }: Pick<ChangePlan, 'target' | 'commands'>,
  source: LabSource | undefined,
  insides: readonly InsideFailure[],
): AppliedRecord {
  const { unfinished = [], source: _, ...kept } = begun
  const [, ...others] = unfinished
  const left = unfinishedInsides([begun.topology, ...others], new Set(insides.map(({ node }) => node)))
  const record = {
    ...{ ...kept, topology: target },
    ...(source ? { source } : {}),
    ...(left.length === 0 ? {} : { unfinished: left }),
  }
  writeApplied(lab.directory, { ...record, topology: withoutCommands(target, commands) })
  saveDegraded(lab, insides.map(insideSentence))
  return record
}

/** When all is as it was before `begin`. Numbers that interfaces and links have had are not given again. */
export function revert(lab: RunningLab, begun: AppliedRecord, record: AppliedRecord, before: LabState): void {
  writeApplied(lab.directory, { ...record, lastIndex: begun.lastIndex, lastLink: begun.lastLink })
  const { degraded = [] } = before
  // Also when the change that has left something was killed before it wrote the state.
  saveDegraded(lab, record.unfinished !== undefined && degraded.length === 0 ? [UNFINISHED] : degraded)
}

/** When something is wrong, beside what has been wrong before. @returns the error to report */
export function degrade(lab: RunningLab, wrong: readonly string[], cause?: unknown): LabError {
  saveDegraded(lab, [...new Set([...wrong, ...earlier(lab)])])
  const why = cause instanceof Error ? `${cause.message}; that could not be rolled back` : 'the lab still differs'
  const sentences = shortened(wrong).map((each) => `  ${each}`)
  return new LabError('CLEANUP_INCOMPLETE', `lab ${lab.name} is degraded: ${why}:\n${sentences.join('\n')}`, {
    cause,
    hint: '`nslab apply FILE` tries again to make it equal to the file',
  })
}

/** What has been wrong since earlier changes. */
const earlier = ({ state }: RunningLab): string[] => (state.degraded ?? []).filter((each) => each !== UNFINISHED)

const lastLinkOf = ({ lastLink }: AppliedRecord, { links }: ResolvedTopology): number =>
  links.reduce((highest, { number }, place) => Math.max(highest, number ?? place), lastLink)

function saveDegraded(lab: RunningLab, degraded: readonly string[]): void {
  const { degraded: _, ...state } = lab.state
  lab.state = degraded.length === 0 ? state : { ...state, degraded: shortened(degraded) }
  saveState(lab, lab.state)
}

/** Sentences that are shown, and kept in the state: the first ones tell enough. */
const MOST_SENTENCES = 10

const shortened = (sentences: readonly string[]): string[] =>
  sentences.length <= MOST_SENTENCES
    ? [...sentences]
    : [...sentences.slice(0, MOST_SENTENCES), `… and ${sentences.length - MOST_SENTENCES} more`]
