// Finds the end of a link that a user names: `[LAB/]NODE:INTERFACE`, or `[LAB/]NODE` where the node has one link.
import { LabError } from '../../errors.js'
import { listLabs } from '../record/list-labs.js'
import { findNode, type RunningLab, selectLab, selectNode } from '../record/select.js'
import type { NodeState } from '../record/state.js'

/** An end of a link of a running lab. */
export interface LinkEnd {
  lab: RunningLab
  node: NodeState
  /** The name in the topology. */
  interface: string
  /** The ifindex, which stays when the node renames the interface. */
  index: number
  /** Place of the link in the state, from 0. */
  link: number
  /** By which the lab's wire knows the link. */
  number: number
  /** Which end of the link it is. */
  side: 0 | 1
}

/** @throws LabError USAGE, NODE_NOT_FOUND, and as `selectLab` */
export function selectEnd(text: string, labName?: string): LinkEnd {
  if (labName !== undefined) return endOf(selectLab(labName), text)
  const { path, name } = partsOf(text)
  const { lab, node } = selectNode(path)
  return endAtNode(lab, node, name)
}

/** The end `NODE:INTERFACE` or `NODE` of a link of a lab. @throws LabError USAGE, NODE_NOT_FOUND */
export function endOf(lab: RunningLab, text: string): LinkEnd {
  const { path, name } = partsOf(text)
  return endAtNode(lab, findNode(lab, path), name)
}

function partsOf(text: string): { path: string; name: string | undefined } {
  const [, path = text, name] = /^(.+?):([^:/]+)$/.exec(text) ?? []
  return { path, name }
}

function endAtNode(lab: RunningLab, node: NodeState, name: string | undefined): LinkEnd {
  const ends = endsOf(lab, node)
  const [only, another] = ends
  if (name === undefined && only && !another) return only
  const found = ends.find((end) => end.interface === name)
  if (found) return found
  const names = ends.map((end) => `${node.name}:${end.interface}`)
  const message = name === undefined ? `${node.name} has ${ends.length} links` : `${node.name} has no link at ${name}`
  const hint = names.length === 0 ? `${node.name} has no links` : `its links: ${names.join(', ')}`
  throw new LabError(name === undefined && names.length > 0 ? 'USAGE' : 'NODE_NOT_FOUND', message, { hint })
}

/**
 * The lab that a text names, and those of its links that it names: all of them for `LAB` and without a text, those of a node for
 * `[LAB/]NODE`, one for `[LAB/]NODE:INTERFACE`.
 *
 * @throws LabError as `selectEnd` and `selectLab`
 */
export function selectLinks(text?: string): { lab: RunningLab; numbers: ReadonlySet<number> } {
  const whole = text === undefined ? selectLab() : labOfName(text)
  if (text === undefined || whole) return { lab: whole as RunningLab, numbers: new Set(whole?.state.links.keys()) }
  if (text.includes(':')) {
    const end = selectEnd(text)
    return { lab: end.lab, numbers: new Set([end.link]) }
  }
  const { lab, node } = selectNode(text)
  return { lab, numbers: new Set(endsOf(lab, node).map(({ link }) => link)) }
}

/** The lab of this name; null for a text that names a node or an end of a link. */
function labOfName(text: string): RunningLab | null {
  if (text.includes('/')) return null
  const running = listLabs().filter(({ state }) => state?.status === 'running')
  if (running.some(({ name }) => name === text)) return selectLab(text)
  const isEnd = running.some(({ state }) =>
    state?.nodes.some(({ name }) => text === name || text.startsWith(`${name}:`)),
  )
  // `USER:LAB`, or a name that selectNode says is none.
  return isEnd || !text.includes(':') ? null : selectLab(text)
}

/** The other end of the same link. */
export function otherEnd(end: LinkEnd): LinkEnd {
  return endAt(end.lab, end.link, end.side === 0 ? 1 : 0)
}

export const endText = ({ node, interface: name }: Pick<LinkEnd, 'node' | 'interface'>): string =>
  `${node.name}:${name}`

/** Both ends of each link, in the order of the state. */
export const allLinks = (lab: RunningLab): [LinkEnd, LinkEnd][] =>
  lab.state.links.map((_, link) => endsOfLink(lab, link))

/** Both ends of the link with this number. */
export const endsOfLink = (lab: RunningLab, link: number): [LinkEnd, LinkEnd] => [
  endAt(lab, link, 0),
  endAt(lab, link, 1),
]

const endsOf = (lab: RunningLab, node: NodeState): LinkEnd[] =>
  allLinks(lab)
    .flat()
    .filter((end) => end.node.name === node.name)

function endAt(lab: RunningLab, link: number, side: 0 | 1): LinkEnd {
  const { links, linkIndexes, linkNumbers } = lab.state
  const text = links[link]?.[side] ?? ':'
  const colon = text.indexOf(':')
  const node = findNode(lab, text.slice(0, colon))
  const number = linkNumbers?.[link] ?? link
  return { lab, node, interface: text.slice(colon + 1), index: linkIndexes[link]?.[side] ?? 0, link, number, side }
}
