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
  // Nobody interrupts it.
  const { signal } = new AbortController()
  let left = done.toReversed().filter(({ node }) => !gone.has(node))
  // One may be refused until others are undone: a gateway may be no address of the node itself.
  for (;;) {
    const failures: unknown[] = []
    const refused: (DeviceOp | ConfigOp)[] = []
    for (const op of left) {
      try {
        await perform(port, op.node, [inverseOf(op)], signal)
      } catch (error) {
        failures.push(error)
        refused.push(op)
      }
    }
    if (refused.length === 0 || refused.length === left.length) return failures
    left = refused
  }
}
