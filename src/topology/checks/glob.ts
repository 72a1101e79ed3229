// Patterns of names as shells have them: `*` for any characters, `?` for one.

export const isPattern = (text: string): boolean => /[*?]/.test(text)

/** The names that a pattern fits, in their order. */
export function matching(pattern: string, names: Iterable<string>): string[] {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${source}$`)
  return [...names].filter((name) => expression.test(name))
}
