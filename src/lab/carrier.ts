// Waits until every link of a node runs: only then does the first packet pass.
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../errors.js'
import { listLinks, parseLink } from '../kernel/rtnl/link.js'
import type { NodeSocket } from './node-socket.js'

/** Carrier comes within milliseconds; a link that takes this long will not come at all. */
const TIMEOUT_MS = 10_000
const LONGEST_PAUSE_MS = 50

/**
 * Resolves once every interface of a node that is up also runs (IFF_RUNNING, netdevice(7)).
 *
 * @throws LabError KERNEL_REFUSED naming a link that stays without carrier; the signal's reason when aborted.
 */
export async function waitForCarrier(node: NodeSocket, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const stuck = await firstLinkDown(node)
    if (stuck === null) return
    signal.throwIfAborted()
    if (performance.now() > deadline) throw new LabError('KERNEL_REFUSED', `${stuck} is up but has no carrier`)
    await setTimeout(pauseMs)
  }
}

/** A node's first interface that is up but does not run, as an endpoint. */
async function firstLinkDown({ name, route }: NodeSocket): Promise<string | null> {
  for (const payload of await route.dump(listLinks())) {
    const link = parseLink(payload)
    if (link.up && !link.running) return `${name}:${link.name}`
  }
  return null
}
