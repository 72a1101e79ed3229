// The plain data of located values, for the schema. YAML reads 1.10 as a number and `true` as a boolean; where the schema takes
// texts only, they become the text that is written.
import { type Located, type LocatedScalar, textOf } from './located.js'
import { bare, below, type Schema } from './schema-keys.js'

/** The plain data. A value that occurs several times at places of one schema, because of an alias, becomes one shared object. */
export const toPlain = (root: Located, schema: Schema): unknown => new Place(bare(schema)).plain(root)

/** All places of a topology whose values have the same schemas. */
class Place {
  private readonly places = new Map<PropertyKey, Place>()
  private readonly known = new Map<Located, unknown>()
  private readonly takesText: boolean

  constructor(private readonly schemas: readonly Schema[]) {
    const kinds = schemas.flatMap(typesOf)
    this.takesText = kinds.includes('string') && !kinds.includes('number') && !kinds.includes('boolean')
  }

  plain(value: Located): unknown {
    if (value.type === 'scalar') return this.scalar(value)
    const before = this.known.get(value)
    if (before !== undefined) return before
    const plain =
      value.type === 'list'
        ? value.items.map((item) => this.below(0).plain(item))
        : Object.fromEntries([...value.entries].map(([key, entry]) => [key, this.below(key).plain(entry.value)]))
    this.known.set(value, plain)
    return plain
  }

  private scalar(value: LocatedScalar): unknown {
    const isText = this.takesText && value.value !== null
    return isText ? textOf(value) : value.value
  }

  private below(step: PropertyKey): Place {
    // All items of a list, and all values of a map with free keys, have one schema.
    const key = this.schemas.some(({ _zod }) => _zod.def.type === 'object') ? step : ''
    const known = this.places.get(key)
    if (known) return known
    const place = new Place(this.schemas.flatMap((schema) => below(schema, step)))
    this.places.set(key, place)
    return place
  }
}

function typesOf(schema: Schema): string[] {
  const { def } = (schema as { _zod: { def: { type: string; values?: readonly unknown[] } } })._zod
  return def.type === 'literal' ? (def.values ?? []).map((value) => typeof value) : [def.type]
}
