// Pings between nodes: one shim process sends from all nodes at the same time.

import { LabError } from '../../errors.js'
import { runShim, type ShimReport } from '../../kernel/shim.js'
import type { Family } from '../../model/family.js'
import type { PingMesh, PingReply, PingResult } from '../../model/ping.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { keeperArguments, requireAlive } from '../who/process-identity.js'
import { type NodeAddresses, readAddresses } from './node-addresses.js'
import { addressOf, meaningOf, type NodeTarget, targetName } from './ping-target.js'

/** The options of ping(8); times in milliseconds. */
export interface PingOptions {
  /** Echo requests to each address. */
  count: number
  /** Time between two requests to the same address; with 0, each is sent when the one before is answered or lost. */
  intervalMs: number
  /** Longest time to wait for a reply. */
  timeoutMs: number
  /** The address family to use; null means IPv4 if the target has an IPv4 address, else IPv6. */
  family: Family | null
  /** Called for each reply, and for each request that failed, as it arrives. */
  onReply?: (reply: PingReply) => void
  /** Ends the ping when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
  /** Stops the sending when aborted; the result then counts what has been answered or lost. */
  interrupt?: AbortSignal
}

/** The defaults of ping(8), but with shorter times, since a lab answers at once or not at all. */
export const PING_DEFAULTS: PingOptions = { count: 3, intervalMs: 200, timeoutMs: 1000, family: null }

/**
 * The defaults of a mesh. The first request of a pair also waits until the nodes on the way have learned each other's
 * hardware addresses, which makes its time depend on the pairs before it; the second takes what the wire takes.
 */
export const MESH_DEFAULTS: PingOptions = { ...PING_DEFAULTS, count: 2, intervalMs: 0 }

/**
 * Pings from a node to a node of the same lab, to one of its interfaces, or to an address. A name stands for an address that
 * the kernel has now.
 *
 * @param to `NODE`, `NODE:INTERFACE`, `NODE-INTERFACE` or an address
 * @throws LabError NODE_NOT_FOUND when `to` is no node of the lab, or has no address of the family, or when `from` is dead;
 * USAGE for an address of the other family.
 */
export async function pingPath(
  lab: RunningLab,
  from: NodeState,
  to: string,
  options: PingOptions,
): Promise<PingResult> {
  requireAlive(from)
  const now = await readAddresses(lab, lab.state.nodes)
  const target = { from: from.name, ...resolveTarget(lab, to, options.family, now) }
  const owners = [...now].filter(([, { addresses }]) => addresses.some(({ address }) => address === target.address))
  const witnesses = owners.length > 1 ? owners.map(([node]) => node) : []
  const [outcome] = await pingPairs(lab, [{ ...target, source: from }], options, witnesses)
  const { sent, rttMs, answeredBy } = outcome ?? noAnswer()
  const lossPercent = sent === 0 ? 100 : Math.round((1000 * (sent - rttMs.length)) / sent) / 10
  const names = [...new Set(answeredBy.values())]
  return { ...target, answeredBy: names, sent, received: rttMs.length, lossPercent, rttMs: statistics(rttMs) }
}

/** The address that a word stands for, and the name to show with it. */
function resolveTarget(
  lab: RunningLab,
  word: string,
  family: Family | null,
  now: ReadonlyMap<NodeState, NodeAddresses>,
): { to: string; address: string } {
  const meaning = meaningOf(lab, word)
  if ('address' in meaning) return { to: word, address: checkFamily(meaning.address, family) }
  const hasInterface = ({ node, interface: name }: NodeTarget) =>
    name === null || now.get(node)?.interfaces.includes(name) === true
  const target = meaning.nodes.find(hasInterface)
  if (!target) throw noInterface(lab, word, meaning.nodes[0] as NodeTarget, now)
  const address = addressOf(target, now.get(target.node), family)
  if (address === null) throw new LabError('NODE_NOT_FOUND', `node ${noAddress(target, family)}`)
  return { to: targetName(target), address }
}

function noInterface(
  lab: RunningLab,
  word: string,
  { node, interface: name }: NodeTarget,
  now: ReadonlyMap<NodeState, NodeAddresses>,
): LabError {
  const interfaces = now.get(node)?.interfaces
  if (!interfaces) return new LabError('NODE_NOT_FOUND', `${node.name} is dead, and only its name can be pinged`)
  const message = `lab ${lab.name} has no node ${word}, and node ${node.name} no interface ${name}`
  return new LabError('NODE_NOT_FOUND', word.includes(':') ? `node ${node.name} has no interface ${name}` : message, {
    hint: `its interfaces: ${interfaces.join(', ')}`,
  })
}

const noAddress = (target: NodeTarget, family: Family | null): string =>
  `${targetName(target)} has no ${family === null ? '' : `IPv${family} `}address`

/**
 * Pings from every host to every other host at the same time. Hosts are nodes of kind `host`; without any, all nodes that are
 * not switches. A host that is dead or has no address has pairs that are not pinged, with the reason.
 */
