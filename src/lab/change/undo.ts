// Undoes what was carried out of a change: by the inverse operations, in an order in which the kernel takes them.
import { setTimeout } from 'node:timers/promises'
import { inverseOf } from '../../plan/change/inverse.js'
import { phaseOf } from '../../plan/change/room/phases.js'
import type { ConfigOp, DeviceOp } from '../../plan/op.js'
import type { NodeSockets } from '../build/node-sockets.js'
import { perform } from '../execute/perform.js'
import { ChangePort } from './change-port.js'

/** IPv6 has no routes by an interface until it runs, which it does some time after it came up at both ends. */
const TRIES = 20
const PAUSE_MS = 25

/**
 * Undoes as much as the kernel lets it. What was added goes first, in reverse order; then what was removed comes back: interfaces of all
 * nodes before addresses, and these before routes.
 *
 * @param gone nodes whose network is gone, and with it what was done there
 * @returns the failures
 */
export async function undo(
  done: readonly (DeviceOp | ConfigOp)[],
  sockets: NodeSockets,
  gone: ReadonlySet<string>,
): Promise<unknown[]> {
  const inverses = done
    .filter(({ node }) => !gone.has(node))
    .toReversed()
    .toSorted((a, b) => phaseOf(b) - phaseOf(a))
    .map(inverseOf)
  return await performAll(inverses, sockets)
}

/** Carries out what the kernel takes, and tries the rest again. @returns the failures */
export async function performAll(ops: readonly (DeviceOp | ConfigOp)[], sockets: NodeSockets): Promise<unknown[]> {
  const port = new ChangePort(sockets, 'undo')
  // Nobody interrupts it.
  const { signal } = new AbortController()
  let left = ops
  let failures: unknown[] = []
  for (let tries = 0; left.length > 0 && tries < TRIES; tries++) {
    if (tries > 0) await setTimeout(PAUSE_MS)
    const refused: (DeviceOp | ConfigOp)[] = []
    failures = []
    for (const op of left) {
      try {
        await perform(port, op.node, [op], signal)
      } catch (error) {
        refused.push(op)
        failures.push(error)
      }
    }
    left = refused
  }
  return failures
}
