// Which keys a schema knows at a place, for suggestions: walks the schema along the place's path.
import type { z } from 'zod'
import type { Path } from './fault.js'

type Schema = z.core.$ZodType

/** Keys of the maps that may stand at a path. */
export function knownKeys(root: Schema, path: Path): string[] {
  const at = path.reduce((schemas: Schema[], step) => schemas.flatMap((schema) => below(schema, step)), bare(root))
  return [
    ...new Set(
      at.flatMap((schema) => ('shape' in schema._zod.def ? Object.keys(schema._zod.def.shape as object) : [])),
    ),
  ]
}

/** The schemas of what is under a key or an index. */
function below(schema: Schema, step: PropertyKey): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object': {
      const inner = def.shape[String(step)]
      return inner ? bare(inner) : []
    }
    case 'record':
      return bare(def.valueType)
    case 'array':
      return bare(def.element)
    default:
      return []
  }
}

/** What is inside a schema that only wraps others. */
function bare(schema: Schema): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'nullable':
      return bare(def.innerType)
    case 'pipe':
      return bare(def.out)
    case 'union':
      return def.options.flatMap(bare)
    default:
      return [schema]
  }
}
