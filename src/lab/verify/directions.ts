// The directions of links that are checked.
import type { Impairment, LinkBackend } from '../../model/impairment.js'
import { allLinks, type LinkEnd, otherEnd, selectEnd } from '../links/endpoint.js'
import { type RunningLab, selectLab } from '../record/select.js'

/** The frames that one end of a link sends, or those of one station among them. */
export interface LinkDirection {
  from: LinkEnd
  to: LinkEnd
  /** The station and the MAC address of its frames; null for all frames that have no impairment of their own. */
  source: { station: string; mac: string } | null
  /** null: a plain veth pair. */
  backend: LinkBackend | null
  impairment: Impairment | null
}

export interface Chosen {
  lab: RunningLab
  directions: LinkDirection[]
}

/** Both directions of the link that `[LAB/]NODE:INTERFACE` is an end of. @throws as `selectEnd` */
export function directionsOf(endpoint: string, labName?: string): Chosen {
  const end = selectEnd(endpoint, labName)
  return { lab: end.lab, directions: [end, otherEnd(end)].flatMap(directionsFrom) }
}

/** All directions of links that impair frames. @throws as `selectLab` */
export function impairedDirections(labName?: string): Chosen {
  const lab = selectLab(labName)
  const impaired = allLinks(lab).filter((_, link) => lab.state.emulations?.[link])
  return { lab, directions: impaired.flat().flatMap(directionsFrom) }
}

function directionsFrom(from: LinkEnd): LinkDirection[] {
  const emulated = from.lab.state.emulations?.[from.link] ?? null
  const { impairment = null, sources = [] } = emulated?.emulation.directions[from.side] ?? {}
  const common = { from, to: otherEnd(from), backend: emulated?.backend ?? null }
  return [
    { ...common, source: null, impairment },
    ...sources.map(({ station, mac, impairment: own }) => ({ ...common, source: { station, mac }, impairment: own })),
  ]
}
