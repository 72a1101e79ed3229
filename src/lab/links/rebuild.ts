// Makes both ends of a link anew, with all that they had: as a veth pair, or with the lab's wire between them.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { KernelError } from '../../errors.js'
import { deleteLink, gsoMaxSegsOf, parseLink, setLink } from '../../kernel/netlink/rtnl/link.js'
import { wasUp } from '../../kernel/netlink/rtnl/same-link.js'
import { createVeth } from '../../kernel/netlink/rtnl/veth.js'
import type { EmulatedLink } from '../../model/impairment.js'
import { directionOps } from '../../plan/emulation/direction.js'
import { WIRE_MTU, WIRE_NODE, wireIndexes, wireNames } from '../../plan/emulation/links.js'
import { segmentsOfEnds } from '../../plan/emulation/segments.js'
import type { RunningLab } from '../record/select.js'
import type { KeptEnd, WireState } from '../record/state.js'
import { emulationRequest } from '../requests/emulation-requests.js'
import { tellWire } from '../wire/wire.js'
import { wireWords } from '../wire/words.js'
import { untilRunning } from './carrier.js'
import { endText, type LinkEnd } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'
import { forgetLook } from './last-look.js'
import { restoreSettings, restoreTables } from './restore-end.js'
import { ANY_SEGMENTS } from './segments.js'

export interface Site {
  lab: RunningLab
  network: LabNetwork
  /** Both ends of the link. */
  ends: readonly [LinkEnd, LinkEnd]
  kept: readonly [KeptEnd, KeptEnd]
  /** What the links of the lab have afterwards, this one included. */
  emulations: readonly (EmulatedLink | null)[]
}

const QUEUES = 1
/** Of one netlink index, which the kernel frees when the last user of a device that was deleted has gone. */
const BUSY_TRIES = 100
const BUSY_PAUSE_MS = 10

/**
 * Deletes what is there of both ends, and makes them again. The wire must run where the emulation needs it.
 *
 * @returns texts about routes and neighbours that the kernel refuses
 * @throws KernelError; whatever `tellWire` throws. The ends may be gone then, and the same call with other emulations makes them.
 */
export async function rebuildLink(site: Site): Promise<string[]> {
  const { lab, network, ends, kept, emulations } = site
  const { link, number } = ends[0]
  const emulated = emulations[link] ?? null
  const wire = lab.state.wire
  if (wire) await tellWire(lab.state.keeper, ['remove', String(number)]).catch(() => {})
  for (const end of ends)
    await network
      .of(end.node)
      .send([deleteLink({ target: endText(end), index: end.index })])
      .catch(unlessGone)
  if (emulated?.backend === 'wire' && wire) await makeThroughWire(site, wire)
  else await makePair(site)
  for (const [side, end] of ends.entries()) await restoreSettings(network, end, kept[side] as KeptEnd)
  if (emulated?.backend === 'wire' && wire) {
    const indexes = wireIndexes(number)
    const inner = indexes.map((index, side) => setLink({ target: wireNames(number)[side] as string, index, up: true }))
    await network.of(wireNode(wire)).send(inner)
    await tellWire(lab.state.keeper, wireWords({ link: number, indexes, emulation: emulated.emulation }))
  } else if (emulated) await shape(site, emulated)
  const run = kept.every((end) => wasUp(payloadOf(end)))
  if (run) for (const end of ends) await untilRunning(network, end)
  forgetLook(lab.directory, link)
  const refused: string[] = []
  for (const [side, end] of ends.entries()) {
    const { routes, neighbours } = await restoreTables(network, end, kept[side] as KeptEnd)
    const count = routes.length + neighbours.length
    if (count > 0) refused.push(`${endText(end)}: the kernel refused ${count} of its routes and neighbours afterwards`)
  }
  return refused
}

const payloadOf = ({ link }: KeptEnd): Buffer => Buffer.from(link, 'base64')

const wireNode = ({ netnsFd }: WireState) => ({ name: WIRE_NODE, pid: 0, startTime: 0, netnsFd })

/** What a veth's end is made with. */
function descriptionOf(site: Site, side: 0 | 1) {
  const { lab, ends, kept, emulations } = site
  const payload = payloadOf(kept[side])
  const { name, mac, mtu } = parseLink(payload)
  const old = gsoMaxSegsOf(payload)
  const any = old <= 1 ? ANY_SEGMENTS : old
  const gsoMaxSegs = segmentsOfEnds(emulations, lab.state.tunnels === true, () => mtu)[ends[side].link]?.[side] ?? any
  return { name, index: ends[side].index, mac, mtu, gsoMaxSegs }
}

async function makePair(site: Site): Promise<void> {
  const { network, ends } = site
  const [a, b] = ends
  const netnsFd = network.of(b.node).openNetns()
  try {
    const target = `${endText(a)}–${endText(b)}`
    const peer = { ...descriptionOf(site, 1), netnsFd }
    await made(network, a, createVeth({ target, ...descriptionOf(site, 0), queues: QUEUES, peer }))
  } finally {
    closeSync(netnsFd)
  }
}

/** Two pairs, whose other ends are in the network of the wire. */
async function makeThroughWire(site: Site, wire: WireState): Promise<void> {
  const { network, ends } = site
  const descriptions = [descriptionOf(site, 0), descriptionOf(site, 1)] as const
  const netnsFd = network.of(wireNode(wire)).openNetns()
  try {
    for (const side of [0, 1] as const) {
      const { number } = ends[side]
      const [name, index] = [wireNames(number)[side], wireIndexes(number)[side]]
      const peer = { name, index, mac: null, mtu: WIRE_MTU, netnsFd }
      const target = `${endText(ends[side])}–${WIRE_NODE}:${name}`
      await made(network, ends[side], createVeth({ target, ...descriptions[side], queues: QUEUES, peer }))
    }
  } finally {
    closeSync(netnsFd)
  }
}

async function made(network: LabNetwork, end: LinkEnd, request: ReturnType<typeof createVeth>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await network.of(end.node).send([request])
      return
    } catch (error) {
      const isBusy = error instanceof KernelError && error.errno === constants.errno.EBUSY
      if (!isBusy || tries === BUSY_TRIES) throw error
      await setTimeout(BUSY_PAUSE_MS)
    }
  }
}

async function shape({ network, ends, kept }: Site, { emulation }: EmulatedLink): Promise<void> {
  for (const side of [0, 1] as const) {
    const { node, interface: name, index } = ends[side]
    const sender = { node: node.name, interface: name, index, mtu: parseLink(payloadOf(kept[side])).mtu }
    await network.of(node).send(directionOps(sender, emulation.directions[side]).map(emulationRequest))
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof KernelError && error.errno === constants.errno.ENODEV)) throw error
}
