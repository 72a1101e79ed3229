// `repeat`: makes many nodes or links from one description, with `{i}` filled in. There are limits, so that a small file cannot
// make a lab that is too large for any machine.

import { excerpt } from '../values/excerpt.js'
import { LAB_LIMITS, MAX_TEXT } from '../values/limits.js'
import { fillText, type Scope } from './expression.js'
import type { Faults } from './faults.js'
import {
  broken,
  type Entry,
  type Located,
  type LocatedMap,
  list,
  map,
  type Origin,
  scalar,
  textOf,
  without,
} from './located.js'

/** `values` and `characters` limit the copies of all repetitions together. */
const LIMITS = { ...LAB_LIMITS, values: 1_000_000, characters: MAX_TEXT }
const RANGE = /^(-?[0-9]+)\.\.(-?[0-9]+)$/
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const FORMS = 'a count, a range such as 1..4, a list, or a map from names to these'

type Values = Iterable<number | string>

/** One copy of a repeated description. */
export interface Instance {
  /** The description with the values of the variables filled in. */
  body: LocatedMap
  /** Fills the same values into another value. */
  fill: (value: Located) => Located
  /** Fills the same values into a name. `key`: where the name is written. */
  fillName: (name: string, key: Origin) => { name: string; key: Origin }
}

/** Repeats descriptions, and counts nodes, links and values against the limits. */
export class Repetition {
  private readonly made = { nodes: 0, links: 0, values: 0, characters: 0 }
  private isExhausted = false
  /** By value, so that each is measured once. */
  private readonly sizes = new WeakMap<Located, Size>()

  constructor(private readonly faults: Faults) {}

  /** The instances of a description. Without `repeat`, this is the description itself. */
  *of(description: LocatedMap): Generator<Instance> {
    const repeat = description.entries.get('repeat')
    if (!repeat) {
      yield { body: description, fill: (value) => value, fillName: (name, key) => ({ name, key }) }
      return
    }
    const bare = without(description, 'repeat')
    for (const scope of this.scopes(repeat.value)) {
      if (!this.take('values', this.sizeOf(bare).size, repeat.value.at)) return
      const note = [...scope].map(([name, value]) => `${name} = ${excerpt(String(value))}`).join(', ')
      const fill = (value: Located) => this.fill(value, scope, note)
      const fillName = (name: string, key: Origin) => this.fillName(name, scope, note, key)
      yield { body: fill(bare) as LocatedMap, fill, fillName }
    }
  }

  /** Counts more nodes, links or values; false if there are too many now, which is reported once. */
  take(what: keyof typeof LIMITS, count: number, at: Origin): boolean {
    this.made[what] += count
    if (this.isExhausted) return false
    if (this.made[what] <= LIMITS[what]) return true
    this.isExhausted = true
    const message =
      what === 'values' || what === 'characters'
        ? `the repetitions up to here make over ${LIMITS[what]} ${what}, and that is the limit`
        : `a lab has at most ${LIMITS[what]} ${what}, and up to here there are more`
    this.faults.addAt(at, message)
    return false
  }

  private *scopes(repeat: Located): Generator<Scope> {
    if (repeat.type !== 'map') {
      yield* this.product([['i', repeat]], new Map())
      return
    }
    const variables = [...repeat.entries].flatMap(([name, { key, value }]): [string, Located][] => {
      if (VARIABLE.test(name)) return [[name, value]]
      this.faults.addAt(key, `${name} is no name for a variable: letters, digits and _, and no digit first`)
      return []
    })
    yield* this.product(variables, new Map())
  }

  private *product(variables: readonly [string, Located][], scope: Scope): Generator<Scope> {
    const [first, ...rest] = variables
    if (!first) {
      yield scope
      return
    }
    for (const value of this.valuesOf(this.fill(first[1], scope, undefined), first[1])) {
      // It counts even if it makes no instance, because a range that depends on it is empty.
      if (!this.take('values', 1, first[1].at)) return
      yield* this.product(rest, new Map(scope).set(first[0], value))
    }
  }

  /** @param written the value before the variables above it were filled in */
  private valuesOf(value: Located, written: Located): Values {
    if (value.at.isBroken) return [1]
    if (value.type === 'list') return this.listed(value.items)
    const given = value.type === 'scalar' ? value.value : undefined
    if (typeof given === 'number' && Number.isInteger(given) && given >= 0) return count(1, given)
    const [, from, to] = RANGE.exec(textOf(value) ?? '') ?? []
    if (from === undefined || to === undefined) return this.refuse(value.at, formFault(textOf(value) ?? ''))
    // A range that depends on another variable may be empty.
    if (Number(from) > Number(to) && value === written)
      return this.refuse(value.at, `the range ${from}..${to} is empty`)
    return count(Number(from), Number(to))
  }

