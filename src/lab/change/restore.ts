// Reads the nodes of a lab again after a rollback, and mends what is not as it was.
import { restoring } from '../../plan/change/restoring.js'
import { sysctlsToRead } from '../../plan/change/sysctls-to-read.js'
import type { NodeSockets } from '../build/node-sockets.js'
import { observeNodes } from '../read/observe.js'
import { type Site, touchedNodes } from './site.js'
import { performAll } from './undo.js'

const MENDINGS = 2

/**
 * Nodes whose network is gone are left out.
 *
 * @param site with the state of before the change
 * @returns what is not as it was after all, as errors with a sentence each
 */
export async function restore({ lab, record, plan, observed }: Site, sockets: NodeSockets): Promise<Error[]> {
  const touched = touchedNodes(plan)
  const nodes = new Set(
    observed.flatMap(({ name }) => (touched.has(name) && !plan.replacedNodes.includes(name) ? [name] : [])),
  )
  if (nodes.size === 0) return []
  const { of: sysctls } = sysctlsToRead(plan.target, record.topology, record.unfinished ?? [])
  for (let tries = 0; ; tries++) {
    const { ops, differences } = restoring(observed, observeNodes(lab, { sysctls, nodes }))
    if (differences.length === 0 || tries === MENDINGS) return differences.map((each) => new Error(each))
    await performAll(ops, sockets)
  }
}
