// Interfaces of nodes of a running lab, ends of links and all others, and which of them change their state together.
import { constants } from 'node:os'
import { KernelError, LabError } from '../../../errors.js'
import { getLink, type LinkInfo, listLinks, parseLink } from '../../../kernel/netlink/rtnl/link.js'
import { suggestion } from '../../../topology/values/suggest.js'
import { findNode, type RunningLab } from '../../record/select.js'
import type { NodeState } from '../../record/state.js'
import { allLinks, type LinkEnd, otherEnd } from '../endpoint.js'
import type { LabNetwork } from '../lab-network.js'

/** An interface that a user names. */
export interface NamedInterface {
  lab: RunningLab
  node: Pick<NodeState, 'name'>
  /** The name in the topology; of one that is in none, in the kernel. */
  interface: string
}

/** An interface that is there. */
export interface InterfaceAt extends NamedInterface {
  node: NodeState
  index: number
}

/** The interface as it is in a lab now. @throws LabError NODE_NOT_FOUND; KernelError */
export async function interfaceNow(lab: RunningLab, network: LabNetwork, named: NamedInterface): Promise<InterfaceAt> {
  const node = findNode(lab, named.node.name)
  const name = named.interface
  const end = endAt(lab, node.name, (each) => each.interface === name)
  if (end) return end
  try {
    const { index } = parseLink(await network.of(node).get(getLink({ target: `${node.name}:${name}`, name })))
    return { lab, node, interface: name, index }
  } catch (cause) {
    if (!(cause instanceof KernelError && cause.errno === constants.errno.ENODEV)) throw cause
    const names = (await linksOf(network, node)).map((each) => each.name)
    const message = `${node.name} has no interface ${name}${suggestion(name, names)}`
    throw new LabError('NODE_NOT_FOUND', message, { cause, hint: `its interfaces: ${names.join(', ')}` })
  }
}

/** The end of a link that an interface is; null for any other interface. */
export const asEnd = ({ lab, node, index }: InterfaceAt): LinkEnd | null =>
  endAt(lab, node.name, (each) => each.index === index)

const endAt = (lab: RunningLab, node: string, isIt: (end: LinkEnd) => boolean): LinkEnd | null =>
  allLinks(lab)
    .flat()
    .find((end) => end.node.name === node && isIt(end)) ?? null

/**
 * The interfaces of which the kernel forgets something when one goes down: itself, those that stand on it, and the same of the other end of
 * its link.
 */
export async function affectedBy(network: LabNetwork, at: InterfaceAt): Promise<InterfaceAt[]> {
  const end = asEnd(at)
  const both: InterfaceAt[] = end ? [end, otherEnd(end)] : [at]
  const stacks = await Promise.all(both.map(async (each) => [each, ...(await above(network, each))]))
  return stacks.flat()
}

async function above(network: LabNetwork, at: InterfaceAt): Promise<InterfaceAt[]> {
  const all = await linksOf(network, at.node)
  const found = new Set([at.index])
  for (const index of found)
    for (const each of all) {
      const isOnIt = each.kind !== 'veth' && each.peerNetnsId === null && each.peerIndex === index
      const isMaster = all.some((member) => member.index === index && member.master === each.index)
      if (isOnIt || isMaster) found.add(each.index)
    }
  const { lab, node } = at
  return all
    .filter(({ index }) => index !== at.index && found.has(index))
    .map(({ index, name }) => asEnd({ lab, node, interface: name, index }) ?? { lab, node, interface: name, index })
}

const linksOf = async (network: LabNetwork, node: NodeState): Promise<LinkInfo[]> =>
  (await network.of(node).dump(listLinks())).map(parseLink)

/** The interface `NODE:INTERFACE` of a lab, which may be there or not. */
export function namedInterface(lab: RunningLab, text: string): NamedInterface {
  const colon = text.indexOf(':')
  return { lab, node: { name: text.slice(0, colon) }, interface: text.slice(colon + 1) }
}

export const interfaceText = ({ node, interface: name }: NamedInterface): string => `${node.name}:${name}`
