// Removing what dead labs left, and giving back what they had of the machine's.
import { returnDevices } from './return-devices.js'
import { writeState } from './state.js'
import { labsWithDevices, sweepLabs } from './store.js'

/**
 * @param onLost told, in a sentence, of each device that is not there any more
 * @returns names of the labs that nothing is left of now
 * @throws KernelError when a device cannot be made what it was; its lab's record stays then.
 */
export async function collect(onLost: (warning: string) => void): Promise<string[]> {
  for (const { name, directory, state } of labsWithDevices()) {
    if (!state) continue
    const { lost, failures } = await returnDevices(state.devices ?? [], () => [])
    if (failures.length > 0) throw failures[0]
    for (const { host } of lost) onLost(`${host.name}, which ${name} had of the machine, is not there any more`)
    writeState(directory, { ...state, devices: [] })
  }
  return sweepLabs()
}
