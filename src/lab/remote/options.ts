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
    if (Object.getPrototypeOf(value ?? 0) !== Object.prototype) return value
    const entries = Object.entries(value as object).flatMap(([key, each]): [string, unknown][] => {
      const at = [...path, key]
      if (typeof each === 'function') functions.push({ path: at, value: each })
      else if (each instanceof AbortSignal) signals.push({ path: at, value: each })
      else return [[key, dataOf(each, at)]]
      return []
    })
    return Object.fromEntries(entries)
  }
  return { data: dataOf(options, []), functions, signals }
}

/** Puts something in the place of what was taken from options. */
export function putIn(data: unknown, taken: readonly Taken<unknown>[]): void {
  for (const { path, value } of taken) {
    let at = data as Record<string, unknown>
    for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>
    at[path.at(-1) as string] = value
  }
}
