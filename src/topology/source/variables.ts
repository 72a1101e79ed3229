// Variables: finds the value of `${name}`, and substitutes it everywhere in a topology.
import { LabError } from '../../errors.js'
import { LITERAL_KEYS } from '../schema/expansion.js'
import { excerpt } from '../values/excerpt.js'
import { MAX_TEXT } from '../values/limits.js'
import { suggestion } from '../values/suggest.js'
import type { Faults } from './faults.js'
import {
  broken,
  type Entry,
  get,
  type Located,
  type LocatedMap,
  list,
  map,
  type Origin,
  scalar,
  textOf,
  without,
} from './located.js'

/** Sources of values beside the file. */
export interface VariableSources {
  /** Values by name, as texts. They win over the values in the file. */
  set?: Readonly<Record<string, string>>
  /** Looks up an environment variable that the file names. */
  environment?: (name: string) => string | undefined
}

type Value = string | number | boolean
/** A value, and its text as it is written. */
interface Given {
  value: Value
  text: string
}
/** The value of a variable, or the reason why it has none; `broken` if that has been reported. */
type Lookup = Given | { missing: string } | 'broken'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Matches `$${`, which stands for `${`; `${NAME}`; `${NAME:-DEFAULT}`; and a brace that is not closed. */
const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g
const INNER = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/
/** The variables of one topology. */
export class Variables {
  private readonly known = new Map<string, Lookup>()
  private readonly used = new Set<string>()
  /** All names under `vars`, also those below the one that is being read. */
  private declared: ReadonlySet<string> = new Set()
  private readonly substituted = new Map<Located, Located>()
  private readonly set: ReadonlyMap<string, string>
  /** The number of characters that variables were replaced by so far. */
  private characters = 0

  constructor(
    private readonly sources: VariableSources,
    private readonly faults: Faults,
  ) {
    this.set = new Map(Object.entries(sources.set ?? {}))
  }

  /** The topology with every variable replaced by its value. */
  substitute(root: LocatedMap): LocatedMap {
    const vars = get(root, 'vars')
    if (vars?.type === 'map') {
      this.declared = new Set(vars.entries.keys())
      for (const [name, entry] of vars.entries) this.declare(name, entry)
    }
    const rest = this.replace(without(root, ...LITERAL_KEYS)) as LocatedMap
    const own = [...root.entries].filter(([name]) => (LITERAL_KEYS as readonly string[]).includes(name))
    return map(new Map([...own, ...rest.entries]), root.at)
  }

  /** @throws LabError USAGE if a value was set for a variable that the topology does not have */
  refuseUnknown(file = 'the topology'): void {
    const names = [...this.known.keys(), ...this.used]
    for (const name of this.set.keys()) {
      if (names.includes(name)) continue
      throw new LabError('USAGE', `${file} has no variable ${name}${suggestion(name, names)}`)
    }
  }

  /** Reads a variable. It may use those that are declared above it. */
  private declare(name: string, { key, value: written }: Entry): void {
    if (!NAME.test(name)) return
    const from = get(written, 'env')
    const given = written.type === 'map' ? get(written, 'default') : written
    const value = given && this.replace(given)
    const own = value?.type === 'scalar' && isValue(value.value) ? value.value : undefined
    const ownText = textOf(value)
    const environment = from?.type === 'scalar' ? this.fromEnvironment(String(from.value)) : undefined
    const text = this.set.get(name) ?? environment
    if (text !== undefined) this.known.set(name, this.typed(name, text, own, key))
    else if (value?.at.isBroken) this.known.set(name, 'broken')
    else if (own !== undefined && ownText !== undefined) this.known.set(name, { value: own, text: ownText })
    else
      this.known.set(name, {
        missing:
          from?.type === 'scalar' ? `the environment has no ${String(from.value)}` : 'it is declared without one',
      })
  }

  private fromEnvironment(name: string): string | undefined {
    return this.sources.environment?.(name)
  }

  /** Gives a text from outside the file the type of the value that it replaces. */
  private typed(name: string, text: string, own: Value | undefined, key: Origin): Lookup {
    const value = typeof own === 'string' ? text : readValue(text)
    if (own === undefined || typeof own === typeof value) return { value, text }
    this.faults.addAt(key, `${name} is given as ${JSON.stringify(text)}, and its default is the ${typeof own} ${own}`)
    return 'broken'
  }

  private replace(value: Located): Located {
    const before = this.substituted.get(value)
    if (before) return before
    const after = this.replaced(value)
    this.substituted.set(value, after)
    return after
  }

