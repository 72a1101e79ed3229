// Whether the tests' own process can make cgroups; says so loudly where it cannot.
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupPlaces } from '../../src/lab/record/cgroup.js'

/** The directory in which labs' cgroups are made; null where none can be. */
export function cgroupPlace(): string | null {
  const places = cgroupPlaces(readFileSync('/proc/self/cgroup', 'utf8'), readFileSync('/proc/self/mountinfo', 'utf8'))
  return places.find(canMake) ?? null
}

export function hasCgroups(): boolean {
  if (cgroupPlace() !== null) return true
  console.warn('SKIPPED: no cgroup can be made here, so no test shows that nodes have cgroups of their own')
  return false
}

function canMake(place: string): boolean {
  const probe = join(place, `nslab-test.${process.pid}`)
  try {
    mkdirSync(probe)
    rmdirSync(probe)
    return true
  } catch {
    return false
  }
}
