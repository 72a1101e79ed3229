// Reads the nodes of a lab again after a rollback, and mends what is not as it was.
import { neighboursToRead } from '../../plan/change/neighbours-to-read.js'
import { restoring } from '../../plan/change/restoring.js'
import { sysctlsToRead } from '../../plan/change/sysctls-to-read.js'
import type { ConfigOp, DeviceOp } from '../../plan/op.js'
import type { NodeSockets } from '../build/node-sockets.js'
import { observeNodes } from '../read/observe.js'
import { type Site, touchedNodes } from './site.js'
import { performAll } from './undo.js'

const MENDINGS = 2

/**
 * Nodes whose network is gone are left out.
 *
 * @param site with the state of before the change
 * @param done what was carried out
 * @returns what is not as it was after all, as errors with a sentence each
 */
export async function restore(
  { lab, record, plan, observed, options }: Site,
  sockets: NodeSockets,
  done: readonly (DeviceOp | ConfigOp)[],
): Promise<Error[]> {
  const touched = touchedNodes(plan)
  const nodes = new Set(
    observed.flatMap(({ name }) => (touched.has(name) && !plan.replacedNodes.includes(name) ? [name] : [])),
  )
  if (nodes.size === 0) return []
  const unfinished = record.unfinished ?? []
  const { of: sysctls } = sysctlsToRead(plan.target, record.topology, unfinished)
  // The same as before the change.
  const neighbours = options.prune
    ? {}
    : { neighbours: neighboursToRead(plan.target, [record.topology, ...unfinished]) }
  for (let tries = 0; ; tries++) {
    const { ops, differences } = restoring(observed, observeNodes(lab, { sysctls, nodes, ...neighbours }), done)
    if (differences.length === 0 || tries === MENDINGS) return differences.map((each) => new Error(each))
    await performAll(ops, sockets)
  }
}
