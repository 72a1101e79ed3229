// The nodes of a picture, with the text in their boxes.
import type { InterfaceView, NodeView } from '../../model/lab-view.js'
import type { PictureNode } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import { oneLine } from './one-line.js'

/** @param linked names of the interfaces whose addresses are written at the ends of lines */
export function pictureNode(node: NodeView, linked: ReadonlySet<string>, options: PictureOptions): PictureNode {
  const { name, kind, title, status, labels } = node
  const position = Object.hasOwn(options.positions, name) ? options.positions[name] : node.position
  const { groupBy } = options
  const group = groupBy !== null && Object.hasOwn(labels, groupBy) ? labels[groupBy] : undefined
  return {
    id: name,
    kind,
    lines: [...(title === undefined ? [name] : [title, name]), ...ownLines(node, linked, options)].map(oneLine),
    status,
    isBus: isBus(node),
    group: group === undefined ? null : groupId(groupName(group)),
    ...(position ? { position } : {}),
    count: 1,
  }
}

/** A frame has a name, also that of the empty value. */
const groupName = (value: string): string => (value.trim() === '' ? '(empty)' : oneLine(value))

/** A node's name has no colon. */
export const groupId = (label: string): string => `group:${label}`

/** A switch without addresses; those of its loopback and the link-local ones are not written by people. */
export const isBus = ({ kind, interfaces }: NodeView): boolean =>
  kind === 'switch' && interfaces.every((each) => globalAddresses(each).length === 0)

export const globalAddresses = ({ addresses }: InterfaceView): string[] =>
  addresses.flatMap(({ address, scope }) => (scope === 'global' ? [address] : []))

/** Addresses of interfaces that no line ends at, and members of VRFs and bonds. */
function ownLines({ interfaces }: NodeView, linked: ReadonlySet<string>, { labels }: PictureOptions): string[] {
  const hasAddresses = labels === 'addresses' || labels === 'all'
  return interfaces.flatMap((each) => [
    ...(hasAddresses && !linked.has(each.name) ? addressLines(each) : []),
    ...(labels === 'all' ? memberLines(each, interfaces) : []),
  ])
}

function addressLines(each: InterfaceView): string[] {
  const addresses = globalAddresses(each).filter((address) => !address.startsWith('127.') && address !== '::1/128')
  return addresses.map((address) => `${each.name} ${address}`)
}

function memberLines({ name, type }: InterfaceView, interfaces: readonly InterfaceView[]): string[] {
  if (type !== 'bond' && type !== 'vrf') return []
  const members = interfaces.filter(({ master }) => master === name).map((member) => member.name)
  return [`${type} ${name}${members.length === 0 ? '' : `: ${members.join(' ')}`}`]
}
