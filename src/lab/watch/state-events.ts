// What two states of a lab say of changed impairments. Pure.
import type { EmulatedLink } from '../../model/impairment.js'
import type { EntryAction, ImpairmentEvent } from '../../model/lab-event.js'
import { directionText } from '../../topology/emulation/impairment-text.js'
import type { LabState } from '../record/state.js'

type Impaired = Pick<ImpairmentEvent, 'impairments' | 'emulation'>

const NONE: Impaired = { impairments: null, emulation: null }

/** The directions of links that do something else to frames than before; links that are new or gone included. */
export function impairmentEvents(before: LabState, after: LabState): ImpairmentEvent[] {
  const [was, is] = [directionsOf(before), directionsOf(after)]
  const at = new Date().toISOString()
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((key): ImpairmentEvent[] => {
    const [old, now] = [was.get(key) ?? NONE, is.get(key) ?? NONE]
    if (old.impairments === now.impairments && old.emulation === now.emulation) return []
    const [from, to] = JSON.parse(key) as [string, string]
    const node = from.slice(0, from.indexOf(':'))
    return [{ at, event: 'impairment', action: actionOf(old, now), node, from, to, ...now, was: old }]
  })
}

function actionOf(old: Impaired, now: Impaired): EntryAction {
  if (old.impairments === null && now.impairments !== null) return 'add'
  return now.impairments === null && old.impairments !== null ? 'remove' : 'change'
}

/** By both endpoints. Plain links are left out. */
function directionsOf({ links, emulations = [] }: LabState): Map<string, Impaired> {
  const directions = new Map<string, Impaired>()
  for (const [link, emulated] of emulations.entries()) {
    const ends = links[link]
    if (!emulated || !ends) continue
    for (const side of [0, 1] as const) {
      const key = JSON.stringify([ends[side], ends[1 - side]])
      directions.set(key, impairedOf(emulated, side))
    }
  }
  return directions
}

function impairedOf({ backend, emulation }: EmulatedLink, side: 0 | 1): Impaired {
  const impairments = directionText(emulation.directions[side])
  return { impairments, emulation: impairments === null ? null : backend }
}
