// The common part of commands that keep a running lab equal to its file.
import type { LabError } from '../../errors.js'
import type { Lab } from '../../lab/lab.js'
import { appliedText } from '../../present/change/summary.js'
import { errorDocument } from '../../present/document.js'
import { printable } from '../../present/printable.js'
import { ChangeCommand, type ChangeResult } from '../change/change-command.js'
import { failureText, interruptible } from '../command.js'
import type { Loaded, TopologyFlags } from '../input/source.js'

export interface FollowFlags extends TopologyFlags {
  /** Nodes restart without a question. */
  yes: boolean
}

export abstract class FollowingCommand extends ChangeCommand {
  /**
   * Builds the lab of a file, or takes over the running one, and applies the file at every save, until the lab is down or Ctrl-C.
   *
   * @param build builds the lab, and prints that it is up
   * @throws as `build` and `Lab.apply`, for the first time that the file is read; later failures are printed
   */
  protected async upAndFollow(
    file: string,
    flags: FollowFlags,
    build: (loaded: Loaded, signal: AbortSignal) => Promise<Lab>,
  ): Promise<undefined> {
    const { follow } = await import('./follow.js')
    const { SavedFiles } = await import('./saved-files.js')
    const { loadSource } = await import('../input/source.js')
    const { tablesFor } = await import('../../lab/record/applied/tables.js')
    using files = new SavedFiles()
    const load = () => loadSource(file, { ...flags, tablesOf: tablesFor, onRead: (path) => files.add(path) })
    const apply = (lab: Lab, loaded: Loaded, signal: AbortSignal) => this.applyLoaded(lab, loaded, { ...flags, signal })
    await interruptible(async (signal) => {
      const loaded = load()
      const running = await runningLab(loaded.topology.name)
      if (running) await this.tellApplied(await apply(running, loaded, signal))
      const lab = running ?? (await build(loaded, signal))
      const ended = await follow(lab, files, signal, {
        apply: async () => await this.tellApplied(await apply(lab, load(), signal)),
        onFailure: (failure) => this.tellFailure(failure),
        onReady: () =>
          this.note(`${printable(file)} is applied at every save; Ctrl-C ends that, and leaves the lab up`),
      })
      this.note(
        ended === 'down'
          ? `lab ${lab.name} is down`
          : `lab ${lab.name} stays up; \`nslab down ${lab.name}\` takes it down`,
      )
    })
    return undefined
  }

  private async tellApplied({ change, applied, elapsedMs }: ChangeResult): Promise<void> {
    if (this.jsonEnabled()) this.line({ ...change, applied, elapsedMs })
    else this.log(appliedText(change, { applied, isDryRun: false, elapsedMs }))
  }

  private async tellFailure(failure: LabError): Promise<void> {
    if (this.jsonEnabled()) this.line(errorDocument(failure))
    else process.stderr.write(`${await failureText(failure)}\n`)
  }

  /** One line a document. */
  private line(document: object): void {
    process.stdout.write(`${JSON.stringify(document)}\n`)
  }
}

async function runningLab(name: string): Promise<Lab | null> {
  const { Lab } = await import('../../lab/lab.js')
  return Lab.list().some((lab) => lab.name === name) ? Lab.attach(name) : null
}
