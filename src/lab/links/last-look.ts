// The counters that the last `link ls` of a lab saw: a file in the lab's directory, which ends with it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Counts } from '../../model/link-report.js'
import { replaceFile } from '../record/state.js'

export interface LastLook {
  /** Milliseconds since 1970. */
  at: number
  /** Of both directions of each link, by its number. */
  links: [Counts, Counts][]
  /** Frames that never reached the wire, of all links together. */
  lost: number
}

const fileIn = (directory: string): string => join(directory, 'last-look.json')

/** null for none, and for one that is damaged. */
export function readLook(directory: string): LastLook | null {
  try {
    const value: unknown = JSON.parse(readFileSync(fileIn(directory), 'utf8'))
    return isLook(value) ? value : null
  } catch {
    return null
  }
}

/** @throws KernelError with the errno */
export function writeLook(directory: string, look: LastLook): void {
  replaceFile(fileIn(directory), JSON.stringify(look), 'write')
}

/**
 * The links of a lab have other places.
 *
 * @param before of each link, the place that it had; null for a new one
 */
export function rearrangeLook(directory: string, before: readonly (number | null)[]): void {
  const look = readLook(directory)
  if (!look) return
  const none: Counts = { packets: 0, bytes: 0, drops: 0 }
  const links = before.map(
    (place) => (place === null ? undefined : look.links[place]) ?? ([none, none] as [Counts, Counts]),
  )
  writeLook(directory, { ...look, links })
}

/** The counters of a link begin anew. */
export function forgetLook(directory: string, link: number): void {
  const look = readLook(directory)
  if (!look) return
  const none: Counts = { packets: 0, bytes: 0, drops: 0 }
  writeLook(directory, { ...look, links: look.links.map((each, at) => (at === link ? [none, none] : each)) })
}

function isLook(value: unknown): value is LastLook {
  const { at, links, lost } = (value ?? {}) as Partial<LastLook>
  return (
    [at, lost].every(Number.isFinite) &&
    Array.isArray(links) &&
    links.every((link) => Array.isArray(link) && link.every(isCounts))
  )
}

function isCounts(value: unknown): value is Counts {
  const { packets, bytes, drops } = (value ?? {}) as Partial<Counts>
  return [packets, bytes, drops].every(Number.isFinite)
}
