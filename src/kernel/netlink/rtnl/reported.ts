// The types of settings that are read back from the kernel: a builder may leave settings out, the kernel reports all of them.

/** The number of a word that nslab does not know, such as of a mode that it cannot write. */
export type UnknownWord = `${number}`

/**
 * The settings `S`, every one of them present. Only those of `Optional` may be undefined, where the kernel has none. A word
 * may be an UnknownWord.
 */
export type Reported<S, Optional extends keyof S = never> = {
  [K in keyof S]-?:
    | (K extends Optional ? S[K] | undefined : Exclude<S[K], undefined>)
    | (S[K] extends string | undefined ? UnknownWord : never)
}

/** The word that a table has for a number. */
export function wordOf<W extends string>(numbers: Readonly<Record<W, number>>, value: number): W | UnknownWord {
  for (const word in numbers) if (numbers[word] === value) return word
  return `${value}`
}
