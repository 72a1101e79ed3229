// Takes an end of a link down and brings it up again, with what the kernel forgot meanwhile.
import { setLink } from '../../kernel/netlink/rtnl/link.js'
import type { RunningLab } from '../record/select.js'
import type { DownEnd, ForgottenEntries } from '../record/state.js'
import type { TurnOptions } from '../turn/turn.js'
import { linkOf, requireWire, untilRunning } from './carrier.js'
import { whileTurn } from './change-lab.js'
import { endText, type LinkEnd, otherEnd } from './endpoint.js'
import { joined, readForgettable, remake } from './forgotten.js'
import { LabNetwork } from './lab-network.js'
import { saveState } from './live-state.js'

export interface LinkChange {
  /** `NODE:INTERFACE` */
  endpoint: string
  state: 'up' | 'down'
  /** Whether it was so before. */
  changed: boolean
}

/**
 * Takes ends of links down: the interface is down, the other end of the link has no carrier. What both nodes lose by that is
 * kept in the lab's state for `bringUp`.
 *
 * @throws KernelError
 */
export async function takeDown(ends: readonly LinkEnd[], turn: TurnOptions = {}): Promise<LinkChange[]> {
  return await changeEach(ends, turn, async (lab, end, network) => {
    const socket = network.of(end.node)
    if (!(await linkOf(socket, end)).up) return { endpoint: endText(end), state: 'down', changed: false }
    const kept: DownEnd[] = [...(lab.state.down ?? [])]
    for (const each of [end, otherEnd(end)]) {
      const entries = await readForgettable(network.of(each.node), each.index)
      keep(kept, endText(each), entries)
    }
    // Before the interface is down, so that no kill can lose them.
    lab.state = { ...lab.state, down: kept }
    saveState(lab, lab.state)
    await socket.send([setLink({ target: endText(end), index: end.index, up: false })])
    return { endpoint: endText(end), state: 'down', changed: true }
  })
}

/**
 * Brings ends of links up, and makes addresses, routes, next hops and neighbours again that the kernel forgot.
 *
 * @throws KernelError; as `requireWire`, once the ends are up, where the wire that should carry a link has ended or is silent
 */
export async function bringUp(ends: readonly LinkEnd[], turn: TurnOptions = {}): Promise<LinkChange[]> {
  const changes = await changeEach(ends, turn, async (lab, end, network) => {
    const socket = network.of(end.node)
    const wasUp = (await linkOf(socket, end)).up
    if (!wasUp) await socket.send([setLink({ target: endText(end), index: end.index, up: true })])
    await restoreBoth(lab, end, network)
    return { endpoint: endText(end), state: 'up', changed: !wasUp }
  })
  await requireWire(ends)
  return changes
}

/** Restores what is kept of both ends, once the link runs; while the other end is down, the rest stays kept. */
export async function restoreBoth(lab: RunningLab, end: LinkEnd, network: LabNetwork): Promise<void> {
  const kept = lab.state.down ?? []
  const both = [end, otherEnd(end)]
  const mine = kept.filter(({ endpoint }) => both.some((each) => endText(each) === endpoint))
  if (mine.length === 0) return
  await untilRunning(network, end)
  const left: DownEnd[] = kept.filter((each) => !mine.includes(each))
  for (const each of both) {
    const entries = mine.find(({ endpoint }) => endpoint === endText(each))
    if (!entries) continue
    const socket = network.of(each.node)
    const isUp = (await linkOf(socket, each)).up
    const refused = isUp ? await remake(socket, { target: endText(each), index: each.index }, entries) : entries
    if (Object.values(refused).some((list) => Array.isArray(list) && list.length > 0))
      left.push({ ...refused, endpoint: endText(each) })
  }
  const { down: _, ...state } = lab.state
  lab.state = left.length === 0 ? state : { ...state, down: left }
  saveState(lab, lab.state)
}

/** Adds entries to those that are kept of an end, each once. */
function keep(kept: DownEnd[], endpoint: string, entries: ForgottenEntries): void {
  const at = kept.findIndex((each) => each.endpoint === endpoint)
  const old = kept[at] ?? { nexthops: [], routes: [], neighbours: [] }
  const all = { ...joined(old, entries), endpoint }
  if (at < 0) kept.push(all)
  else kept[at] = all
}

/** Carries out `change` for ends of one or more labs, with each lab locked. */
async function changeEach(
  ends: readonly LinkEnd[],
  turn: TurnOptions,
  change: (lab: RunningLab, end: LinkEnd, network: LabNetwork) => Promise<LinkChange>,
): Promise<LinkChange[]> {
  const changes: LinkChange[] = []
  for (const lab of new Set(ends.map((end) => end.lab))) {
    await whileTurn(lab, turn, async (locked) => {
      using network = new LabNetwork(locked.state.keeper)
      for (const end of ends) if (end.lab === lab) changes.push(await change(locked, end, network))
    })
  }
  return changes
}
