// The JSON that ip(8) and bridge(8) print: a list of objects, or nothing.

/** @throws SyntaxError, TypeError for what is no list of objects */
export function documents<T extends object>(text: string | null): T[] {
  const list: unknown = text === null || text.trim() === '' ? [] : JSON.parse(text)
  if (Array.isArray(list) && list.every((each) => typeof each === 'object' && each !== null)) return list as T[]
  throw new TypeError('no list of objects')
}
