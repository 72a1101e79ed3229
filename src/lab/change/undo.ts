// Undoes what was carried out of a change: by the inverse operations, in reverse order.
import { inverseOf } from '../../plan/change/inverse.js'
import type { ConfigOp, DeviceOp } from '../../plan/op.js'
import type { NodeSockets } from '../build/node-sockets.js'
import { perform } from '../execute/perform.js'
import { ChangePort } from './change-port.js'

/**
 * Undoes as much as the kernel lets it.
 *
 * @param gone nodes whose network is gone, and with it what was done there
 * @returns the failures
 */
export async function undo(
  done: readonly (DeviceOp | ConfigOp)[],
  sockets: NodeSockets,
  gone: ReadonlySet<string>,
): Promise<unknown[]> {
  const port = new ChangePort(sockets, 'undo')
  const failures: unknown[] = []
  // Nobody interrupts it.
  const { signal } = new AbortController()
  for (const op of done.toReversed()) {
    if (gone.has(op.node)) continue
    try {
      await perform(port, op.node, [inverseOf(op)], signal)
    } catch (error) {
      failures.push(error)
    }
  }
  return failures
}
