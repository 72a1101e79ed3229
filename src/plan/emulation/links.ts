// What a plan does for links that are emulated: by the kernel, operations on both ends; by the wire, two veth pairs instead of one.
import type { EmulatedLink, LinkEmulation } from '../../model/impairment.js'
import type { KernelKinds } from '../../model/kernel-kinds.js'
import type { Endpoint, ResolvedLink, ResolvedTopology } from '../../model/resolved.js'
import { backendOf } from './backend.js'
import { impairmentsOf } from './only-wire.js'

/** The node of a plan that stands for the lab's wire, whose ends of links are in a network namespace of its own. */
export const WIRE_NODE = '@wire'
/** Of the wire's ends, the longest of a veth: the ends in the nodes alone decide which frames they take, also when their MTU changes. */
export const WIRE_MTU = 65_535
/** The first ifindex of the wire's ends, above those of any node. */
const FIRST_INDEX = 1_000_000

/** The emulation of each link, by number; null for a veth pair alone. @throws LabError as `backendOf` */
export const emulatedLinks = (links: readonly ResolvedLink[], kinds: KernelKinds): (EmulatedLink | null)[] =>
  links.map(({ emulation, endpoints }) => {
    const backend = emulation ? backendOf(emulation, kinds, endpoints.map(endText).join(' – ')) : null
    return emulation && backend ? { backend, emulation } : null
  })

export const endText = ({ node, interface: name }: Endpoint): string => `${node}:${name}`

/** ifindexes of the wire's ends of a link. The two ends of a veth pair must not have the same: these are above all others. */
export const wireIndexes = (link: number): [number, number] => [FIRST_INDEX + 2 * link, FIRST_INDEX + 2 * link + 1]

/** Names of the wire's ends of a link. */
export const wireNames = (link: number): [string, string] => [`w${link}a`, `w${link}b`]

/** The topology with plain links instead of those that the wire would carry, and these links. @throws LabError as `backendOf` */
export function withoutWire(
  topology: ResolvedTopology,
  kinds: KernelKinds,
): { topology: ResolvedTopology; carried: ResolvedLink[] } {
  const emulated = emulatedLinks(topology.links, kinds)
  const isCarried = (_: unknown, number: number): boolean => emulated[number]?.backend === 'wire'
  const carried = topology.links.filter(isCarried)
  if (carried.length === 0) return { topology, carried }
  const links = topology.links.map((link, number) => {
    const { emulation, ...plain } = link
    return isCarried(link, number) ? plain : link
  })
  return { topology: { ...topology, links }, carried }
}

/**
 * Whether a link carries single frames alone (GSO). Disciplines and the wire count, lose, delay and queue packets, so each must be
 * one frame. The kernel cuts a packet with more segments only after the disciplines of an interface, so that one from another
 * link would enter them whole: where the kernel emulates one link, all links of the lab carry single frames.
 */
export function carriesSingleFrames(emulated: readonly (EmulatedLink | null)[]): (link: number) => boolean {
  const areAllSingle = emulated.some((link) => link !== null && link.backend !== 'wire' && isImpaired(link.emulation))
  return (link) => {
    const own = emulated[link] ?? null
    return areAllSingle || (own !== null && isImpaired(own.emulation))
  }
}

/** Whether frames of a link are impaired at all; a wire without impairments carries super-packets (GSO) whole. */
export const isImpaired = ({ directions }: LinkEmulation): boolean =>
  directions.some((direction) => impairmentsOf(direction).length > 0)
