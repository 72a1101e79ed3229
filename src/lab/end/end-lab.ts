// Taking down a lab that stands, whoever made it: what it has of the machine's comes back first, and whatever comes of that, the
// rest goes.

import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import { netnsIn, type Returned, returnDevices } from '../devices/return-devices.js'
import type { RunningLab } from '../record/select.js'
import type { TakenDevice } from '../record/taken-device.js'
import { erase } from './erase.js'

/** A card that is somewhere below a node is returned by the kernel, soon after the last process there has ended. */
const KERNEL_TRIES = 20
const KERNEL_PAUSE_MS = 50

/**
 * @param release lets go of what holds the lab for its creator; called in any case
 * @throws LabError CLEANUP_INCOMPLETE when something is left, such as a device that did not come back, whose record then is
 * kept for `gc`.
 */
export async function endLab(lab: RunningLab, release: () => void = () => {}): Promise<void> {
  const { devices = [], keeper } = lab.state
  const { lost, failures, refused } = await returnDevices(devices, netnsIn(lab.state))
  release()
  erase({ ...lab, keeper, lost })
  const missing = await returnedByKernel(lost)
  if (lost.length > 0) erase({ ...lab, keeper, lost: missing.lost })
  if (missing.lost.length > 0) throw notBack(lab.name, missing.lost, failures[0] ?? missing.failures[0])
  const [route] = [...refused, ...missing.refused]
  if (route) throw routeLost(lab.name, route)
}

async function returnedByKernel(lost: readonly TakenDevice[]): Promise<Returned> {
  let missing = await returnDevices(lost, () => [])
  const refused = [...missing.refused]
  for (let tries = 1; tries < KERNEL_TRIES && missing.lost.length > 0; tries++) {
    await setTimeout(KERNEL_PAUSE_MS)
    missing = await returnDevices(missing.lost, () => [])
    refused.push(...missing.refused)
  }
  return { ...missing, refused }
}

function notBack(lab: string, lost: readonly TakenDevice[], cause: unknown): LabError {
  const names = lost.map(({ host }) => host.name).join(', ')
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new LabError('CLEANUP_INCOMPLETE', `lab ${lab} is down, but ${names} of the machine did not come back${why}`, {
    cause,
    hint: '`nslab gc` looks for it once more',
  })
}

const routeLost = (lab: string, cause: unknown): LabError =>
  new LabError('CLEANUP_INCOMPLETE', `lab ${lab} is down, but a route did not come back: ${(cause as Error).message}`, {
    cause,
  })
