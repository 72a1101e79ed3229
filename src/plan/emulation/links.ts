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
export const FIRST_WIRE_INDEX = 1_000_000

/** The emulation of each link, by number; null for a veth pair alone. @throws LabError as `backendOf` */
export const emulatedLinks = (links: readonly ResolvedLink[], kinds: KernelKinds): (EmulatedLink | null)[] =>
  links.map(({ emulation, endpoints }) => {
    const backend = emulation ? backendOf(emulation, kinds, endpoints.map(endText).join(' – ')) : null
    return emulation && backend ? { backend, emulation } : null
  })

export const endText = ({ node, interface: name }: Endpoint): string => `${node}:${name}`

/** ifindexes of the wire's ends of a link. The two ends of a veth pair must not have the same: these are above all others. */
export const wireIndexes = (link: number): [number, number] => [
  FIRST_WIRE_INDEX + 2 * link,
  FIRST_WIRE_INDEX + 2 * link + 1,
]

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
/** Whether frames of a link are impaired at all. */
export const isImpaired = ({ directions }: LinkEmulation): boolean =>
  directions.some((direction) => impairmentsOf(direction).length > 0)
