// Removing what dead labs left, and giving back what they had of the machine's.
import { returnDevices } from '../devices/return-devices.js'
import { writeState } from '../record/state.js'
import { labsWithDevices, sweepLabs } from '../record/store.js'

/**
 * @param onWarning told, in a sentence, of each device that is not there any more, and of each route that is refused
 * @returns names of the labs that nothing is left of now
 * @throws KernelError when a device cannot be made what it was; its lab's record stays then.
 */
export async function collectGarbage(onWarning: (warning: string) => void): Promise<string[]> {
  for (const { name, directory, state } of labsWithDevices()) {
    if (!state) continue
    const { lost, failures, refused } = await returnDevices(state.devices ?? [], () => [])
    if (failures.length > 0) throw failures[0]
    for (const error of refused) onWarning((error as Error).message)
    for (const { host } of lost) onWarning(`${host.name}, which ${name} had of the machine, is not there any more`)
    writeState(directory, { ...state, devices: [] })
  }
  return sweepLabs()
}
