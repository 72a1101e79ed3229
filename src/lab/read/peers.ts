// Finds the other ends of veth pairs among the network namespaces of a lab. Each end says the ifindex of the other one (IFLA_LINK), and
// by which id its namespace knows that of the other (IFLA_LINK_NETNSID). Pure but for the question which id that is.
import type { ObservedInterface } from '../../plan/change/observed.js'
import type { ReadLink } from './interfaces.js'

/** The links of one network namespace, and a node that is in it. */
export interface PeerNetwork {
  node: string
  links: readonly ReadLink[]
}

/** The id that the namespace of `from` has for that of `to`; null for none. */
export type NetnsIdOf = (from: PeerNetwork, to: PeerNetwork) => number | null

type Place = { network: PeerNetwork; link: ReadLink }

export class Peers {
  /** Veth ends by the pair of ifindexes, the own one and the other. */
  private readonly byIndexes = new Map<string, Place[]>()

  constructor(
    networks: readonly PeerNetwork[],
    private readonly netnsIdOf: NetnsIdOf,
  ) {
    for (const network of networks) {
      for (const link of network.links) {
        if (link.peerIndex === null) continue
        const key = keyOf(link.index, link.peerIndex)
        const those = this.byIndexes.get(key)
        if (those) those.push({ network, link })
        else this.byIndexes.set(key, [{ network, link }])
      }
    }
  }

  /** The other end of a link of a namespace; null when it is in none of these, and for what is no veth end. */
  of(network: PeerNetwork, link: ReadLink): ObservedInterface['peer'] {
    const { index, peerIndex, peerNetnsId } = link
    if (peerIndex === null) return null
    const isHere = peerNetnsId === null
    const candidates = (this.byIndexes.get(keyOf(peerIndex, index)) ?? []).filter(
      (each) => (each.network === network) === isHere && (each.link.peerNetnsId === null) === isHere,
    )
    const [only, another] = candidates
    if (!only) return null
    const found =
      another === undefined ? only : candidates.find((each) => this.netnsIdOf(network, each.network) === peerNetnsId)
    return found ? { node: found.network.node, index: found.link.index } : null
  }
}

const keyOf = (own: number, other: number): string => `${own} ${other}`
