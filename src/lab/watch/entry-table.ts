// The entries of one kind that a network namespace has, as far as they have been told: finds what a message of the kernel changes,
// and what differs after a list. Pure.

import type { Notice } from '../../kernel/netlink/multicast-socket.js'
import { NLM_F_REPLACE } from '../../kernel/netlink/rtnl/constants.js'
import type { NetworkEventKind } from '../../model/lab-event.js'
import type { AnyKind } from './entries/kinds.js'

/** An entry that was added (no `was`), removed (no `value`) or changed. */
export interface EntryChange {
  value: unknown
  was: unknown
}

/** What follows from a message: null for nothing new, `unclear` when only a list shows it. */
export type Outcome = EntryChange | 'unclear' | null

export class EntryTable {
  /** JSON texts, which take a third of the memory of objects; null until they are needed, since most nodes rest. */
  private read: Map<string, string> | null = null
  /** Bodies of messages as the kernel listed them, until they are read. */
  private listed: Buffer[] = []

  constructor(readonly kind: AnyKind) {}

  private get entries(): Map<string, string> {
    this.read ??= this.readAll(this.listed.splice(0))
    return this.read
  }

  /** Whether a message is about an entry of this kind. */
  isOf({ type }: Notice): boolean {
    return type === this.kind.added || type === this.kind.removed
  }

  take({ type, flags, payload }: Notice): Outcome {
    const entry = this.kind.read(payload)
    if (entry === null) return null
    const { key, value } = entry
    const [text, known] = [JSON.stringify(value), this.entries.get(key)]
    if (this.entries.has(second(key))) return 'unclear'
    if (type === this.kind.added) return this.add(key, text, { value, flags, known })
    if (known === undefined) return null
    // What the kernel removes may be a part of what is known, such as one of several next hops.
    if (known !== text && this.kind.event === 'route') return 'unclear'
    this.entries.delete(key)
    return { value: null, was: JSON.parse(known) }
  }

  /** Takes a first list, of bodies of messages, for what there is. */
  begin(payloads: readonly Buffer[]): void {
    // One allocation in place of many, each of which would take some hundred bytes more.
    const whole = Buffer.concat(payloads)
    let end = 0
    this.listed = payloads.map(({ length }) => {
      end += length
      return whole.subarray(end - length, end)
    })
  }

  /** Takes a later list for what there is. @returns what has changed, removed entries first */
  compare(payloads: readonly Buffer[]): EntryChange[] {
    const [before, after] = [this.entries, this.readAll(payloads)]
    this.read = after
    const changes: EntryChange[] = []
    for (const [key, text] of before) if (!after.has(key)) changes.push({ value: null, was: JSON.parse(text) })
    for (const [key, text] of after) {
      const was = before.get(key)
      if (was !== text) changes.push({ value: JSON.parse(text), was: was === undefined ? null : JSON.parse(was) })
    }
    return changes
  }

  get size(): number {
    return this.entries.size
  }

  /** Values as they are known. */
  *values(): Iterable<unknown> {
    for (const text of this.entries.values()) yield JSON.parse(text)
  }

  /** The kinds that lose entries without a message by a change. */
  silencedBy({ value, was }: EntryChange): readonly NetworkEventKind[] {
    return was === null ? [] : (this.kind.silences?.(was, value) ?? [])
  }

  private readAll(payloads: readonly Buffer[]): Map<string, string> {
    const entries = new Map<string, string>()
    for (const payload of payloads) {
      const entry = this.kind.read(payload)
      if (entry === null) continue
      let { key } = entry
      while (entries.has(key)) key = second(key)
      entries.set(key, JSON.stringify(entry.value))
    }
    return entries
  }

  private add(
    key: string,
    text: string,
    { value, flags, known }: { value: unknown; flags: number; known: string | undefined },
  ): Outcome {
    if (known === text) return null
    const isReplaced = (flags & NLM_F_REPLACE) !== 0 || !this.kind.isAmbiguous?.(value)
    if (known !== undefined && !isReplaced) return 'unclear'
    this.entries.set(key, text)
    return { value, was: known === undefined ? null : JSON.parse(known) }
  }
}

/** The key of another entry with the same key. */
const second = (key: string): string => `${key}#`
