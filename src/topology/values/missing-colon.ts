// `h1 {}` is a text in YAML, and `h1: {}` a map.

/** The key at the beginning of a text that would be one with a colon: `h1` of `h1 {}`. */
export const keyWithoutColon = (text: string): string | undefined => /^([\w.-]+)[ \t]+[[{]/.exec(text)?.[1]
