// The common part of the commands that edit the topology of a running lab.
import { LabError } from '../../errors.js'
import type { ApplyResult } from '../../lab/change/options.js'
import type { EditOptions } from '../../lab/edit/edit-lab.js'
import type { RunningLab } from '../../lab/record/select.js'
import type { WrittenKeys } from '../../model/source/topology-edit.js'
import { editedText } from '../../present/change/summary.js'
import { interruptible } from '../command.js'
import { turnFlags } from '../flags.js'
import { Flags } from '../oclif.js'
import { ChangeCommand } from './change-command.js'
import { presentChange, yesFlag } from './consent.js'

// oclif does not inherit them: each command's class has to name them.
export const editFlags = {
  lab: Flags.string({ description: 'the lab; may be left out while only one runs' }),
  'dry-run': Flags.boolean({ description: 'show what would be done, and change nothing' }),
  yes: yesFlag,
  ...turnFlags,
}

export interface EditFlags {
  lab?: string | undefined
  'dry-run': boolean
  yes: boolean
  wait?: number | undefined
  'no-wait': boolean
}

/** How words begin that are `KEY=VALUE`. An interface may have a `=` in its name; it stands behind a colon. */
const KEY = /^([A-Za-z0-9_]+)=([\s\S]*)$/

export abstract class EditCommand extends ChangeCommand {
  /**
   * The lab that the paths `[LAB/]…` are in, and what they name in it.
   *
   * @throws LabError USAGE when they are in several; as `selectLab`
   */
  protected async within(
    paths: readonly string[],
    flags: Pick<EditFlags, 'lab'>,
  ): Promise<{ lab: RunningLab; names: string[] }> {
    const { selectLab } = await import('../../lab/record/select.js')
    const split = paths.map((path) => {
      const slash = path.indexOf('/')
      return slash < 0 ? { lab: flags.lab, name: path } : { lab: path.slice(0, slash), name: path.slice(slash + 1) }
    })
    const named = new Set(split.flatMap(({ lab }) => lab ?? []))
    const [first] = split
    // Before the command runs, the program is started in the user namespace of the lab that the first path names.
    if (named.size > 0 && first && first.lab === undefined)
      throw new LabError('USAGE', `name the lab in front of the first one: ${[...named][0]}/${first.name}`)
    if (named.size > 1) throw new LabError('USAGE', `these are in several labs: ${[...named].join(', ')}`)
    return { lab: selectLab([...named][0]), names: split.map(({ name }) => name) }
  }

  /** The words in front of `KEY=VALUE`, and those. @throws LabError USAGE for a key that is there twice */
  protected parted(words: readonly string[]): { names: string[]; keys: WrittenKeys } {
    const keys = new Map<string, string>()
    for (const [, key = '', value = ''] of words.flatMap((word) => [KEY.exec(word) ?? []])) {
      if (key === '') continue
      if (keys.has(key)) throw new LabError('USAGE', `${key} is given more than once`)
      keys.set(key, value)
    }
    return { names: words.filter((word) => !KEY.test(word)), keys: Object.fromEntries(keys) }
  }

  /**
   * Carries out a change: shows it, asks where nodes restart that nobody has named, and says what came of it.
   *
   * @param asked nodes whose restart the command is about
   */
  protected async carryOut(
    flags: EditFlags,
    change: (options: EditOptions) => Promise<ApplyResult>,
    asked: readonly string[] = [],
  ): Promise<unknown> {
    const isDryRun = flags['dry-run']
    const { readRegularFile } = await import('../input/read-input.js')
    const { elapsedMs, ...done } = await interruptible((signal) =>
      this.changeLab({ yes: flags.yes, asked, signal }, (shown) =>
        change({
          ...{ dryRun: isDryRun, turn: this.turnOf(flags), ...shown },
          readFile: (path) => ({ identity: path, text: readRegularFile(path) }),
        }),
      ),
    )
    if (isDryRun) presentChange(this, done.change)
    this.log(editedText(done.change, { applied: done.applied, isDryRun, elapsedMs }))
    return { ...done.change, applied: done.applied, elapsedMs }
  }
}
