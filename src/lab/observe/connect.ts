// Asks one port of a node or address from another node, by TCP or UDP.
import { runShim, type ShimReport } from '../../kernel/shim.js'
import type { Family } from '../../model/family.js'
import type { PortProtocol, PortReport, PortState } from '../../model/reach/port-report.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { keeperArguments, requireAlive } from '../who/process-identity.js'
import { ownerOf } from './address-owner.js'
import { readAddresses } from './node-addresses.js'
import { resolveTarget } from './ping.js'

export interface ConnectOptions {
  protocol: PortProtocol
  /** 1 to 65535. */
  port: number
  /** Longest time to wait for an answer. */
  timeoutMs: number
  /** The address family to use; null means IPv4 if the target has an IPv4 address, else IPv6. */
  family: Family | null
  /** Ends the probe when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
}

export const CONNECT_DEFAULTS: Pick<ConnectOptions, 'timeoutMs' | 'family'> = { timeoutMs: 1000, family: null }

/**
 * Asks a port: connects to it by TCP, or sends it one UDP datagram of 12 zero bytes. A connection is closed at once.
 *
 * @param to `NODE`, `NODE:INTERFACE`, `NODE-INTERFACE` or an address
 * @throws LabError NODE_NOT_FOUND when `to` is no node of the lab, or has no address of a family that the sender has, or when
 * `from` is dead; USAGE for an address of the other family; KernelError when the node cannot be entered.
 */
export async function probePort(
  lab: RunningLab,
  from: NodeState,
  to: string,
  options: ConnectOptions,
): Promise<PortReport> {
  const { protocol, port, timeoutMs, family, signal } = options
  requireAlive(from)
  const now = await readAddresses(lab)
  const target = resolveTarget(lab, from, to, family, now)
  let found: ShimReport = {}
  await runShim({
    verb: 'connect',
    args: keeperArguments(lab.state.keeper),
    spec: [
      ...['protocol', protocol, 'port', String(port), 'timeout', String(timeoutMs)],
      ...['from', String(from.pid), String(from.startTime), 'to', target.address],
    ],
    onReport: (report) => {
      found = report
    },
    signal,
  })
  const { state, rttMs, error = null, from: sender } = found as unknown as Reported
  return {
    ...{ from: from.name, to: target.to, address: target.address, protocol, port, state, rttMs, error },
    reportedBy: sender === undefined ? null : (ownerOf(now, sender)?.node ?? sender),
  }
}

/** What the shim's verb `connect` reports (native-shim/README.md). */
interface Reported {
  state: PortState
  rttMs: number | null
  error?: string
  from?: string
}
