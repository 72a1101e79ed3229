// Decides what emulates a link: the kernel's queueing disciplines, or the wire.
import { LabError } from '../../errors.js'
import { lackText, remedyText } from '../../features.js'
import type { Direction, Impairment, LinkBackend, LinkEmulation, Queue } from '../../model/impairment.js'
import type { EmulationKind, KernelKinds } from '../../model/kernel-kinds.js'
import { deviatesInKernel, impairmentsOf, needsNetem, wireReason } from './only-wire.js'

/**
 * What emulates a link; null for a veth pair alone.
 *
 * `auto` takes the kernel's disciplines where the kernel has all that are needed and they do what is written.
 *
 * @param link its name for errors, such as `h1:eth0 – r1:eth0`
 * @throws LabError FEATURE_MISSING when the kernel is demanded and cannot.
 */
export function backendOf(emulation: LinkEmulation, kinds: KernelKinds, link: string): LinkBackend | null {
  if (emulation.backend === 'wire') return 'wire'
  const needed = neededKinds(emulation)
  const reason = wireReason(emulation)
  if (needed.size === 0 && reason === null) return null
  const lacking = [...needed].find((kind) => !kinds.has(kind))
  const inKernel = needed.has('netem') ? 'netem' : 'tbf'
  if (emulation.backend === 'netem') {
    // Without a seed of its own, netem draws other numbers each time, which is no reason to refuse it.
    if (reason !== null || (lacking && lacking !== 'netem-seed')) throw cannot(link, reason, lacking)
    return inKernel
  }
  return lacking || reason !== null || deviatesInKernel(emulation) ? 'wire' : inKernel
}

function cannot(link: string, reason: string | null, lacking: EmulationKind | undefined): LabError {
  const instead = 'write `emulation: auto` or `emulation: wire`'
  if (lacking === undefined) return new LabError('FEATURE_MISSING', `${link}: netem ${reason}`, { hint: instead })
  const table = lacking === 'u32' ? 'filter' : 'qdisc'
  return new LabError('FEATURE_MISSING', `${link}: ${lackText(table, lacking)}`, {
    hint: `${instead}, or ${remedyText(table, lacking)}`,
  })
}

/** Kinds that the kernel needs for an emulation. */
export function neededKinds({ directions }: LinkEmulation): Set<EmulationKind> {
  return new Set(directions.flatMap((direction) => [...kindsOfClasses(direction), ...kindsOfPaths(direction)]))
}

const kindsOfClasses = ({ sources = [] }: Direction): EmulationKind[] => (sources.length === 0 ? [] : ['htb', 'u32'])

const kindsOfPaths = (direction: Direction): EmulationKind[] =>
  impairmentsOf(direction).flatMap((impairment) => [
    ...(needsNetem(impairment) ? (['netem'] as const) : []),
    ...(needsNetem(impairment) && impairment.seed !== undefined ? (['netem-seed'] as const) : []),
    ...(impairment.rate === undefined ? [] : (['tbf', ...kindsOfQueue(impairment)] as const)),
  ])

const kindsOfQueue = ({ queue }: Impairment): EmulationKind[] => (queue === undefined ? [] : [queueKind(queue)])

/** The discipline that makes a queue. */
export function queueKind(queue: Queue): 'pfifo' | 'bfifo' | 'codel' | 'fq_codel' | 'red' {
  if (queue.kind !== 'fifo') return queue.kind
  return 'packets' in queue ? 'pfifo' : 'bfifo'
}
