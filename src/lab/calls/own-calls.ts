// The calls that speak netlink, made by this process itself.
import { closeSync } from 'node:fs'
import { buildLab } from '../build/up.js'
import { applyTopology, diffTopology } from '../change/apply.js'
import { checkLab } from '../check/check-lab.js'
import { currentLab } from '../links/change-lab.js'
import { inspectLab } from '../observe/inspect.js'
import { ownLinkCalls } from '../scenario/link-calls.js'
import { watchLab } from '../watch/lab-watch.js'
import type { NetworkCalls } from './network-calls.js'

export const ownCalls: NetworkCalls = {
  async build(topology, options) {
    const { creatorFd, ...lab } = await buildLab(topology, options)
    return { ...lab, creator: creatorFd === null ? null : new Creator(creatorFd) }
  },
  apply: applyTopology,
  diff: async (lab, topology, options) => await diffTopology(await currentLab(lab), topology, options),
  inspect: async (lab, tables) => inspectLab(await currentLab(lab), tables),
  check: async (lab, options) => await checkLab(await currentLab(lab), options),
  watch: watchLab,
  ...ownLinkCalls,
}

/** The descriptor that keeps a lab alive. */
class Creator implements Disposable {
  constructor(private fd: number | null) {}

  [Symbol.dispose](): void {
    if (this.fd !== null) closeSync(this.fd)
    this.fd = null
  }
}
