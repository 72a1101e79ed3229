// Looks at the links of a running lab: what the kernel and the wire have counted, and what is configured.

import { TC_H_ROOT } from '../../kernel/netlink/rtnl/constants.js'
import { type LinkCounters, listCounters, parseCounters } from '../../kernel/netlink/rtnl/counters.js'
import { type LinkInfo, parseLink } from '../../kernel/netlink/rtnl/link.js'
import { listQdiscs, parseQdisc } from '../../kernel/netlink/rtnl/tc/qdisc.js'
import type { Counts, DirectionReport, LinkReport, LinksReport } from '../../model/link-report.js'
import { directionText } from '../../topology/emulation/impairment-text.js'
import type { RunningLab } from '../record/select.js'
import { isRunning } from '../who/process-identity.js'
import { readWire, type WireDirection, type WireStatistics } from '../wire/statistics.js'
import { currentLab, ifFree } from './change-lab.js'
import { allLinks, endText, type LinkEnd } from './endpoint.js'
import { LabNetwork } from './lab-network.js'
import { type LastLook, readLook, writeLook } from './last-look.js'

/**
 * Looks at some links of a lab, and remembers what was counted for the next look. Another user's lab is only read.
 *
 * @param numbers of the links
 * @throws KernelError
 */
export async function lookAtLinks(lab: RunningLab, numbers: ReadonlySet<number>): Promise<LinksReport> {
  if (lab.owner !== process.geteuid?.()) return await look(lab, numbers, null, null)
  const current = await currentLab(lab)
  const last = readLook(lab.directory)
  const wire = current.state.wire ? await readWire(current.state.keeper) : null
  const report = await look(current, numbers, last, wire)
  // A wire that does not answer now may do so later, and goes on with its counters.
  const lost = wire?.status === 'running' ? wire.lost : (last?.lost ?? 0)
  const seen = { ...nextLook(current, report, numbers, last), lost }
  // While another command changes the lab, the next look counts from the one before.
  await ifFree(lab, async () => writeLook(lab.directory, seen))
  return report
}

/** Those that were not looked at keep their counts of before. */
function nextLook(
  lab: RunningLab,
  report: LinksReport,
  numbers: ReadonlySet<number>,
  last: LastLook | null,
): Pick<LastLook, 'at' | 'links'> {
  const none: Counts = { packets: 0, bytes: 0, drops: 0 }
  const seen = [...numbers].map((number, at) => [number, (report.links[at] as LinkReport).directions] as const)
  const totals = new Map(seen.map(([number, [a, b]]) => [number, [a.total, b.total] as [Counts, Counts]]))
  const links = lab.state.links.map((_, number) => totals.get(number) ?? last?.links[number] ?? ([none, none] as const))
  return { at: Date.now(), links: links.map(([a, b]) => [a, b]) }
}

/** What the kernel has of one end. */
interface Seen {
  info: LinkInfo
  counters: LinkCounters
  /** Of its queueing disciplines: the one at the root counts the drops of all below it. */
  drops: number
}

async function look(
  lab: RunningLab,
  numbers: ReadonlySet<number>,
  last: LastLook | null,
  wire: WireStatistics | null,
): Promise<LinksReport> {
  using network = new LabNetwork(lab.state.keeper)
  const isOwn = lab.owner === process.geteuid?.()
  const pairs = allLinks(lab).filter((_, number) => numbers.has(number))
  const seen = new Map<string, Map<number, Seen>>()
  for (const { node } of pairs.flat()) {
    // Descriptors of another user's keeper are not trusted.
    if (!seen.has(node.name)) seen.set(node.name, isOwn || isRunning(node) ? await seenIn(network, node) : new Map())
  }
  return {
    lab: lab.name,
    links: pairs.map((pair) => linkOf(lab, pair, seen, wire?.directions ?? [], last)),
    wire: wire && { status: wire.status, restarts: wire.restarts, lost: sinceLast(wire.lost, last?.lost) },
    since: last && new Date(last.at).toISOString(),
  }
}

async function seenIn(network: LabNetwork, node: LinkEnd['node']): Promise<Map<number, Seen>> {
  const socket = network.of(node)
  const qdiscs = (await socket.dump(listQdiscs())).map(parseQdisc)
  const links = await socket.dump(listCounters())
  return new Map(
    links.map((payload) => {
      const info = parseLink(payload)
      const root = qdiscs.find(({ index, parent }) => index === info.index && parent === TC_H_ROOT)
      return [info.index, { info, counters: parseCounters(payload), drops: root?.statistics.drops ?? 0 }]
    }),
  )
}

function linkOf(
  lab: RunningLab,
  ends: readonly [LinkEnd, LinkEnd],
  seen: ReadonlyMap<string, ReadonlyMap<number, Seen>>,
  wire: readonly WireDirection[],
  last: LastLook | null,
): LinkReport {
  const { link, number } = ends[0]
  const [a, b] = ends.map((end) => seen.get(end.node.name)?.get(end.index))
  const [nameA, nameB] = [nameOf(ends[0], a), nameOf(ends[1], b)]
  const emulated = lab.state.emulations?.[link] ?? null
  const [fromA = null, fromB = null] = emulated?.emulation.directions.map(directionText) ?? []
  const direction = (side: 0 | 1): DirectionReport => {
    const [sender, receiver] = side === 0 ? [a, b] : [b, a]
    const carried = wire.find((each) => each.link === number && each.side === side)
    const total = {
      packets: receiver?.counters.receivedPackets ?? 0,
      bytes: receiver?.counters.receivedBytes ?? 0,
      drops: (sender?.drops ?? 0) + (sender?.counters.sentDrops ?? 0) + (carried?.drops ?? 0),
    }
    const names = side === 0 ? { from: nameA, to: nameB } : { from: nameB, to: nameA }
    return { ...names, ...since(total, last?.links[link]?.[side]), total, delayMs: carried?.delayMs ?? null }
  }
  return {
    ...{ a: nameA, b: nameB, type: a?.info.kind ?? 'veth' },
    state: a?.info.operState === 'up' && b?.info.operState === 'up' ? 'up' : 'down',
    mtu: Math.min(a?.info.mtu ?? 0, b?.info.mtu ?? 0),
    ...{ emulation: emulated?.backend ?? null, from_a: fromA, from_b: fromB },
    directions: [direction(0), direction(1)],
  }
}

/** The node may have renamed it. */
const nameOf = (end: LinkEnd, seen: Seen | undefined): string =>
  seen ? `${end.node.name}:${seen.info.name}` : endText(end)

function since(total: Counts, before: Counts | undefined): Counts {
  const of = (key: keyof Counts): number => sinceLast(total[key], before?.[key])
  return { packets: of('packets'), bytes: of('bytes'), drops: of('drops') }
}

/** A counter that is smaller than before began anew, with an interface or a wire that was made anew. */
const sinceLast = (total: number, before = 0): number => (total < before ? total : total - before)
