// What matchers are given: nodes, and words for what is reached.
import { LabError } from '../errors.js'
import type { LabNode } from '../lab/lab-node.js'

/** @throws LabError USAGE when `expect` was given anything else */
export function requireNode(received: unknown, matcher: string): LabNode {
  if (isNode(received)) return received
  throw new LabError('USAGE', `${matcher} is a matcher for nodes: await expect(lab.node('h1')).${matcher}(…)`)
}

/** Not by its class: a program may have loaded nslab twice. */
const isNode = (value: unknown): value is LabNode => typeof (value as LabNode | null | undefined)?.why === 'function'

/** The name of a node of the same lab, or a text as it is. @throws LabError USAGE for a node of another lab */
export function wordFor(target: LabNode | string, from: LabNode): string {
  if (typeof target === 'string') return target
  if (target.labName === from.labName) return target.name
  throw new LabError('USAGE', `${from.name} and ${target.name} are nodes of different labs`)
}
