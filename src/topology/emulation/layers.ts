// What is written of one direction at several places, from the general to the special: each key is taken from the last place
// that has it.
import { type ImpairmentKey, NONE, type WrittenImpairments } from '../schema/impairments.js'
import type { Path } from '../source/located.js'
import { LINK_PRESETS, type LinkPreset } from '../values/link-presets.js'
import type { Report } from './report.js'

/** A value that is not `none`. */
export type Written<K extends ImpairmentKey> = Exclude<WrittenImpairments[K], undefined>

export interface Layer {
  written: WrittenImpairments
  path: Path
}

type Key = Exclude<ImpairmentKey, 'preset'>

interface Found {
  value: unknown
  path: Path
  isOfPreset: boolean
}

/** The ends of a preset: the user's end sends up. */
export type Side = 'up' | 'down'

/** Values by key, each with its place. */
export class Merged {
  private readonly found = new Map<Key, Found>()

  constructor(layers: readonly Layer[], side: Side, report: Report) {
    for (const layer of layers) this.add(layer, side, report)
  }

  get isEmpty(): boolean {
    return this.found.size === 0
  }

  get<K extends Key>(key: K): Written<K> | undefined {
    return this.found.get(key)?.value as Written<K> | undefined
  }

  /** Where the value of a key is written; a preset is the place of its values. */
  pathOf(key: Key): Path {
    return this.found.get(key)?.path ?? []
  }

  has(key: Key): boolean {
    return this.found.has(key)
  }

  private add({ written: { preset, ...own }, path }: Layer, side: Side, report: Report): void {
    if (preset !== undefined) this.setPreset(preset, [...path, 'preset'], side)
    if (own.rate !== undefined && own.rate !== NONE && own.trace !== undefined && own.trace !== NONE)
      report([...path, 'trace'], 'a trace is in place of a rate: write one of them', 'key')
    for (const [key, value] of Object.entries(own) as [Key, unknown][])
      if (value !== undefined) this.set(key, { value, path: [...path, key], isOfPreset: false })
  }

  private setPreset(name: string, path: Path, side: Side): void {
    if (name === NONE) {
      for (const [key, { isOfPreset }] of this.found) if (isOfPreset) this.found.delete(key)
      return
    }
    // The schema has refused what is none.
    const { delay, jitter, loss, rate } = LINK_PRESETS[name] as LinkPreset
    const values = { delay, jitter, loss, rate: rate?.[side] }
    for (const [key, value] of Object.entries(values) as [Key, string | undefined][])
      if (value !== undefined) this.set(key, { value, path, isOfPreset: true })
  }

  private set(key: Key, found: Found): void {
    this.found.delete(key)
    if (found.value === NONE) return
    if (key === 'rate') this.found.delete('trace')
    if (key === 'trace') this.found.delete('rate')
    this.found.set(key, found)
  }
}
