// Shortens texts of a topology that messages repeat.

const MAX_LENGTH = 100

/** The text, or the beginning and end of a long one. */
export const excerpt = (text: string): string =>
  text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH / 2)} … ${text.slice(-MAX_LENGTH / 2)}`