export async function pingMesh(lab: RunningLab, options: PingOptions): Promise<PingMesh> {
  const began = performance.now()
  const hosts = endNodes(lab.state.nodes)
  const now = await readAddresses(lab, hosts)
  const addresses = new Map(
    hosts.map((node) => [node, addressOf({ node, interface: null }, now.get(node), options.family)]),
  )
  const members = hosts.flatMap((source) =>
    hosts
      .filter((target) => target !== source)
      .map((target): MeshMember => {
        const address = addresses.get(target) ?? null
        const refusal = now.has(source)
          ? address === null && noAddress({ node: target, interface: null }, options.family)
          : `${source.name} is dead: its first process has ended`
        return { source, from: source.name, to: target.name, address, refusal: refusal || null }
      }),
  )
  const targets = members.filter((each): each is MeshMember & Target => each.address !== null && each.refusal === null)
  const outcomes = await pingPairs(lab, targets, options)
  const outcomeOf = new Map(targets.map((target, index) => [target as MeshMember, outcomes[index]]))
  const pairs = members.map((member) => {
    const { sent, rttMs, error } = outcomeOf.get(member) ?? { ...noAnswer(), error: member.refusal }
    const least = rttMs.length > 0 ? Math.min(...rttMs) : null
    const { from, to, address } = member
    return { from, to, address, sent, received: rttMs.length, rttMs: least, error }
  })
  const sum = (key: 'sent' | 'received') => pairs.reduce((total, pair) => total + pair[key], 0)
  return {
    pairs,
    sent: sum('sent'),
    received: sum('received'),
    elapsedMs: Math.round((performance.now() - began) * 10) / 10,
  }
}

/** A pair of a mesh. `refusal` says why it cannot be pinged; null when it can. */
interface MeshMember {
  source: NodeState
  from: string
  to: string
  address: string | null
  refusal: string | null
}

interface Target {
  source: NodeState
  from: string
  to: string
  address: string
}

interface Outcome {
  sent: number
  rttMs: number[]
  /** The last error that the shim reported. */
  error: string | null
  /** The node that has answered a request, by sequence number. */
  answeredBy: Map<number, string>
}

const noAnswer = (): Outcome => ({ sent: 0, rttMs: [], error: null, answeredBy: new Map() })

/** @param witnesses nodes that may answer; each answer of theirs is recorded */
async function pingPairs(
  lab: RunningLab,
  targets: readonly Target[],
  options: PingOptions,
  witnesses: readonly NodeState[] = [],
): Promise<Outcome[]> {
  const outcomes = targets.map(noAnswer)
  const { count, intervalMs, timeoutMs } = options
  await runShim({
    verb: 'ping',
    args: keeperArguments(lab.state.keeper),
    spec: [
      ...['count', String(count), 'interval', String(intervalMs), 'timeout', String(timeoutMs)],
      ...witnesses.flatMap(({ pid, startTime }) => ['witness', String(pid), String(startTime)]),
      ...pairWords(targets),
    ],
    onReport: (report) => {
      const outcome = outcomes[report.pair as number]
      const target = targets[report.pair as number]
      if (!outcome || !target) return
      const witness = witnesses[report.witness as number]
      if (witness) {
        outcome.answeredBy.set(report.sequence as number, witness.name)
        return
      }
      if (typeof report.rttMs === 'number') outcome.rttMs.push(report.rttMs)
      if (typeof report.error === 'string') outcome.error = report.error
      if (typeof report.sent === 'number') outcome.sent = report.sent
      else options.onReply?.(replyOf(report, target, outcome.answeredBy))
    },
    signal: options.signal,
    interrupt: options.interrupt,
  })
  return outcomes
}

/** Words of the shim's spec. Targets are grouped by source, so that the shim enters each node's network namespace once. */
function pairWords(targets: readonly Target[]): string[] {
  return targets.flatMap(({ source, address }, index) =>
    targets[index - 1]?.source === source
      ? ['to', address]
      : ['from', String(source.pid), String(source.startTime), 'to', address],
  )
}

const replyOf = (
  report: ShimReport,
  { from, to, address }: Target,
  answeredBy: ReadonlyMap<number, string>,
): PingReply => ({
  ...{ from, to, address },
  sequence: report.sequence as number,
  rttMs: typeof report.rttMs === 'number' ? report.rttMs : null,
  ttl: typeof report.ttl === 'number' ? report.ttl : null,
  answeredBy: answeredBy.get(report.sequence as number) ?? null,
  error: typeof report.error === 'string' ? report.error : null,
  reportedBy: typeof report.from === 'string' ? report.from : null,
})

function endNodes(nodes: readonly NodeState[]): NodeState[] {
  const hosts = nodes.filter((node) => node.kind === 'host')
  return hosts.length > 0 ? hosts : nodes.filter((node) => node.kind !== 'switch')
}

function checkFamily(address: string, family: Family | null): string {
  const actual = address.includes(':') ? 6 : 4
  if (family === null || family === actual) return address
  throw new LabError('USAGE', `${address} is not an IPv${family} address`)
}

/** Minimum, average, maximum and mean deviation, as ping(8) computes them; null without a reply. */
function statistics(rttMs: readonly number[]): PingResult['rttMs'] {
  if (rttMs.length === 0) return null
  const avg = rttMs.reduce((sum, each) => sum + each, 0) / rttMs.length
  const square = rttMs.reduce((sum, each) => sum + each * each, 0) / rttMs.length
  const mdev = Math.sqrt(Math.max(0, square - avg * avg))
  return { min: Math.min(...rttMs), avg: round(avg), max: Math.max(...rttMs), mdev: round(mdev) }
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000
