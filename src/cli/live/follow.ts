// Keeps a running lab equal to a file: applies it at every save, until the lab is down or the signal is aborted.
import { LabError } from '../../errors.js'
import type { Lab } from '../../lab/lab.js'
import type { LabWatch } from '../../lab/watch/lab-watch.js'
import type { SavedFiles } from './saved-files.js'

export interface Following {
  /** Applies the file, and adds all that it consists of to the saved files again. */
  apply: () => Promise<void>
  /** Called with the failure of a save, such as faults of the file. */
  onFailure: (failure: LabError) => Promise<void>
  /** Called when every save from now on is noticed. */
  onReady: () => void
}

/**
 * @param files has all files of which the lab was made
 * @returns why it ended: `down` when the lab is down, `interrupted` when the signal was aborted, which leaves the lab as it is
 * @throws what is a bug of nslab
 */
export async function follow(
  lab: Lab,
  files: SavedFiles,
  signal: AbortSignal,
  { apply, onFailure, onReady }: Following,
): Promise<'down' | 'interrupted'> {
  const down = new AbortController()
  const life = lab.watch({ events: ['lab'] })
  const isTold = abortAtDown(life, down)
  try {
    const either = AbortSignal.any([signal, down.signal])
    onReady()
    while (await files.next(either)) {
      try {
        await apply()
      } catch (error) {
        if (!(error instanceof LabError) || error.code === 'INTERNAL') throw error
        if (!signal.aborted) await onFailure(error)
      }
    }
    return down.signal.aborted ? 'down' : 'interrupted'
  } finally {
    await life.return()
    await isTold
  }
}

async function abortAtDown(life: LabWatch, down: AbortController): Promise<void> {
  for await (const { event, action } of life) if (event === 'lab' && action === 'down') down.abort()
}
