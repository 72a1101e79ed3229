// Refuses a lab that the limits of the machine or of this user have no room for, before anything of it is made.
import { LabError } from '../../errors.js'
import { type Needs, shortfallsOf } from '../../machine/needs.js'
import { callerOf } from './caller.js'
import { roomOfMachine } from './room.js'

/** Reading all limits takes 3 ms, and a lab of fewer processes fits wherever Node.js itself runs. */
const SMALL = 50

/** @returns warnings about what the lab can do without. @throws LabError LIMIT_TOO_LOW */
export function requireRoom(lab: string, needs: Needs): string[] {
  if (needs.processes < SMALL) return []
  const { rootless, uid } = callerOf()
  const shortfalls = shortfallsOf(needs, roomOfMachine(), !rootless && uid === 0)
  const fatal = shortfalls.filter(({ isFatal }) => isFatal)
  if (fatal.length > 0) {
    throw new LabError('LIMIT_TOO_LOW', `lab ${lab} needs ${fatal.map(({ text }) => text).join('; it needs ')}`, {
      hint: `raise it: ${fatal.map(({ remedy }) => remedy).join('; ')}`,
    })
  }
  return shortfalls.map(({ text, remedy }) => `lab ${lab} needs ${text}; raise it: ${remedy}`)
}
