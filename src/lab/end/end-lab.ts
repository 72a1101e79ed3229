// Takes down a lab: returns the devices of the machine first, and then removes the lab even if a device was not returned.

import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import { netnsOpener, type ReturnResult, returnDevices } from '../devices/return-devices.js'
import type { LabRecord } from '../record/lab-record.js'
import type { TakenDevice } from '../record/taken-device.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { erase } from './erase.js'

/** The kernel returns a hardware device from a namespace below a node soon after the last process there has ended. */
const KERNEL_TRIES = 20
const KERNEL_PAUSE_MS = 50

/** A lab that is to be ended. */
export interface LivingLab extends Pick<LabRecord, 'name' | 'directory' | 'owner' | 'state'> {
  /** null for one that has ended meanwhile. */
  keeper: ProcessIdentity | null
}

/**
 * Takes a lab down. The devices of the machine come back as its state records them; without a state, as the kernel returns them.
 *
 * @param closeCreator closes the descriptor with which the lab's creator keeps an uncommitted lab alive; called in any case
 * @throws LabError CLEANUP_INCOMPLETE when something is left, or a device was not returned; its record is then kept for `gc`.
 */
export async function endLab(lab: LivingLab, closeCreator: () => void = () => {}): Promise<void> {
  const { devices = [] } = lab.state ?? {}
  const { unreturned, failures, routeErrors } = await returnDevices(
    devices,
    lab.state ? netnsOpener(lab.state) : () => [],
  )
  closeCreator()
  erase({ ...lab, unreturned })
  const missing = await awaitKernelReturn(unreturned)
  if (unreturned.length > 0) erase({ ...lab, unreturned: missing.unreturned })
  if (missing.unreturned.length > 0)
    throw unreturnedError(lab.name, missing.unreturned, failures[0] ?? missing.failures[0])
  const [route] = [...routeErrors, ...missing.routeErrors]
  if (route) throw routeError(lab.name, route)
}

/** Waits until the kernel has returned devices, and restores them. */
async function awaitKernelReturn(unreturned: readonly TakenDevice[]): Promise<ReturnResult> {
  let missing = await returnDevices(unreturned, () => [])
  const routeErrors = [...missing.routeErrors]
  for (let tries = 1; tries < KERNEL_TRIES && missing.unreturned.length > 0; tries++) {
    await setTimeout(KERNEL_PAUSE_MS)
    missing = await returnDevices(missing.unreturned, () => [])
    routeErrors.push(...missing.routeErrors)
  }
  return { ...missing, routeErrors }
}

function unreturnedError(lab: string, unreturned: readonly TakenDevice[], cause: unknown): LabError {
  const names = unreturned.map(({ host }) => host.name).join(', ')
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new LabError('CLEANUP_INCOMPLETE', `lab ${lab} is down, but ${names} of the machine did not come back${why}`, {
    cause,
    hint: '`nslab gc` looks for it once more',
  })
}

const routeError = (lab: string, cause: unknown): LabError =>
  new LabError('CLEANUP_INCOMPLETE', `lab ${lab} is down, but a route did not come back: ${(cause as Error).message}`, {
    cause,
  })
