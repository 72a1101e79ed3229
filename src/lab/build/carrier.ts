// Waits until every link of a node runs: before that, packets are dropped.
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import type { LinkState } from '../../kernel/netlink/rtnl/link.js'
import { listLinks, parseLinkState } from '../../kernel/netlink/rtnl/link.js'
import type { NodeSocket } from './node-socket.js'

/** Carrier comes within milliseconds; a link that takes this long will not come at all. */
const TIMEOUT_MS = 10_000
/** Added where a bridge has a spanning tree: the longest time for which its ports listen and learn (IEEE 802.1D). */
const SPANNING_TREE_TIMEOUT_MS = 60_000
const LONGEST_PAUSE_MS = 50

/**
 * Resolves once every interface of a node that is up also runs (IFF_RUNNING, netdevice(7)), and every port of a bridge
 * forwards or is blocked.
 *
 * @param exempt names of interfaces with nothing at their other end
 * @param only the interfaces that are waited for; absent: all
 * @throws LabError KERNEL_REFUSED naming a link that stays without carrier; the signal's reason when aborted.
 */
export async function waitForCarrier(
  node: NodeSocket,
  exempt: ReadonlySet<string>,
  signal: AbortSignal,
  only?: ReadonlySet<string>,
): Promise<void> {
  const isAwaited = ({ name }: LinkState) => !exempt.has(name) && (only === undefined || only.has(name))
  const deadline = performance.now() + TIMEOUT_MS
  let sawLearning = false
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const links = (await node.route.dump(listLinks())).map(parseLinkState)
    const isLearning = links.some((link) => link.up && link.isLearning && (only === undefined || only.has(link.name)))
    const stuck = links.find((link) => link.up && !link.running && isAwaited(link))
    if (!stuck && !isLearning) return
    signal.throwIfAborted()
    sawLearning ||= isLearning
    if (performance.now() > deadline + (sawLearning ? SPANNING_TREE_TIMEOUT_MS : 0)) {
      const what = stuck ? `${stuck.name} is up but has no carrier` : 'a port of a bridge does not stop learning'
      throw new LabError('KERNEL_REFUSED', `${node.name}: ${what}`)
    }
    await setTimeout(pauseMs)
  }
}
