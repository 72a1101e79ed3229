// The options of calls between processes: functions and signals stay where they are and are known by their paths, all else is data.

/** Keys from the outermost object to a function or a signal. */
export type OptionPath = readonly string[]

/** Options without their functions and signals. */
export interface TakenApart {
  data: unknown
  functions: readonly Taken<(...args: unknown[]) => unknown>[]
  signals: readonly Taken<AbortSignal>[]
}

export interface Taken<T> {
  path: OptionPath
  value: T
}

/** @param options the last argument of a call */
export function takenApart(options: unknown): TakenApart {
  const functions: Taken<(...args: unknown[]) => unknown>[] = []
  const signals: Taken<AbortSignal>[] = []
  const dataOf = (value: unknown, path: OptionPath): unknown => {
    if (!isPlain(value)) return value
    const entries = Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
      const at = [...path, key]
      if (typeof each === 'function') functions.push({ path: at, value: each })
      else if (isSignal(each)) signals.push({ path: at, value: each })
      else return [[key, dataOf(each, at)]]
      return []
    })
    return Object.fromEntries(entries)
  }
  return { data: dataOf(options, []), functions, signals }
}

// Test runners that use node:vm have classes of their own, so these look at what a value has.

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && isOutermost(Object.getPrototypeOf(value))

/** Of all prototypes, only that of plain objects has none itself. */
const isOutermost = (prototype: object | null): boolean =>
  prototype === null || Object.getPrototypeOf(prototype) === null

const isSignal = (value: unknown): value is AbortSignal =>
  typeof value === 'object' && value !== null && 'throwIfAborted' in value && 'addEventListener' in value

/** Puts something in the place of what was taken from options. */
export function putIn(data: unknown, taken: readonly Taken<unknown>[]): void {
  for (const { path, value } of taken) {
    let at = data as Record<string, unknown>
    for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>
    at[path.at(-1) as string] = value
  }
}