  private listed(items: readonly Located[]): Values {
    return items.flatMap((item) => {
      const given = item.type === 'scalar' ? item.value : undefined
      // A number such as 01 keeps its zeros, and is no number to count with.
      const value = typeof given === 'number' && textOf(item) !== String(given) ? textOf(item) : given
      if (typeof value === 'string' || Number.isSafeInteger(value)) return [value as string | number]
      this.faults.addAt(item.at, '`repeat` takes texts and whole numbers')
      return []
    })
  }

  /** One value is returned, so that the rest of the description is checked too. */
  private refuse(at: Origin, message: string): Values {
    this.faults.addAt(at, message)
    return [1]
  }

  /** A value without a template stays the same object. */
  private fill(value: Located, scope: Scope, note: string | undefined): Located {
    if (scope.size === 0 || !this.sizeOf(value).hasTemplate) return value
    if (value.type === 'list')
      return list(
        value.items.map((item) => this.fill(item, scope, note)),
        noted(value.at, note),
      )
    if (value.type === 'map') {
      const entries = new Map<string, Entry>()
      for (const [written, entry] of value.entries) {
        const { name, key } = this.fillName(written, scope, note, entry.key)
        if (entries.has(name)) this.faults.addAt(key, `${name} is there twice`)
        else entries.set(name, { key, value: this.fill(entry.value, scope, note) })
      }
      return map(entries, noted(value.at, note))
    }
    if (this.isExhausted) return broken(value.at)
    const result = fillText(String(value.value), scope, MAX_TEXT)
    if ('value' in result) {
      const isRoom = this.take('characters', String(result.value).length, value.at)
      return isRoom ? scalar(result.value, noted(value.at, note)) : broken(value.at)
    }
    this.faults.addAt(noted(value.at, note), result.fault)
    return broken(value.at)
  }

  private fillName(written: string, scope: Scope, note: string | undefined, at: Origin): { name: string; key: Origin } {
    if (!written.includes('{')) return { name: written, key: at }
    const result = fillText(written, scope, MAX_TEXT)
    const key = noted(at, note)
    const name = 'value' in result ? String(result.value) : written
    if (!this.take('characters', name.length, at)) return { name: written, key: { ...key, isBroken: true } }
    if (!('fault' in result) && name !== '__proto__') return { name, key }
    this.faults.addAt(key, 'fault' in result ? result.fault : '__proto__ cannot be a key')
    return { name: written, key: { ...key, isBroken: true } }
  }

  private sizeOf(value: Located): Size {
    const known = this.sizes.get(value)
    if (known) return known
    const whole: Size = { size: 1, hasTemplate: value.type === 'scalar' && (textOf(value)?.includes('{') ?? false) }
    const inner = value.type === 'list' ? value.items : value.type === 'map' ? [...value.entries.values()] : []
    for (const each of inner) {
      const { size, hasTemplate } = this.sizeOf('key' in each ? each.value : each)
      whole.size += size
      whole.hasTemplate ||= hasTemplate
    }
    if (value.type === 'map') whole.hasTemplate ||= [...value.entries.keys()].some((name) => name.includes('{'))
    this.sizes.set(value, whole)
    return whole
  }
}

/** The fault of a text that is neither a count nor a range. */
function formFault(text: string): string {
  const [template] = /\{[^{}]+\}/.exec(text) ?? []
  return template === undefined
    ? `\`repeat\` takes ${FORMS}`
    : `${template} has no value here: only variables above this one can be used`
}

/** The variables of a `repeat`, in braces. */
export function templatesOf(repeat: Located | undefined): string[] {
  const names = repeat?.type === 'map' ? [...repeat.entries.keys()] : ['i']
  return names.map((name) => `{${name}}`)
}

const noted = (at: Origin, note: string | undefined): Origin =>
  note === undefined || note === '' ? at : { ...at, note: at.note === undefined ? note : `${at.note}, ${note}` }

interface Size {
  /** The number of values in a value, itself included. */
  size: number
  hasTemplate: boolean
}

function* count(from: number, to: number): Generator<number> {
  for (let value = from; value <= to; value++) yield value
}
