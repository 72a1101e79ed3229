// Finds the keys that the schema knows at a path, for suggestions.

import { globalRegistry, type z } from 'zod'
import type { Path } from './located.js'

export type Schema = z.core.$ZodType

/** The keys of the map at a path. @param value the value at the path, which tells which of several maps is meant */
export function knownKeys(root: Schema, path: Path, value: unknown): string[] {
  const at = path.reduce((schemas: Schema[], step) => schemas.flatMap((schema) => below(schema, step)), bare(root))
  return [...new Set(at.flatMap((schema) => (isMeant(schema, value) ? Object.keys(shapeOf(schema)) : [])))]
}

/** The key whose list can be written in place of the map at a path, such as `endpoints` of a link. */
export function keyOfListForm(root: Schema, path: Path): string | undefined {
  const above = path
    .slice(0, -1)
    .reduce((schemas: Schema[], step) => schemas.flatMap((schema) => below(schema, step)), bare(root))
  const forms = above.flatMap((schema) => inner(schema, path.at(-1) as PropertyKey) ?? [])
  return forms.map((schema) => globalRegistry.get(schema)?.orListOf).find((key) => typeof key === 'string')
}

const shapeOf = (schema: Schema): Record<string, Schema> =>
  'shape' in schema._zod.def ? (schema._zod.def.shape as Record<string, Schema>) : {}

/** Whether the value has the constants of the schema, such as that of `kind`. */
function isMeant(schema: Schema, value: unknown): boolean {
  return Object.entries(shapeOf(schema)).every(([key, inner]) => {
    const { def } = (inner as z.core.$ZodTypes)._zod
    return def.type !== 'literal' || def.values.includes((value as Record<string, never>)[key] as never)
  })
}

/** The schemas of the value under a key or an index. */
export function below(schema: Schema, step: PropertyKey): Schema[] {
  const found = inner(schema, step)
  return found ? bare(found) : []
}

function inner(schema: Schema, step: PropertyKey): Schema | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, String(step)) ? def.shape[String(step)] : undefined
    case 'record':
      return def.valueType
    case 'array':
      return def.element
    default:
      return undefined
  }
}

/** The schemas inside a schema that only wraps others. */
export function bare(schema: Schema): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'nullable':
      return bare(def.innerType)
    case 'pipe':
      return bare(def.out._zod.def.type === 'transform' ? def.in : def.out)
    case 'union':
      return def.options.flatMap(bare)
    default:
      return [schema]
  }
}