  /** A value without a variable stays the same object. */
  private replaced(value: Located): Located {
    if (value.type === 'scalar') return this.replacedScalar(value)
    if (value.type === 'list') {
      const items = value.items.map((item) => this.replace(item))
      return items.every((item, index) => item === value.items[index]) ? value : list(items, value.at)
    }
    let isSame = true
    const entries = new Map<string, Entry>()
    for (const [written, entry] of value.entries) {
      const { name, key } = this.replacedKey(written, entry.key)
      const after = { key, value: this.replace(entry.value) }
      isSame &&= key === entry.key && after.value === entry.value
      if (entries.has(name)) this.faults.addAt(key, `${name} is there twice`)
      else entries.set(name, after)
    }
    return isSame ? value : map(entries, value.at)
  }

  private replacedScalar(written: Located & { type: 'scalar' }): Located {
    if (typeof written.value !== 'string' || !written.value.includes('${')) return written
    const result = this.fill(written.value, written.at)
    return result ? scalar(result.value, noted(written.at, result.notes), result.text) : broken(written.at)
  }

  private replacedKey(written: string, key: Origin): { name: string; key: Origin } {
    if (!written.includes('${')) return { name: written, key }
    const result = this.fill(written, key)
    const name = result?.text ?? written
    if (name !== '__proto__') return { name, key: result ? noted(key, result.notes) : { ...key, isBroken: true } }
    this.faults.addAt(key, '__proto__ cannot be a key')
    return { name: written, key: { ...key, isBroken: true } }
  }

  /** A text that is only one variable becomes a value of its type. null after a fault. */
  private fill(text: string, at: Origin): (Given & { notes: string[] }) | null {
    let whole: Given | undefined
    let isBroken = false
    const notes: string[] = []
    const filled = text.replace(REFERENCE, (reference, inner: string | undefined, close: string) => {
      if (inner === undefined) return '${'
      const given = close === '' ? this.refuse(at, `${reference} has no closing brace`) : this.lookUp(inner, at)
      if (given === null) {
        isBroken = true
        return ''
      }
      if (reference.length === text.length) whole = given
      if (!this.take(given.text.length, at)) {
        isBroken = true
        return ''
      }
      notes.push(`${inner.replace(/:-.*/s, '')} = ${excerpt(given.text)}`)
      return given.text
    })
    return isBroken ? null : { ...(whole ?? { value: filled, text: filled }), notes }
  }

  /** Counts more characters; false if there are too many now, which is reported once. */
  private take(count: number, at: Origin): boolean {
    const isFirst = this.characters <= MAX_TEXT
    this.characters += count
    if (this.characters <= MAX_TEXT) return true
    if (isFirst) this.faults.addAt(at, `the variables up to here become over ${MAX_TEXT} characters`)
    return false
  }

  private lookUp(inner: string, at: Origin): Given | null {
    const [, name, fallback] = INNER.exec(inner) ?? []
    if (name === undefined || fallback?.includes('${')) {
      return this.refuse(
        at,
        `\${${inner}} is not \${NAME} or \${NAME:-DEFAULT}; write $\${ for a text that begins like that`,
      )
    }
    this.used.add(name)
    const text = this.set.get(name)
    const known = this.known.get(name) ?? (text === undefined ? undefined : { value: readValue(text), text })
    if (known === 'broken') return null
    if (known && 'value' in known) return known
    if (fallback !== undefined) return { value: readValue(fallback), text: fallback }
    const why = known
      ? `: ${known.missing}`
      : this.declared.has(name)
        ? ' here: a variable can use those above it alone'
        : suggestion(name, this.known.keys())
    return this.refuse(
      at,
      `the variable ${name} has no value${why || `; give it one under \`vars\`, or with --set ${name}=…`}`,
    )
  }

  private refuse(at: Origin, message: string): null {
    this.faults.addAt(at, message)
    return null
  }
}

const noted = (at: Origin, notes: readonly string[]): Origin =>
  notes.length === 0 ? at : { ...at, note: notes.join(', ') }

const isValue = (value: unknown): value is Value => ['string', 'number', 'boolean'].includes(typeof value)

/** Matches numbers (YAML 1.2, section 10.3.2). */
const NUMBER = /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+)$/

/** Reads a text from outside the file as YAML would. */
function readValue(text: string): Value {
  if (text === 'true' || text === 'false') return text === 'true'
  return NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : text
}
