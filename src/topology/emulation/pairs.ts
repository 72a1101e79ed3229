// Pairs of stations of a LAN: which frames of which sender have impairments of their own at which receiver.
import type { ResolvedInterface } from '../../model/resolved.js'
import type { WrittenImpairments } from '../schema/impairments.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { EVERY, type Pair, parsePair } from '../values/pair.js'
import { suggestion } from '../values/suggest.js'
import type { WiredEnd, WiredLink } from '../wiring/wire-links.js'
import type { Layer } from './layers.js'

/** The interfaces of each node. */
export type Interfaces = ReadonlyMap<string, readonly ResolvedInterface[]>

/** What is written of the frames of a sender, on the link of their receiver. */
export interface PairOf {
  sender: WiredEnd
  layer: Layer & { path: [...Layer['path']] }
}

/** Each pair of stations needs a class on the receiver's port. */
const MAX_PAIRS = 50_000

/** The links of a LAN with pairs, each from a station to the LAN's switch. */
export class Pairs {
  private readonly byReceiver = new Map<WiredLink, PairOf[]>()
  private count = 0

  /** Refuses pairs of unknown stations. */
  constructor(
    private readonly topology: Topology,
    links: readonly WiredLink[],
    private readonly faults: Faults,
  ) {
    const lans = new Map<string, WiredLink[]>()
    for (const link of links) {
      if (topology.links[link.index]?.pairs === undefined) continue
      const name = link.ends[1].node
      lans.set(name, [...(lans.get(name) ?? []), link])
    }
    for (const legs of lans.values()) this.addLan(legs)
  }

  /** In the order of the senders' endpoints. */
  of(link: WiredLink): readonly PairOf[] {
    return this.byReceiver.get(link) ?? []
  }

  private addLan(legs: readonly WiredLink[]): void {
    const stations = legs.map(({ ends: [station] }) => station)
    for (const leg of legs) {
      const written = Object.entries(this.topology.links[leg.index]?.pairs ?? {})
      const all = written.flatMap(([text, impairments]) => {
        const path = ['links', leg.index, 'pairs', text]
        const pair = parsePair(text)
        // The schema has refused what is no pair.
        if (typeof pair === 'string') return []
        const unknown = [pair.from, pair.to].filter((station) => !stations.some((each) => isMeant(station, each)))
        for (const station of unknown) this.refuseStation(station, stations, [...path])
        return unknown.length > 0 ? [] : [{ pair, impairments, path }]
      })
      const found = legs.flatMap((other) => {
        if (other === leg) return []
        const [sender, receiver] = [other.ends[0], leg.ends[0]]
        const last = all.findLast(({ pair }) => fits(pair, sender, receiver))
        return last ? [{ sender, layer: { written: last.impairments as WrittenImpairments, path: last.path } }] : []
      })
      this.count += found.length
      if (this.count > MAX_PAIRS && this.count - found.length <= MAX_PAIRS)
        this.faults.add(
          ['links', leg.index, 'pairs'],
          `the pairs up to here are of over ${MAX_PAIRS} senders and receivers`,
          'key',
        )
      this.byReceiver.set(leg, this.count > MAX_PAIRS ? [] : found)
    }
  }

  private refuseStation(station: string, stations: readonly WiredEnd[], path: (string | number)[]): void {
    const names = stations.flatMap(({ node, interface: name }) =>
      station.includes(':') ? [`${node}:${name}`] : [node],
    )
    const known = [...new Set(names)]
    const help = suggestion(station, known) || `; there are ${known.slice(0, 20).join(', ')}`
    this.faults.add(path, `${station} is no station of this LAN${help}`, 'key')
  }
}

const fits = ({ from, to, isBoth }: Pair, sender: WiredEnd, receiver: WiredEnd): boolean =>
  (isMeant(from, sender) && isMeant(to, receiver)) || (isBoth && isMeant(from, receiver) && isMeant(to, sender))

const isMeant = (text: string, { node, interface: name }: WiredEnd): boolean =>
  text === EVERY || text === node || text === `${node}:${name}`

/**
 * The MAC addresses that frames of a station have: that of its interface, and those of the bridges and bonds that the interface
 * is in.
 */
export function macsOf({ node, interface: name }: WiredEnd, interfaces: Interfaces): string[] {
  const all = interfaces.get(node) ?? []
  const macs = new Set<string>()
  for (let at = find(all, name); at; at = at.master === null ? undefined : find(all, at.master))
    if (at.mac !== null) macs.add(at.mac)
  return [...macs]
}

const find = (all: readonly ResolvedInterface[], name: string): ResolvedInterface | undefined =>
  all.find((each) => each.name === name)
