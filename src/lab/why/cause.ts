// Which of what was found is the cause: the first fault on the way, there before back.

import { neighbourTables } from '../who/neighbour-tables.js'
import type { AskedLab } from './asked/asked-lab.js'
import { type Fault, fault } from './fault.js'
import { portFault } from './listeners.js'
import type { Measured } from './measure.js'
import { tableFault } from './neighbour-table.js'
import { type Journey, type Way, walk } from './walk.js'

export interface Found {
  forward: Way
  /** null if the request does not arrive. */
  back: Way | null
  measured: Measured
  /** Those of the ways, to walk them over other next hops. */
  journeys: readonly Journey[]
}

export async function causeOf(nodes: AskedLab, found: Found): Promise<Fault> {
  return await ofNode(
    nodes,
    (await firstOf(nodes, found)) ?? (await onOtherWay(nodes, found)) ?? unexplained(nodes, found),
  )
}

async function firstOf(nodes: AskedLab, found: Found): Promise<Fault | null> {
  const { forward, back, measured } = found
  const { port, error } = measured
  const there = forward.fault && (await withError(nodes, forward, forward.fault, error))
  const onWay = there ?? (back?.fault ? returning(back.fault, forward.packet.from) : null)
  // Whoever refuses a port has got the packet, and its answer has come back: only rules refuse in place of the node.
  const isRefused = port?.state === 'refused'
  if (onWay && port && isRefused && !isRefusal(onWay)) return await refusedBeyond(nodes, forward, port, onWay)
  if (onWay) return onWay
  const [suspect] = [...forward.suspects, ...(back?.suspects ?? [])]
  const silent =
    error === null ? tableFault(forward.hops[0]?.node ?? '', forward.packet.family, neighbourTables()) : null
  if (!isRefused && (suspect || silent)) return suspect ?? silent
  if (!port || forward.fault) return null
  const other = isRefused ? null : await onOtherWay(nodes, found)
  if (other) return other
  return await ofPort(nodes, forward, port)
}

/** Whether a fault lets another than the destination refuse a port. */
const isRefusal = ({ about, cause }: Fault): boolean => about === 'firewall' || cause.code === 'address-duplicate'

/** The packet has come to a node that refuses it, although a way was not found: that is the cause if the port is closed there. */
async function refusedBeyond(
  nodes: AskedLab,
  forward: Way,
  port: NonNullable<Measured['port']>,
  onWay: Fault,
): Promise<Fault> {
  const owner = nodes.plannedAddress(forward.packet.to)
  const told = owner && (await ofPort(nodes, { ...forward, end: owner.node }, port))
  if (told && told.cause.code !== 'port-silent') return told
  return { ...onWay, words: `the port is refused, although ${onWay.words}` }
}

/** The kernel may choose another next hop for the packet than for the question: it knows its ports, and its flow label. */
async function onOtherWay(nodes: AskedLab, { forward, back, journeys }: Found): Promise<Fault | null> {
  for (const [index, way] of [forward, back].entries())
    for (const forced of way?.choices.flatMap(({ others }) => others) ?? []) {
      const journey = journeys[index]
      const told = journey && (await walk(nodes, { ...journey, forced })).fault
      const there = `${forced.node} may choose ${forced.gateway ?? forced.interface} among equal next hops`
      if (told) return { ...told, words: `${index === 0 ? '' : 'on the way back, '}${there}, and ${told.words}` }
    }
  return null
}

async function ofPort(
  nodes: AskedLab,
  { end: node, packet }: Way,
  port: NonNullable<Measured['port']>,
): Promise<Fault> {
  const { protocol, state } = port
  const facts = await nodes.facts(node)
  const sockets = await nodes.listeners(node, protocol)
  const about = { node, protocol, port: packet.dport ?? port.port, address: packet.to }
  const told = portFault(about, sockets, state === 'open' ? 'silent' : state)
  if (facts?.status !== 'paused' || told.cause.code !== 'port-silent') return told
  return { ...told, words: `the service on ${protocol.toUpperCase()} port ${port.port} of ${node} does not run now` }
}

/** Adds the command line that mends it. A node that is dead or paused runs no command. */
async function ofNode(nodes: AskedLab, told: Fault): Promise<Fault> {
  const { node, remedy } = told.cause
  const status = (await nodes.facts(node))?.status
  const path = nodes.pathOf(node)
  if (status !== 'dead' && status !== 'paused') {
    const command = remedy === null ? told.cause.command : `nslab exec ${path} -- ${remedy}`
    return { ...told, cause: { ...told.cause, command } }
  }
  const code = status === 'dead' ? 'node-dead' : 'node-paused'
  const command = status === 'dead' ? `nslab node restart ${path}` : `nslab resume ${path}`
  return {
    ...told,
    cause: { ...told.cause, code, remedy: null, command },
    words: `${node} is ${status}, and ${told.words}`,
  }
}

/** A router that drops a packet because of its length says so to the sender, if that message comes there. */
async function withError(nodes: AskedLab, { hops, packet }: Way, told: Fault, error: string | null): Promise<Fault> {
  const last = hops.at(-1)
  const { code, node, interface: name } = told.cause
  const isRouter = code === 'mtu-too-small' && last?.node === node && last.leavesBy === name && last.arrivesBy !== null
  if (!isRouter || error !== null) return told
  const answer = { ...packet, icmp: 'too-big', from: '', to: packet.from, state: 'related' } as const
  const way = await walk(nodes, { node, packet: answer, length: null, request: null })
  const because = way.fault ? `: ${way.fault.words}` : ''
  return {
    ...told,
    cause: { ...told.cause, code: 'mtu-black-hole' },
    words: `${told.words}, and the ICMP error that says so does not come back${because}`,
  }
}

function returning(told: Fault, source: string): Fault {
  if (told.cause.code !== 'no-route') return { ...told, words: `on the way back, ${told.words}` }
  const words = told.words.replace(`has no route to ${source}`, `has no route back to ${source}`)
  return { ...told, cause: { ...told.cause, code: 'no-return-route' }, words }
}

function unexplained(nodes: AskedLab, { forward, measured: { error, reportedBy } }: Found): Fault {
  const node = forward.hops[0]?.node ?? forward.end
  const by = reportedBy && (nodes.plannedAddress(reportedBy)?.node ?? reportedBy)
  return fault({
    ...{
      about: 'ping',
      code: 'unexplained',
      node,
      evidence: error === null ? 'nothing came back' : `${error}${by ? `, says ${by}` : ''}`,
    },
    words:
      'every node on both ways has a route and lets the packet through as far as its routes, rules, sysctls, neighbours and firewalls say',
  })
}
