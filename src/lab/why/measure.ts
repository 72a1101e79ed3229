// Whether a node reaches another: two echo requests, or a probe of a port.
import { LabError } from '../../errors.js'
import type { Family } from '../../model/family.js'
import type { PortProtocol, PortReport } from '../../model/reach/port-report.js'
import { CONNECT_DEFAULTS, probePort } from '../observe/connect.js'
import { pingPath } from '../observe/ping.js'
import { PING_DEFAULTS } from '../observe/ping-targets.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'

export interface WhyOptions {
  /** null: IPv4 if both have it. */
  family: Family | null
  /** With `port`: asks that port instead of pinging. */
  protocol?: PortProtocol
  /** 1 to 65535. */
  port?: number
  /** Bytes of data of each echo request, 24 to 65507, which nobody may fragment. Default: 56, in packets that the node may fragment. */
  size?: number
}

export interface Measured {
  address: string
  works: boolean
  /** What has come back instead of an answer, in the words of the kernel; null if nothing has. */
  error: string | null
  /** The address from which that came; null where it is not known. */
  reportedBy: string | null
  /** null unless a port was asked. */
  port: Pick<PortReport, 'protocol' | 'port' | 'state'> | null
}

const TIMEOUT_MS = 500

/**
 * @returns why the name stands for no address, in words
 * @throws LabError as `pingPath` and `probePort`; USAGE for options that do not go together
 */
export async function measure(
  lab: RunningLab,
  from: NodeState,
  to: string,
  options: WhyOptions,
): Promise<Measured | string> {
  const { protocol, port, size } = options
  if ((protocol === undefined) !== (port === undefined)) throw new LabError('USAGE', 'protocol and port go together')
  if (protocol !== undefined && size !== undefined) throw new LabError('USAGE', 'size goes with pings, not with ports')
  try {
    if (protocol === undefined || port === undefined) return await pinged(lab, from, to, options)
    const how = { ...CONNECT_DEFAULTS, timeoutMs: TIMEOUT_MS, protocol, port, family: options.family }
    const { address, state, error, reportedBy } = await probePort(lab, from, to, how)
    return { address, works: state === 'open', error, reportedBy, port: { protocol, port, state } }
  } catch (error) {
    const isNode = lab.state.nodes.some(({ name }) => name === to)
    if (isNode && error instanceof LabError && error.code === 'NODE_NOT_FOUND' && /address/.test(error.message))
      return error.message
    throw error
  }
}

async function pinged(lab: RunningLab, from: NodeState, to: string, { family, size }: WhyOptions): Promise<Measured> {
  let said: Pick<Measured, 'error' | 'reportedBy'> = { error: null, reportedBy: null }
  const { address, received } = await pingPath(lab, from, to, {
    ...{ ...PING_DEFAULTS, count: 2, intervalMs: 100, timeoutMs: TIMEOUT_MS, family },
    ...(size === undefined ? {} : { size }),
    onReply: (reply) => {
      if (reply.error !== null) said = { error: reply.error, reportedBy: reply.reportedBy }
    },
  })
  return { address, works: received > 0, ...said, port: null }
}
