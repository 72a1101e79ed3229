// What differs of nodes as a whole, of their contents, and of what the lab's state alone has. Pure.
import type { Difference, NodeRestart } from '../../../model/change/lab-change.js'
import type { ResolvedNode } from '../../../model/resolved.js'
import type { InsideChange } from '../change-plan.js'
import type { NodeChanges } from './node-change.js'

export function* nodeDifferences(
  nodes: readonly ResolvedNode[],
  { added, removed, restarts }: NodeChanges,
): Generator<Difference> {
  for (const { name, kind } of nodes)
    if (added.has(name)) yield { kind: 'add', node: name, part: 'node', name, to: kind }
  for (const name of removed) yield { kind: 'remove', node: name, part: 'node', name }
  for (const restart of restarts)
    yield { kind: 'change', node: restart.node, part: 'node', name: restart.node, note: restartNote(restart) }
}

function restartNote({ reason, isNewNetwork, isDead }: NodeRestart): string {
  const what = isNewNetwork
    ? 'is made anew with a new network, and its links with it'
    : 'is restarted and keeps its network'
  return `${what}: ${reason}${isDead ? '' : '; its processes end'}`
}

const NAMES = { hostname: 'hostname', domainname: 'domainname', hosts: '/etc/hosts' } as const

export function* insideDifferences({ node, from, to }: InsideChange): Generator<Difference> {
  for (const key of ['hostname', 'domainname'] as const) {
    const [was, is] = [from[key], to[key]].map((value) => value ?? 'none')
    if (to[key] !== undefined)
      yield { kind: 'change', node, part: key, name: NAMES[key], from: was as string, to: is as string }
  }
  if (to.hosts !== undefined) yield { kind: 'change', node, part: 'file', name: NAMES.hosts }
  const before = new Set(from.files?.map(({ path }) => path))
  const after = new Set(to.files?.map(({ path }) => path))
  for (const path of after) yield { kind: before.has(path) ? 'change' : 'add', node, part: 'file', name: path }
  for (const path of before) if (!after.has(path)) yield { kind: 'remove', node, part: 'file', name: path }
}

/** What only the lab's state has: kind, title, position, labels, environment, commands. */
export function* stateDifferences(before: ResolvedNode, after: ResolvedNode): Generator<Difference> {
  const node = after.name
  if (before.kind !== after.kind)
    yield { kind: 'change', node, part: 'kind', name: node, from: before.kind, to: after.kind }
  if (before.title !== after.title) yield changeOf(node, 'title', node, before.title, after.title)
  const [from, to] = [before.position, after.position].map((position) => position && `${position.x}, ${position.y}`)
  if (from !== to) yield changeOf(node, 'position', node, from, to)
  yield* mapDifferences(node, 'label', before.labels, after.labels)
  yield* mapDifferences(node, 'env', before.contents?.env ?? {}, after.contents?.env ?? {})
  const [old, next] = [before, after].map(({ contents }) => contents?.commands ?? [])
  for (const command of newCommands(old ?? [], next ?? []))
    yield { kind: 'add', node, part: 'exec', name: command.join(' ') }
  for (const command of newCommands(next ?? [], old ?? []))
    yield { kind: 'remove', node, part: 'exec', name: command.join(' ') }
}

/** The commands that were added, each as often as it was. */
export function newCommands(before: readonly string[][], after: readonly string[][]): string[][] {
  const left = before.map((command) => JSON.stringify(command))
  return after.filter((command) => {
    const at = left.indexOf(JSON.stringify(command))
    if (at < 0) return true
    left.splice(at, 1)
    return false
  })
}

function* mapDifferences(
  node: string,
  part: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Generator<Difference> {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[key] !== after[key]) yield changeOf(node, part, key, before[key], after[key])
  }
}

function changeOf(
  node: string,
  part: string,
  name: string,
  from: string | undefined,
  to: string | undefined,
): Difference {
  const kind = from === undefined ? 'add' : to === undefined ? 'remove' : 'change'
  return { kind, node, part, name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}
