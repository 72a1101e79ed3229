// Sends what is scheduled for directions of links: probes along all of them at one time, floods in groups.
import type { FloodObservation, Observation } from '../../verify/observation.js'
import type { Flood, Schedule } from '../../verify/schedule.js'
import { endText } from '../links/endpoint.js'
import type { RunningLab } from '../record/select.js'
import type { LinkDirection } from './directions.js'
import { floodLinks, type ProbeOptions, probeLinks } from './probe-links.js'

/** Of a flood, which costs less time for each frame than probes do, this machine sends so many frames for each of a probe. */
const FLOOD_FRAMES = 2
const SLACK_NS = 300e6

/** Until the last frame has arrived. */
export const longestWait = (directions: readonly LinkDirection[]): number =>
  SLACK_NS +
  Math.max(
    0,
    ...directions.map(({ impairment }) => {
      const { delayNs = 0, jitter, trace } = impairment ?? {}
      return delayNs + 5 * (jitter?.amountNs ?? 0) + (trace?.opportunitiesMs.at(-1) ?? 0) * 1e6
    }),
  )

/** Sends probes where there is a schedule. */
export async function sendProbes(
  lab: RunningLab,
  directions: readonly LinkDirection[],
  schedules: readonly (Schedule | null)[],
  wait: ProbeOptions,
): Promise<(Observation | null)[]> {
  const paths = directions.flatMap((direction, at) => {
    const schedule = schedules[at]
    return schedule ? [{ at, direction, schedule }] : []
  })
  if (paths.length === 0) return []
  const observed = await probeLinks(lab, paths, wait)
  return scattered(paths, observed, directions.length)
}

export async function sendFloods(
  lab: RunningLab,
  directions: readonly LinkDirection[],
  floods: readonly (Flood | null)[],
  framesPerSecond: number,
  wait: ProbeOptions,
): Promise<(FloodObservation | null)[]> {
  const results: (FloodObservation | null)[] = directions.map(() => null)
  for (const group of floodsAtOneTime(directions, floods, framesPerSecond)) {
    const observed = await floodLinks(lab, group, wait)
    for (const [index, { at }] of group.entries()) results[at] = observed[index] ?? null
  }
  return results
}

const scattered = <T>(paths: readonly { at: number }[], values: readonly T[], length: number): (T | null)[] => {
  const found = new Map(paths.map(({ at }, index) => [at, values[index] as T]))
  return Array.from({ length }, (_, at) => found.get(at) ?? null)
}

interface FloodPath {
  at: number
  direction: LinkDirection
  flood: Flood
}

/** Floods that are sent at one time: each of another interface, and no more than this machine can send. */
export function floodsAtOneTime(
  directions: readonly LinkDirection[],
  floods: readonly (Flood | null)[],
  framesPerSecond: number,
): FloodPath[][] {
  const groups: FloodPath[][] = []
  for (const [at, direction] of directions.entries()) {
    const own = floods[at]
    if (!own) continue
    const path = { at, direction, flood: own }
    const isFree = (group: FloodPath[]) =>
      group.every((other) => endText(other.direction.from) !== endText(direction.from)) &&
      group.reduce((sum, other) => sum + other.flood.bitsPerSecond, own.bitsPerSecond) <=
        framesPerSecond * FLOOD_FRAMES * own.bytes * 8
    const group = groups.find(isFree)
    if (group) group.push(path)
    else groups.push([path])
  }
  return groups
}
