// Pings between nodes: one shim process sends from all nodes at the same time.
import { runShim, type ShimReport } from '../../kernel/shim.js'
import type { Family } from '../../model/family.js'
import type { PingReply } from '../../model/reach/ping.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { keeperArguments } from '../who/process-identity.js'
import type { AddressesByNode } from './node-addresses.js'

/** The options of ping(8); times in milliseconds. */
export interface PingOptions {
  /** Echo requests to each address. */
  count: number
  /** Time between two requests to the same address; with 0, each is sent when the one before is answered or lost. */
  intervalMs: number
  /** Longest time to wait for a reply. */
  timeoutMs: number
  /** Bytes of data, 24 to 65507: of packets that nobody may fragment. Default: 56, as ping(8), in packets that the node may fragment. */
  size?: number
  /** The address family to use; null means IPv4 if the target has an IPv4 address, else IPv6. */
  family: Family | null
  /** Called for each reply, and for each request that failed, as it arrives. */
  onReply?: (reply: PingReply) => void
  /** Called whenever all requests to an address are answered or lost, with the number of such addresses, of all. */
  onProgress?: (done: number, total: number) => void
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

/** A sender and an address. */
export interface PingTarget {
  source: NodeState
  from: string
  to: string
  address: string
  /** The nodes that may answer, which share a network, where others have the address too; null when any may. */
  expected: ReadonlySet<string> | null
}

export interface PingOutcome {
  sent: number
  /** Round-trip times of the answers, in the order of sending. */
  rttMs: number[]
  /** The last error that was reported. */
  error: string | null
  /** Nodes that have answered, where several have the address. */
  answeredBy: string[]
}

/** What has been reported of one target so far. */
interface Progress {
  sent: number
  error: string | null
  /** By sequence number: the time of each answer, and the node that answered. */
  rttMs: Map<number, number>
  witnesses: Map<number, string>
}

/** Names of the nodes that share the network of a node, itself included. */
export function networkOf(now: AddressesByNode, name: string): Set<string> {
  const netns = now.get(name)?.netns
  const others = [...now.values()].filter((each) => each.netns === netns).map(({ node }) => node.name)
  return new Set([name, ...others])
}

/** A living node of each network with an address that other networks have too: only these can say which has answered. */
export function witnessesOf(now: AddressesByNode, pinged: Iterable<string | null>): NodeState[] {
  const wanted = new Set(pinged)
  const networks = new Map([...now.values()].map((each) => [each.netns, each]))
  const owners = new Map<string, Set<NodeState>>()
  for (const { node, addresses } of networks.values())
    for (const { address } of addresses)
      if (wanted.has(address)) owners.set(address, (owners.get(address) ?? new Set()).add(node))
  return [...new Set([...owners.values()].filter(({ size }) => size > 1).flatMap((nodes) => [...nodes]))]
}

/**
 * Pings every target. An answer of a node that is not the expected one is an error.
 *
 * @param witnesses nodes of which each answer is recorded
 * @throws KernelError when a node cannot be entered; the signal's reason when aborted
 */
export async function pingTargets(
  lab: RunningLab,
  targets: readonly PingTarget[],
  options: PingOptions,
  witnesses: readonly NodeState[],
): Promise<PingOutcome[]> {
  const all = targets.map((): Progress => ({ sent: 0, error: null, rttMs: new Map(), witnesses: new Map() }))
  const { count, intervalMs, timeoutMs, size } = options
  let done = 0
  await runShim({
    verb: 'ping',
    args: keeperArguments(lab.state.keeper),
    spec: [
      ...['count', String(count), 'interval', String(intervalMs), 'timeout', String(timeoutMs)],
      ...(size === undefined ? [] : ['size', String(size)]),
      ...witnesses.flatMap(({ pid, startTime }) => ['witness', String(pid), String(startTime)]),
      ...targetWords(targets),
    ],
    onReport: (report) => {
      const progress = all[report.pair as number]
      const target = targets[report.pair as number]
      if (!progress || !target) return
      const witness = witnesses[report.witness as number]
      const sequence = report.sequence as number
      if (witness) progress.witnesses.set(sequence, witness.name)
      else if (typeof report.sent === 'number') {
        progress.sent = report.sent
        options.onProgress?.(++done, targets.length)
      } else {
        const reply = replyOf(report, target, progress.witnesses.get(sequence) ?? null)
        if (reply.rttMs !== null) progress.rttMs.set(sequence, reply.rttMs)
        if (reply.error !== null) progress.error = reply.error
        options.onReply?.(reply)
      }
    },
    signal: options.signal,
    interrupt: options.interrupt,
  })
  return targets.map((target, index) => outcomeOf(target, all[index] as Progress))
}

function outcomeOf(target: PingTarget, { sent, error, rttMs, witnesses }: Progress): PingOutcome {
  // A request is seen before its answer, but the two are reported by different sockets.
  const strangers = [...rttMs.keys()].filter((sequence) => isStranger(target, witnesses.get(sequence) ?? null))
  for (const sequence of strangers) rttMs.delete(sequence)
  const stranger = witnesses.get(strangers[0] as number)
  return {
    sent,
    rttMs: [...rttMs.values()],
    error: error ?? (stranger === undefined ? null : strangerText(stranger)),
    answeredBy: [...new Set(witnesses.values())],
  }
}

const isStranger = ({ expected }: PingTarget, witness: string | null): boolean =>
  expected !== null && witness !== null && !expected.has(witness)

const strangerText = (witness: string): string => `answered by ${witness}, which has the address too`

/** Words of the shim's spec. Targets are grouped by source, so that the shim enters each node's network namespace once. */
function targetWords(targets: readonly PingTarget[]): string[] {
  return targets.flatMap(({ source, address }, index) =>
    targets[index - 1]?.source === source
      ? ['to', address]
      : ['from', String(source.pid), String(source.startTime), 'to', address],
  )
}

function replyOf(report: ShimReport, target: PingTarget, witness: string | null): PingReply {
  const { from, to, address } = target
  const reply = {
    ...{ from, to, address },
    sequence: report.sequence as number,
    rttMs: typeof report.rttMs === 'number' ? report.rttMs : null,
    ttl: typeof report.ttl === 'number' ? report.ttl : null,
    answeredBy: witness,
    error: typeof report.error === 'string' ? report.error : null,
    reportedBy: typeof report.from === 'string' ? report.from : null,
    icmp: typeof report.from === 'string' ? { type: report.type as number, code: report.code as number } : null,
  }
  return witness !== null && isStranger(target, witness)
    ? { ...reply, rttMs: null, error: strangerText(witness), reportedBy: address }
    : reply
}
