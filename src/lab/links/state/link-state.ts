// Takes interfaces down and brings them up again, with what the kernel forgot meanwhile.
import { setLink } from '../../../kernel/netlink/rtnl/link.js'
import type { RunningLab } from '../../record/select.js'
import type { DownEnd, ForgottenEntries } from '../../record/state.js'
import type { TurnOptions } from '../../turn/turn.js'
import { linkOf, requireWire, untilRunning } from '../carrier.js'
import { whileTurn } from '../change-lab.js'
import type { LinkEnd } from '../endpoint.js'
import { joined, readForgettable, remake } from '../forgotten.js'
import { LabNetwork } from '../lab-network.js'
import { saveState } from '../live-state.js'
import {
  affectedBy,
  asEnd,
  type InterfaceAt,
  interfaceNow,
  interfaceText,
  type NamedInterface,
} from './interface-at.js'

export interface LinkChange {
  /** `NODE:INTERFACE` */
  endpoint: string
  state: 'up' | 'down'
  /** Whether it was so before. */
  changed: boolean
}

/**
 * Takes interfaces down. The other end of a link has no carrier then. What their nodes lose by that is kept in the lab's state for
 * `bringUp`.
 *
 * @throws LabError NODE_NOT_FOUND for an interface that is not there; KernelError
 */
export async function takeDown(interfaces: readonly NamedInterface[], turn: TurnOptions = {}): Promise<LinkChange[]> {
  return await changeEach(interfaces, turn, async (lab, at, network) => {
    const socket = network.of(at.node)
    if (!(await linkOf(socket, at)).up) return { endpoint: interfaceText(at), state: 'down', changed: false }
    const kept: DownEnd[] = [...(lab.state.down ?? [])]
    for (const each of await affectedBy(network, at)) {
      const entries = await readForgettable(network.of(each.node), each.index)
      keep(kept, each, entries, { isTaken: each.index === at.index && each.node.name === at.node.name })
    }
    // Before the interface is down, so that no kill can lose them.
    lab.state = { ...lab.state, down: kept }
    saveState(lab, lab.state)
    await socket.send([setLink({ target: interfaceText(at), index: at.index, up: false })])
    return { endpoint: interfaceText(at), state: 'down', changed: true }
  })
}

/**
 * Brings interfaces up, and makes addresses, routes, next hops and neighbours again that the kernel forgot.
 *
 * @throws LabError NODE_NOT_FOUND for an interface that is not there; KernelError; as `requireWire`, once they are up, where the wire
 * that should carry a link has ended or is silent
 */
export async function bringUp(interfaces: readonly NamedInterface[], turn: TurnOptions = {}): Promise<LinkChange[]> {
  const ends: LinkEnd[] = []
  const changes = await changeEach(interfaces, turn, async (lab, at, network) => {
    const socket = network.of(at.node)
    const wasUp = (await linkOf(socket, at)).up
    if (!wasUp) await socket.send([setLink({ target: interfaceText(at), index: at.index, up: true })])
    await restoreForgotten(lab, at, network)
    ends.push(...[asEnd(at)].flatMap((end) => end ?? []))
    return { endpoint: interfaceText(at), state: 'up', changed: !wasUp }
  })
  await requireWire(ends)
  return changes
}

/** Restores what is kept of an interface and of those that went down with it, once it runs; the rest stays kept while they are down. */
export async function restoreForgotten(lab: RunningLab, named: NamedInterface, network: LabNetwork): Promise<void> {
  const kept = lab.state.down ?? []
  if (kept.length === 0) return
  const at = await interfaceNow(lab, network, named)
  const affected = await affectedBy(network, at)
  const texts = new Set(affected.map(interfaceText))
  const mine = kept.filter(({ endpoint }) => texts.has(endpoint))
  if (mine.length === 0) return
  const end = asEnd(at)
  if (end) await untilRunning(network, end)
  const left: DownEnd[] = kept.filter((each) => !mine.includes(each))
  for (const each of affected) {
    const entries = mine.find(({ endpoint }) => endpoint === interfaceText(each))
    if (!entries) continue
    const socket = network.of(each.node)
    const isUp = (await linkOf(socket, each)).up
    const target = interfaceText(each)
    const refused = isUp ? await remake(socket, { target, index: each.index }, entries) : entries
    const { taken, endpoint, index } = entries
    const isTaken = taken === true && !isUp
    if (isTaken || Object.values(refused).some((list) => Array.isArray(list) && list.length > 0))
      left.push({
        ...{ ...refused, endpoint },
        ...(index === undefined ? {} : { index }),
        ...(isTaken ? { taken } : {}),
      })
  }
  const { down: _, ...state } = lab.state
  lab.state = left.length === 0 ? state : { ...state, down: left }
  saveState(lab, lab.state)
}

/** Adds entries to those that are kept of an interface, each once. */
function keep(kept: DownEnd[], at: InterfaceAt, entries: ForgottenEntries, { isTaken }: { isTaken: boolean }): void {
  const endpoint = interfaceText(at)
  const place = kept.findIndex((each) => each.endpoint === endpoint)
  const old = kept[place] ?? { nexthops: [], routes: [], neighbours: [] }
  const wasTaken = kept[place]?.taken === true
  const all: DownEnd = {
    ...{ ...joined(old, entries), endpoint, index: at.index },
    ...(isTaken || wasTaken ? { taken: true } : {}),
  }
  if (place < 0) kept.push(all)
  else kept[place] = all
}

/** Carries out `change` for interfaces of one or more labs, with each lab locked. */
async function changeEach(
  interfaces: readonly NamedInterface[],
  turn: TurnOptions,
  change: (lab: RunningLab, at: InterfaceAt, network: LabNetwork) => Promise<LinkChange>,
): Promise<LinkChange[]> {
  const changes: LinkChange[] = []
  for (const lab of new Set(interfaces.map((each) => each.lab))) {
    await whileTurn(lab, turn, async (locked) => {
      using network = new LabNetwork(locked.state.keeper)
      for (const each of interfaces)
        if (each.lab === lab) changes.push(await change(locked, await interfaceNow(locked, network, each), network))
    })
  }
  return changes
}
