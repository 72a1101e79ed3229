// Removes what dead labs left, and restores the devices of the machine that they had.
import { returnDevices } from '../devices/return-devices.js'
import { labsWithDevices, listAllLabs, sweepLabs } from '../record/list-labs.js'
import { writeState } from '../record/state.js'

/**
 * Restores the devices that dead labs had, then removes all dead labs.
 *
 * @param onWarning called with a sentence for each device that no longer exists, each route that the kernel refuses, and each lab
 *   whose state is damaged
 * @returns names of the labs that were removed
 * @throws KernelError when a device cannot be restored; the record of its lab is kept. LabError CLEANUP_INCOMPLETE.
 */
export async function collectGarbage(onWarning: (warning: string) => void): Promise<string[]> {
  for (const { name, directory, state } of labsWithDevices()) {
    if (!state) continue
    const { unreturned, failures, routeErrors } = await returnDevices(state.devices ?? [], () => [])
    if (failures.length > 0) throw failures[0]
    for (const error of routeErrors) onWarning((error as Error).message)
    for (const { host } of unreturned)
      onWarning(`${host.name}, which lab ${name} took from the machine, no longer exists`)
    writeState(directory, { ...state, devices: [] })
  }
  const swept = sweepLabs()
  for (const { name, damage, isOrphaned } of listAllLabs()) {
    const why = isOrphaned ? damage : `its state cannot be read: ${damage}`
    if (damage !== null) onWarning(`lab ${name} runs, but ${why}; \`nslab down ${name}\` takes it down`)
  }
  return swept
}
