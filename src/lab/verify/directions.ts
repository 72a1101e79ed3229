// The directions of links that are checked.
import { LabError } from '../../errors.js'
import type { Impairment, LinkBackend } from '../../model/impairment.js'
import { findNode, type NamedNode, type RunningLab, selectLab } from '../record/select.js'

/** An interface of a node. */
export interface End {
  node: NamedNode
  interface: string
}

/** The frames that one end of a link sends, or those of one station among them. */
export interface LinkDirection {
  /** Number of the link in the lab. */
  link: number
  from: End
  to: End
  /** The station and the MAC address of its frames; null for all frames that have no impairment of their own. */
  source: { station: string; mac: string } | null
  /** null: a plain veth pair. */
  backend: LinkBackend | null
  impairment: Impairment | null
}

interface Chosen {
  lab: RunningLab
  directions: LinkDirection[]
}

/** Both directions of the link that `[LAB/]NODE:INTERFACE` is an end of. @throws LabError USAGE, NODE_NOT_FOUND, as `selectLab` */
export function directionsOf(endpoint: string, labName?: string): Chosen {
  const [, ofLab, end = ''] = /^(?:(.*)\/)?([^/]*)$/.exec(endpoint) ?? []
  if (!/^[^:]+:[^:]+$/.test(end)) {
    throw new LabError('USAGE', `${JSON.stringify(endpoint)} is not [LAB/]NODE:INTERFACE`, {
      hint: '`nslab link ls` shows the ends of links',
    })
  }
  const lab = selectLab(ofLab ?? labName)
  findNode(lab, end.slice(0, end.indexOf(':')))
  const link = lab.state.links.findIndex((ends) => ends.includes(end))
  if (link < 0) {
    throw new LabError('NODE_NOT_FOUND', `no link of lab ${lab.name} has the end ${end}`, {
      hint: '`nslab link ls` shows the ends of links',
    })
  }
  return { lab, directions: directionsOfLink(lab, link) }
}

/** All directions of links that impair frames. @throws as `selectLab` */
export function impairedDirections(labName?: string): Chosen {
  const lab = selectLab(labName)
  const { links, emulations = [] } = lab.state
  return { lab, directions: links.flatMap((_, link) => (emulations[link] ? directionsOfLink(lab, link) : [])) }
}

function directionsOfLink(lab: RunningLab, link: number): LinkDirection[] {
  const emulated = lab.state.emulations?.[link] ?? null
  const ends = (lab.state.links[link] ?? []).map((text): End => {
    const colon = text.indexOf(':')
    return { node: findNode(lab, text.slice(0, colon)), interface: text.slice(colon + 1) }
  }) as [End, End]
  return [0, 1].flatMap((at): LinkDirection[] => {
    const [from, to] = (at === 0 ? ends : ends.toReversed()) as [End, End]
    const { impairment = null, sources = [] } = emulated?.emulation.directions[at as 0 | 1] ?? {}
    const common = { link, from, to, backend: emulated?.backend ?? null }
    return [
      { ...common, source: null, impairment },
      ...sources.map(({ station, mac, impairment: own }) => ({ ...common, source: { station, mac }, impairment: own })),
    ]
  })
}

export const endText = (end: End): string => `${end.node.name}:${end.interface}`
