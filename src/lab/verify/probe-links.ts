// Sends probes along directions of links, and reads what the shim says of them (native-shim/README.md, "probe-link").
import { KernelError, LabError } from '../../errors.js'
import { runShim, type ShimReport } from '../../kernel/shim.js'
import type { FloodObservation, Observation } from '../../verify/observation.js'
import type { Flood, Schedule } from '../../verify/schedule.js'
import { endText } from '../links/endpoint.js'
import type { RunningLab } from '../record/select.js'
import { keeperArguments } from '../who/process-identity.js'
import type { LinkDirection } from './directions.js'

export interface ProbeOptions {
  /** How long to wait for frames after the last was sent, in ns. */
  waitNs: number
  signal?: AbortSignal | undefined
}

/** Sends single frames along some directions at the same time. @throws KernelError when a node cannot be entered, or cannot send */
export async function probeLinks(
  lab: RunningLab,
  paths: readonly { direction: LinkDirection; schedule: Schedule }[],
  options: ProbeOptions,
): Promise<Observation[]> {
  const observed = paths.map((): Observation => ({ length: 0, sent: 0, refused: [], arrivals: [] }))
  const spec = paths.flatMap(({ direction, schedule: { count, intervalNs, bytes } }) => [
    ...pathWords(direction),
    ...['probes', ...[count, intervalNs, bytes].map((each) => String(Math.round(each)))],
  ])
  await run(lab, spec, options, (report) => {
    const of = observed[report.path as number]
    const { direction } = paths[report.path as number] ?? {}
    if (!of || !direction) return
    if (typeof report.arrivals === 'string') readArrivals(report.arrivals, of)
    else if (report.sent === undefined) of.refused.push(report.refused as number)
    else Object.assign(of, endOf(report, direction))
  })
  return observed
}

/** Sends more frames than directions let through. @throws as `probeLinks` */
export async function floodLinks(
  lab: RunningLab,
  paths: readonly { direction: LinkDirection; flood: Flood }[],
  options: ProbeOptions,
): Promise<FloodObservation[]> {
  const observed = paths.map((): FloodObservation => ({ length: 0, sent: 0, bins: [] }))
  const spec = paths.flatMap(({ direction, flood: { bitsPerSecond, durationNs, bytes } }) => [
    ...pathWords(direction),
    ...['flood', ...[bitsPerSecond, durationNs, bytes].map((each) => String(Math.round(each)))],
  ])
  await run(lab, spec, options, (report) => {
    const of = observed[report.path as number]
    const { direction } = paths[report.path as number] ?? {}
    if (!of || !direction) return
    if (Array.isArray(report.bins)) of.bins = report.bins
    else Object.assign(of, endOf(report, direction))
  })
  return observed
}

function pathWords({ from, to, source }: LinkDirection): string[] {
  const ends = [from, to].flatMap((end) => [String(end.node.pid), String(end.node.startTime), end.interface])
  return ['path', ...ends, ...(source === null ? [] : ['source', source.mac])]
}

async function run(
  { state }: RunningLab,
  spec: readonly string[],
  { waitNs, signal }: ProbeOptions,
  onReport: (report: ShimReport) => void,
): Promise<void> {
  const words = [...spec, 'wait', String(Math.round(waitNs))]
  await runShim({ verb: 'probe-link', args: keeperArguments(state.keeper), spec: words, onReport, signal })
}

/** Bytes of an arrival in hexadecimal digits: 32 bits of which the highest says that it was changed, and 64 of the delay. */
const DIGITS = 24

function readArrivals(text: string, { arrivals }: Observation): void {
  for (let at = 0; at + DIGITS <= text.length; at += DIGITS) {
    const number = Number.parseInt(text.slice(at, at + 8), 16)
    const delayNs = Number(BigInt.asIntN(64, BigInt(`0x${text.slice(at + 8, at + DIGITS)}`)))
    arrivals.push({ sequence: number & 0x7fffffff, isChanged: number >= 0x80000000, delayNs })
  }
}

function endOf(report: ShimReport, { from, to }: LinkDirection): Pick<Observation, 'length' | 'sent'> {
  const { length, sent, overrun, errno } = report as Record<'length' | 'sent' | 'overrun' | 'errno', number>
  if (errno !== 0) throw new KernelError({ operation: 'send a probe', target: endText(from), errno })
  if (overrun > 0) {
    throw new LabError('KERNEL_REFUSED', `${overrun} probes that came to ${endText(to)} were not read in time`, {
      hint: 'this machine is too busy: check fewer links at one time',
    })
  }
  return { length, sent }
}
