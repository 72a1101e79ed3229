// What the wire of a lab has counted, and whether it lives.
import type { ShimReport } from '../../kernel/shim.js'
import type { WireReport } from '../../model/wire-report.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { isEnded, isSilent, tellWire } from './wire.js'

export interface WireDirection {
  /** Number of the link in the lab. */
  link: number
  /** Which end sends. */
  side: 0 | 1
  drops: number
  delayMs: { p50: number; p90: number; p99: number; max: number } | null
}

export interface WireStatistics extends WireReport {
  directions: WireDirection[]
}

const NS_PER_MS = 1e6

/** @throws KernelError when it cannot be found out */
export async function readWire(keeper: ProcessIdentity): Promise<WireStatistics> {
  try {
    const reports = await tellWire(keeper, ['statistics'])
    const last = reports.find(({ wire }) => wire !== undefined)?.wire ?? { restarts: 0, lost: 0 }
    const { restarts, lost } = last as { restarts: number; lost: number }
    return {
      ...{ status: 'running', restarts, lost },
      directions: reports.filter(({ link }) => link !== undefined).map(directionOf),
    }
  } catch (error) {
    // The keeper starts it once more; after that, nobody listens.
    if (isEnded(error)) return { status: 'ended', restarts: 1, lost: 0, directions: [] }
    if (isSilent(error)) return { status: 'silent', restarts: 0, lost: 0, directions: [] }
    throw error
  }
}

function directionOf(report: ShimReport): WireDirection {
  const { link, direction, drops, delayNs } = report as unknown as {
    link: number
    direction: 'a' | 'b'
    drops: Record<string, number>
    delayNs: { count: number; p50: number; p90: number; p99: number; max: number }
  }
  const ms = (ns: number): number => Math.round(ns / 1000) / (NS_PER_MS / 1000)
  const { count, p50, p90, p99, max } = delayNs
  return {
    link,
    side: direction === 'a' ? 0 : 1,
    drops: Object.values(drops).reduce((sum, each) => sum + each, 0),
    delayMs: count === 0 ? null : { p50: ms(p50), p90: ms(p90), p99: ms(p99), max: ms(max) },
  }
}
