// The edits that a command asks for, checked against what a lab has.
import { LabError } from '../../errors.js'
import type { Endpoint, ResolvedTopology } from '../../model/resolved.js'
import type { TopologyEdit, WrittenKeys } from '../../model/source/topology-edit.js'
import { suggestion } from '../values/suggest.js'
import { interfaceNameFault, nameFault } from '../values/values.js'
import { endOf } from './ends.js'

/** @throws LabError USAGE for a name that no node can have, ALREADY_EXISTS */
export function nodeAddition(
  present: ResolvedTopology,
  node: string,
  keys: WrittenKeys,
  directory?: string,
): TopologyEdit[] {
  const fault = nameFault(node)
  if (fault !== null) throw new LabError('USAGE', `${JSON.stringify(node)}: ${fault}`)
  if (present.nodes.some(({ name }) => name === node))
    throw new LabError('ALREADY_EXISTS', `lab ${present.name} has a node ${node} already`, {
      hint: `\`nslab node restart ${node}\` starts it anew; \`nslab node rm ${node}\` removes it`,
    })
  return [{ edit: 'node.add', node, keys, ...(directory === undefined ? {} : { directory }) }]
}

/** The nodes, after all links to them. @throws LabError NODE_NOT_FOUND; USAGE when none would be left */
export function nodeRemovals(present: ResolvedTopology, nodes: readonly string[]): TopologyEdit[] {
  const names = new Set(nodes)
  for (const name of names) requireNode(present, name)
  if (names.size === present.nodes.length)
    throw new LabError('USAGE', `no node of lab ${present.name} would be left`, {
      hint: `\`nslab down ${present.name}\` takes the lab down`,
    })
  const links = present.links.flatMap(({ endpoints }, place) =>
    endpoints.some(({ node }) => names.has(node)) ? [place] : [],
  )
  return [...linkRemovals(present, links), ...[...names].map((node) => ({ edit: 'node.remove', node }) as const)]
}

/** @throws LabError NODE_NOT_FOUND, ALREADY_EXISTS for an interface that the node has, USAGE */
export function linkAddition(
  present: ResolvedTopology,
  ends: readonly [string, string],
  keys: WrittenKeys,
  directory?: string,
): TopologyEdit[] {
  for (const { node, interface: name } of ends.map(endOf)) {
    requireNode(present, node)
    const fault = name === undefined ? null : interfaceNameFault(name)
    if (fault !== null) throw new LabError('USAGE', `${node}:${name}: ${fault}`)
    const link = present.links.find(({ endpoints }) =>
      endpoints.some((end) => end.node === node && end.interface === name),
    )
    const isThere = present.nodes.some(
      (each) => each.name === node && each.interfaces.some((taken) => taken.name === name),
    )
    if (!isThere) continue
    const what = link ? `an end of the link ${link.endpoints.map(textOf).join(' – ')}` : 'an interface of that node'
    throw new LabError('ALREADY_EXISTS', `${node}:${name} is ${what} already`, {
      hint: `leave the interface out, and it gets a free name: nslab link add ${ends.map((end) => endOf(end).node).join(' ')}`,
    })
  }
  const [a, b] = ends
  return [{ edit: 'link.add', ends: [a, b], keys, ...(directory === undefined ? {} : { directory }) }]
}

/** @param places of links, from 0 */
export function linkRemovals({ links }: ResolvedTopology, places: readonly number[]): TopologyEdit[] {
  // The last first, so that the others keep their places.
  return [...new Set(places)]
    .sort((a, b) => b - a)
    .flatMap((link) => {
      const [a, b] = links[link]?.endpoints ?? []
      return a && b ? [{ edit: 'link.remove' as const, link, ends: [textOf(a), textOf(b)] as [string, string] }] : []
    })
}

/** The place of the link with an end `NODE:INTERFACE`, or of the only link of `NODE`. @throws LabError NODE_NOT_FOUND, USAGE */
export function linkPlace(present: ResolvedTopology, text: string): number {
  const { node, interface: name } = endOf(text)
  requireNode(present, node)
  const own = present.links.flatMap(({ endpoints }, place) =>
    endpoints.flatMap((end) => (end.node === node ? [{ place, end }] : [])),
  )
  const [only, another] = own
  const found = name === undefined ? (another ? undefined : only) : own.find(({ end }) => end.interface === name)
  if (found) return found.place
  const names = own.map(({ end }) => textOf(end))
  if (names.length === 0) throw new LabError('NODE_NOT_FOUND', `${node} has no links`)
  const message = name === undefined ? `${node} has ${own.length} links` : `${node} has no link at ${name}`
  const hint = `its links: ${names.join(', ')}`
  throw new LabError(name === undefined && another ? 'USAGE' : 'NODE_NOT_FOUND', message, { hint })
}

/** @throws LabError NODE_NOT_FOUND */
export function requireNode({ name: lab, nodes }: ResolvedTopology, node: string): void {
  const names = nodes.map(({ name }) => name)
  if (names.includes(node)) return
  const guess = suggestion(node, names)
  const shown = names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ')
  throw new LabError('NODE_NOT_FOUND', `lab ${lab} has no node ${node}${guess}`, { hint: `its nodes: ${shown}` })
}

const textOf = ({ node, interface: name }: Endpoint): string => `${node}:${name}`
