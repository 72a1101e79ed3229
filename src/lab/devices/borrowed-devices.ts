// Devices of the machine that a lab has taken while it is being built. If building fails, they are given back before the nodes
// end, since the kernel destroys some kinds, such as taps, with their namespace.

import { closeSync, openSync } from 'node:fs'
import { attempt } from '../../kernel/attempt.js'
import type { DeviceMove } from '../../plan/op.js'
import type { Plan } from '../../plan/plan.js'
import type { TakenDevice } from '../record/taken-device.js'
import { describeDevices } from './host-devices.js'
import { type ReturnResult, returnDevices } from './return-devices.js'

/** The owner calls `giveBack` or `leaveInLab` in the end; each closes the descriptors. */
export class BorrowedDevices {
  private taken: readonly TakenDevice[] = []
  /** Descriptors of the nodes' network namespaces, by the name of the node. */
  private readonly held = new Map<string, number>()

  /** Describes the devices that a plan takes, for the lab's state, which is written before. @throws as `describeDevices`. */
  async describe({ nodes }: Plan): Promise<TakenDevice[]> {
    const taken = await describeDevices(
      nodes.flatMap(({ devices }) => devices.filter((op): op is DeviceMove => op.op === 'device.move')),
    )
    this.taken = taken
    return taken
  }

  /** Duplicates a descriptor of a node's network namespace, so that devices can be given back from it. */
  hold(node: string, netnsFd: number): void {
    if (!this.held.has(node)) this.held.set(node, duplicate(netnsFd))
  }

  /** Gives back the devices of all nodes whose network namespace is held. Errors are in the result. */
  async giveBack(): Promise<ReturnResult> {
    const { held } = this
    const reachable = this.taken.filter(({ node }) => held.has(node))
    try {
      return await returnDevices(reachable, (node) => [duplicate(held.get(node) as number)])
    } finally {
      this.leaveInLab()
    }
  }

  /** Leaves the devices in the lab, and forgets them. */
  leaveInLab(): void {
    for (const fd of this.held.values()) closeSync(fd)
    this.held.clear()
    this.taken = []
  }
}

function duplicate(fd: number): number {
  const path = `/proc/self/fd/${fd}`
  return attempt('open namespace', path, () => openSync(path, 'r'))
}
