// Pings between nodes: one shim process sends from all nodes at the same time.

import { LabError } from '../../errors.js'
import { runShim, type ShimReport } from '../../kernel/shim.js'
import type { Family } from '../../model/family.js'
import type { PingMesh, PingReply, PingResult } from '../../model/ping.js'
import { findNode, type RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { keeperArguments, requireAlive } from '../who/process-identity.js'

/** The options of ping(8); times in milliseconds. */
export interface PingOptions {
  /** Echo requests to each address. */
  count: number
  /** Time between two requests to the same address. */
  intervalMs: number
  /** Longest time to wait for a reply. */
  timeoutMs: number
  /** The address family to use; null means IPv4 if the target has an IPv4 address, else IPv6. */
  family: Family | null
  /** Called for each reply, and for each request that failed, as it arrives. */
  onReply?: (reply: PingReply) => void
  /** Ends the ping when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
}

/** The defaults of ping(8), but with shorter times, since a lab answers at once or not at all. */
export const PING_DEFAULTS: PingOptions = { count: 3, intervalMs: 200, timeoutMs: 1000, family: null }

/**
 * Pings from a node to a node of the same lab, or to an address.
 *
 * @throws LabError NODE_NOT_FOUND when `to` is no node of the lab, or has no address of the family, or when `from` is dead;
 * USAGE for an address of the other family.
 */
export async function pingPath(
  lab: RunningLab,
  from: NodeState,
  to: string,
  options: PingOptions,
): Promise<PingResult> {
  const address = looksLikeAddress(to)
    ? checkFamily(to, options.family)
    : nodeAddress(findNode(lab, to), options.family)
  const target = { from: from.name, to, address }
  const [outcome] = await pingPairs(lab, [{ ...target, source: from }], options)
  const { sent, rttMs } = outcome ?? NO_ANSWER
  const lossPercent = sent === 0 ? 100 : Math.round((1000 * (sent - rttMs.length)) / sent) / 10
  return { ...target, sent, received: rttMs.length, lossPercent, rttMs: statistics(rttMs) }
}

/**
 * Pings from every host to every other host at the same time. Hosts are nodes of kind `host`; without any, all nodes that are
 * not switches.
 *
 * @throws LabError NODE_NOT_FOUND when one of them is dead, or has no address.
 */
export async function pingMesh(lab: RunningLab, options: PingOptions): Promise<PingMesh> {
  const began = performance.now()
  const hosts = endNodes(lab.state.nodes)
  const targets = hosts.flatMap((source) =>
    hosts
      .filter((target) => target !== source)
      .map((target) => ({ source, from: source.name, to: target.name, address: nodeAddress(target, options.family) })),
  )
  const outcomes = await pingPairs(lab, targets, options)
  const pairs = targets.map(({ from, to, address }, index) => {
    const { sent, rttMs, error } = outcomes[index] ?? NO_ANSWER
    const least = rttMs.length > 0 ? Math.min(...rttMs) : null
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
}

const NO_ANSWER: Outcome = { sent: 0, rttMs: [], error: null }

async function pingPairs(lab: RunningLab, targets: readonly Target[], options: PingOptions): Promise<Outcome[]> {
  for (const source of new Set(targets.map((target) => target.source))) requireAlive(source)
  const outcomes: Outcome[] = targets.map(() => ({ ...NO_ANSWER, rttMs: [] }))
  const { count, intervalMs, timeoutMs } = options
  await runShim({
    verb: 'ping',
    args: keeperArguments(lab.state.keeper),
    spec: ['count', String(count), 'interval', String(intervalMs), 'timeout', String(timeoutMs), ...pairWords(targets)],
    onReport: (report) => {
      const outcome = outcomes[report.pair as number]
      const target = targets[report.pair as number]
      if (!outcome || !target) return
      if (typeof report.rttMs === 'number') outcome.rttMs.push(report.rttMs)
      if (typeof report.error === 'string') outcome.error = report.error
      if (typeof report.sent === 'number') outcome.sent = report.sent
      else options.onReply?.(replyOf(report, target))
    },
    signal: options.signal,
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

const replyOf = (report: ShimReport, { from, to, address }: Target): PingReply => ({
  ...{ from, to, address },
  sequence: report.sequence as number,
  rttMs: typeof report.rttMs === 'number' ? report.rttMs : null,
  ttl: typeof report.ttl === 'number' ? report.ttl : null,
  error: typeof report.error === 'string' ? report.error : null,
  reportedBy: typeof report.from === 'string' ? report.from : null,
})

function endNodes(nodes: readonly NodeState[]): NodeState[] {
  const hosts = nodes.filter((node) => node.kind === 'host')
  return hosts.length > 0 ? hosts : nodes.filter((node) => node.kind !== 'switch')
}

function nodeAddress(node: NodeState, family: Family | null): string {
  const address = family === 4 ? node.ipv4 : family === 6 ? node.ipv6 : (node.ipv4 ?? node.ipv6)
  if (address !== null) return address
  throw new LabError('NODE_NOT_FOUND', `node ${node.name} has no ${family === null ? '' : `IPv${family} `}address`)
}

const looksLikeAddress = (text: string): boolean => text.includes(':') || /^[0-9]+(?:\.[0-9]+){3}$/.test(text)

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
