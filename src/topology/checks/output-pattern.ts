// What the output of a command is compared with: a text that is in it, or a regular expression between slashes.

/** A regular expression for `/…/` with flags; null for a plain text. @throws SyntaxError when it is none */
function expressionIn(text: string): RegExp | null {
  const [, source, flags] = /^\/(.+)\/([imsu]*)$/s.exec(text) ?? []
  return source === undefined ? null : new RegExp(source, flags)
}

/** What is wrong with a pattern; null for nothing. */
export function patternFault(text: string): string | null {
  try {
    expressionIn(text)
    return null
  } catch (error) {
    return `${text} is no regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`
  }
}

export const fitsPattern = (output: string, pattern: string): boolean =>
  expressionIn(pattern)?.test(output) ?? output.includes(pattern)
