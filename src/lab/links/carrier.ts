// Whether the ends of links are there, and whether anything carries their frames.
import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { KernelError, LabError } from '../../errors.js'
import { getLink, type LinkInfo, parseLink } from '../../kernel/netlink/rtnl/link.js'
import type { NetlinkSocket } from '../../kernel/netlink/socket.js'
import { isEnded, tellWire } from '../wire/wire.js'
import { endText, type LinkEnd, otherEnd } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'

/** Carrier comes within milliseconds where the other end is up. */
const CARRIER_TIMEOUT_MS = 1000
const PAUSE_MS = 2

/** Waits until an end has carrier, or for as long as it may take. */
export async function untilRunning(network: LabNetwork, end: LinkEnd): Promise<void> {
  const socket = network.of(end.node)
  for (const deadline = performance.now() + CARRIER_TIMEOUT_MS; performance.now() < deadline; ) {
    if ((await linkOf(socket, end)).operState === 'up') return
    const other = await linkOf(network.of(otherEnd(end).node), otherEnd(end))
    if (!other.up) return
    await setTimeout(PAUSE_MS)
  }
}

/** What the kernel says of an end. @throws LabError KERNEL_REFUSED when it is gone */
export async function linkOf(
  socket: NetlinkSocket,
  end: Pick<LinkEnd, 'node' | 'interface' | 'index'>,
): Promise<LinkInfo> {
  try {
    return parseLink(await socket.get(getLink({ target: endText(end), index: end.index })))
  } catch (cause) {
    if (!(cause instanceof KernelError && cause.errno === constants.errno.ENODEV)) throw cause
    throw new LabError('KERNEL_REFUSED', `${endText(end)} is gone: it was removed in the node`, { cause })
  }
}

/**
 * Fails where the wire should carry a link and does not. The wires of other users' labs, whose answers are not trusted, are not asked.
 *
 * @throws LabError KERNEL_REFUSED when the wire has ended for good; KernelError ETIMEDOUT when it does not answer
 */
export async function requireWire(ends: readonly LinkEnd[], signal?: AbortSignal): Promise<void> {
  const carried = ends.filter(({ lab, link }) => lab.state.emulations?.[link]?.backend === 'wire')
  for (const lab of new Set(carried.map((end) => end.lab))) {
    if (lab.owner !== process.geteuid?.()) continue
    try {
      await tellWire(lab.state.keeper, ['statistics'], signal)
    } catch (error) {
      if (!isEnded(error)) throw error
      const { code, message, hint, cause } = error as LabError
      const names = [...new Set(carried.flatMap((end) => (end.lab === lab ? [endText(end)] : [])))].join(', ')
      throw new LabError(code, `nothing carries the frames of ${names}: ${message}`, {
        cause,
        ...(hint ? { hint } : {}),
      })
    }
  }
}
