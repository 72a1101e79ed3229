// What matchers read of a running lab, and addresses in one form, so that they can be compared.
import { LabError } from '../errors.js'
import { Lab } from '../lab/lab.js'
import type { LabNode } from '../lab/lab-node.js'
import type { NetworkTable } from '../lab/observe/inspect.js'
import type { LabView, NodeView } from '../model/lab-view.js'
import { formatAddress, type Prefix, parsePrefix } from '../topology/values/prefix.js'

/** A node and its lab, as the kernel has them now. @throws LabError NODE_NOT_FOUND for a dead node */
export async function viewOf(node: LabNode, tables: readonly NetworkTable[]): Promise<{ lab: LabView; own: NodeView }> {
  const lab = await Lab.attach(node.labName).inspect(tables)
  const own = lab.nodes.find(({ name }) => name === node.name)
  if (own && own.status !== 'dead') return { lab, own }
  throw new LabError('NODE_NOT_FOUND', `${node.name} is dead: its first process has ended`)
}

/** @throws LabError USAGE for a text that is neither an address nor a prefix */
export function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix) return prefix
  throw new LabError('USAGE', `${text} is neither an address nor a prefix such as 10.0.9.0/24`)
}

/** An address without its length, in canonical text. @throws as `prefixOf` */
export function addressOf(text: string): string {
  const { family, address } = prefixOf(text)
  return formatAddress(family, address)
}

/** What a node has, a line each. */
export const listText = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? `${title} nothing` : [title, ...lines.map((line) => `  ${line}`)].join('\n')
