// The common part of the commands that change a running lab: its progress, warnings and question, and how long it took.
import { LabError } from '../../errors.js'
import type { ApplyOptions, ApplyResult } from '../../lab/change/options.js'
import type { Lab } from '../../lab/lab.js'
import { LabCommand } from '../command.js'
import type { Loaded } from '../input/source.js'

/** What a change needs of the terminal. */
type Shown = Required<Pick<ApplyOptions, 'signal' | 'confirm' | 'onProgress' | 'onWarning'>>

export type ChangeResult = ApplyResult & { elapsedMs: number }

export abstract class ChangeCommand extends LabCommand {
  /**
   * Carries out a change: shows it before it is done, asks where nodes restart, and shows progress and warnings.
   *
   * @param yes nodes restart without a question
   * @param asked nodes whose restart the command is about, so that nobody is asked for them
   */
  protected async changeLab(
    { yes, asked = [], signal }: { yes: boolean; asked?: readonly string[]; signal: AbortSignal },
    change: (shown: Shown) => Promise<ApplyResult>,
  ): Promise<ChangeResult> {
    const began = performance.now()
    const { mayRestart, presentChange } = await import('./consent.js')
    const { ProgressLine } = await import('../progress.js')
    using line = new ProgressLine()
    const result = await change({
      signal,
      confirm: async (planned) => {
        presentChange(this, planned)
        const others = planned.restarts.filter(({ node }) => !asked.includes(node))
        return await mayRestart({ ...planned, restarts: others }, yes, signal)
      },
      onProgress: (progress) => line.update(progress),
      onWarning: (warning) => this.notice(warning),
    })
    return { ...result, elapsedMs: Math.round((performance.now() - began) * 10) / 10 }
  }

  /**
   * Makes a lab equal to a topology that was read from a file.
   *
   * @throws LabError USAGE for a lab of --untrusted without that flag; as `Lab.apply`
   */
  protected async applyLoaded(
    lab: Lab,
    { topology, source }: Loaded,
    flags: { yes: boolean; untrusted?: boolean | undefined; signal: AbortSignal },
    options: Pick<ApplyOptions, 'prune' | 'dryRun' | 'turn'> = {},
  ): Promise<ChangeResult> {
    if (lab.isUntrusted && !flags.untrusted) {
      throw new LabError('USAGE', `lab ${lab.name} was made with --untrusted, and so must its changes be`, {
        hint: 'give --untrusted, too',
      })
    }
    for (const warning of topology.warnings) this.notice(warning)
    return await this.changeLab(flags, (shown) => lab.apply(topology, { source, ...options, ...shown }))
  }
}
