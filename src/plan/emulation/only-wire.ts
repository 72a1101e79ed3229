// What the kernel's queueing disciplines do not do as it is written, and the wire does.
import type { Direction, Impairment, LinkEmulation } from '../../model/impairment.js'
import { wireOnly } from '../../topology/emulation/only-wire.js'

/** Every impairment of a direction: that of the link, and those of single stations. */
export const impairmentsOf = ({ impairment, sources = [] }: Direction): Impairment[] =>
  [impairment, ...sources.map((source) => source.impairment)].filter((each) => each !== null)

/** Whether netem is needed: tbf alone makes only a rate and its queue. */
export const needsNetem = ({ delayNs, jitter, loss, duplicate, corrupt, reorder }: Impairment): boolean =>
  [delayNs, jitter, loss, duplicate, corrupt, reorder].some((part) => part !== undefined)

/** Why the kernel does not do what is written, continuing "netem …"; null when it does. */
export function wireReason({ directions }: LinkEmulation): string | null {
  const [own] = directions.flatMap(impairmentsOf).flatMap(wireOnly)
  if (own) return own.reason
  return directions.some(mixesDuplicates) ? 'does not duplicate beside another netem on one interface' : null
}

/** Kernels from 2025 on refuse a netem that duplicates beside another one on the same interface (check_netem_in_tree). */
function mixesDuplicates(direction: Direction): boolean {
  const those = impairmentsOf(direction).filter(needsNetem)
  return those.length > 1 && those.some(({ duplicate }) => duplicate !== undefined)
}

/** Whether the kernel does it with a deviation, which `emulation: auto` avoids. */
export const deviatesInKernel = ({ directions }: LinkEmulation): boolean =>
  directions.some(
    (direction) =>
      // Each class of htb has a queue of its own, while the frames of a real link share one.
      (direction.sources ?? []).some(({ sharesRate }) => sharesRate) ||
      impairmentsOf(direction).some(
        ({ jitter, reorder, rate }) =>
          // A moving average of random numbers varies less than these.
          (jitter?.correlation ?? 0) > 0 ||
          // A reordered frame does not pass the disciplines below netem, and so not the rate (netem_dequeue in sch_netem.c).
          (reorder !== undefined && rate !== undefined),
      ),
  )
