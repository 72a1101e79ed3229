// Tells whether the tests' own process can make cgroups, and prints a warning if it cannot.
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { candidateCgroups } from '../../src/lab/record/cgroup.js'

/** The directory in which the cgroups of labs are made; null when none can be made. */
export function cgroupPlace(): string | null {
  const places = candidateCgroups(
    readFileSync('/proc/self/cgroup', 'utf8'),
    readFileSync('/proc/self/mountinfo', 'utf8'),
  )
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
