// The limits of namespaces a user (user.max_*_namespaces). A user namespace shows its own, and those of the one above hold too, so
// a program that is re-executed in a namespace gets them in an environment variable.
import { readSysctl } from '../../kernel/small-file.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../namespace-kinds.js'

/** Environment variable with the limits outside of the lab's outer user namespace, as JSON. */
export const NAMESPACE_LIMITS_VARIABLE = 'NSLAB_NAMESPACE_LIMITS'

/** null: no limit is known. */
export type NamespaceLimits = Record<NamespaceKind, number | null>

export function namespaceLimits(): NamespaceLimits {
  const outside = fromEnvironment()
  const limitOf = (kind: NamespaceKind): number | null => {
    const known = [readSysctl(`user.max_${kind}_namespaces`), outside[kind]].filter((each) =>
      Number.isSafeInteger(each),
    )
    return known.length === 0 ? null : Math.min(...(known as number[]))
  }
  return Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, limitOf(kind)])) as NamespaceLimits
}

/** The user may have set the variable, so anything but a map counts as unknown. */
function fromEnvironment(): Partial<Record<NamespaceKind, unknown>> {
  try {
    return Object(JSON.parse(process.env[NAMESPACE_LIMITS_VARIABLE] ?? '{}'))
  } catch {
    return {}
  }
}
