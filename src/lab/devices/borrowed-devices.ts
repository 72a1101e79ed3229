// Devices of the machine's own while a lab is being built: they come back before anything of it is taken down.

import { closeSync, openSync } from 'node:fs'
import { attempt } from '../../kernel/attempt.js'
import type { DeviceMove } from '../../plan/op.js'
import type { Plan } from '../../plan/plan.js'
import type { TakenDevice } from '../record/taken-device.js'
import { describeDevices } from './host-devices.js'
import { type Returned, returnDevices } from './return-devices.js'

/** Whoever makes it calls `giveBack` or `release` in the end. */
export class BorrowedDevices {
  private taken: readonly TakenDevice[] = []
  /** Network namespaces that one may be in, by node. */
  private readonly held = new Map<string, number>()

  /** What the plan takes, to be written down before it is taken. @throws as `describeDevices`. */
  async describe({ nodes }: Plan): Promise<TakenDevice[]> {
    const taken = await describeDevices(
      nodes.flatMap(({ devices }) => devices.filter((op): op is DeviceMove => op.op === 'device.move')),
    )
    this.taken = taken
    return taken
  }

  /** Keeps a node's network namespace within reach. */
  hold(node: string, netnsFd: number): void {
    if (!this.held.has(node)) this.held.set(node, duplicate(netnsFd))
  }

  /** Brings all of them back, as far as it can be done. */
  async giveBack(): Promise<Returned> {
    const { held } = this
    const reachable = this.taken.filter(({ node }) => held.has(node))
    try {
      return await returnDevices(reachable, (node) => [duplicate(held.get(node) as number)])
    } finally {
      this.release()
    }
  }

  /** Leaves them where they are. */
  release(): void {
    for (const fd of this.held.values()) closeSync(fd)
    this.held.clear()
    this.taken = []
  }
}

function duplicate(fd: number): number {
  const path = `/proc/self/fd/${fd}`
  return attempt('open namespace', path, () => openSync(path, 'r'))
}
