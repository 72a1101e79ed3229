// What tests of the language share: a text resolved, and the faults of one as lines.

import { LabError, type TopologyIssue } from '../../../src/errors.js'
import type { ResolvedNode, ResolvedTopology } from '../../../src/model/resolved.js'
import { type Machine, resolveTopology } from '../../../src/topology/resolve.js'
import type { IncludedFile } from '../../../src/topology/source/include.js'
import { type ParseOptions, parseTopology } from '../../../src/topology/source/parse.js'
import type { Topology } from '../../../src/topology/source/topology.js'

export const parse = (text: string, options: ParseOptions = {}): Topology =>
  parseTopology(text, { file: 'lab.yaml', ...options })

export const resolve = (text: string, options: ParseOptions & Machine = {}): ResolvedTopology =>
  resolveTopology(parse(text, options), options)

export function issuesOf(text: string, options: ParseOptions & Machine = {}): TopologyIssue[] {
  try {
    resolve(text, options)
  } catch (error) {
    if (error instanceof LabError && error.code === 'TOPOLOGY_INVALID') return error.issues ?? []
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

/** `FILE:LINE:COLUMN PATH: MESSAGE`; the file is left out where it is the topology's own. */
export const shown = (text: string, options: ParseOptions & Machine = {}): string[] =>
  issuesOf(text, options).map(
    ({ file, line, column, path, message }) =>
      `${file === 'lab.yaml' ? '' : `${file}:`}${line}:${column} ${path}: ${message}`,
  )

/** Links as `A:IF–B:IF`. */
export const linksOf = ({ links }: ResolvedTopology): string[] =>
  links.map(({ endpoints }) => endpoints.map((end) => `${end.node}:${end.interface}`).join('–'))

export function nodeOf(topology: ResolvedTopology, name: string): ResolvedNode {
  const node = topology.nodes.find((each) => each.name === name)
  if (!node) throw new Error(`no node ${name}`)
  return node
}

/** Files by name, as `include` finds them. */
export const filesFrom =
  (files: Record<string, string>) =>
  (path: string): IncludedFile => {
    const text = files[path]
    if (text === undefined) throw new Error(`cannot read ${path}: ENOENT`)
    return { file: path, identity: path, text }
  }
