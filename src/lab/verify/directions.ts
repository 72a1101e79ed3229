// The directions of links that are checked.
import { LabError } from '../../errors.js'
import type { Impairment, LinkBackend } from '../../model/impairment.js'
import { allLinks, endText, type LinkEnd, otherEnd } from '../links/endpoint.js'
import type { RunningLab } from '../record/select.js'

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

/** Both directions of a link, that from the given end first. */
export const directionsOf = (end: LinkEnd): LinkDirection[] => [end, otherEnd(end)].flatMap(directionsFrom)

/** All directions of the links that impair frames. */
export const impairedDirections = (lab: RunningLab): LinkDirection[] =>
  allLinks(lab)
    .filter((_, link) => lab.state.emulations?.[link])
    .flat()
    .flatMap(directionsFrom)

/** Both directions of the link with the end `NODE:INTERFACE`, or of all that impair frames. @throws LabError NODE_NOT_FOUND */
export function chosenDirections(lab: RunningLab, endpoint: string | undefined): LinkDirection[] {
  if (endpoint === undefined) return impairedDirections(lab)
  const end = allLinks(lab)
    .flat()
    .find((each) => endText(each) === endpoint)
  if (end) return directionsOf(end)
  throw new LabError('NODE_NOT_FOUND', `no link of lab ${lab.name} has the end ${endpoint}`)
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
