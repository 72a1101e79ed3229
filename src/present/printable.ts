// Makes text safe to print: text from a file, the kernel or another program must not move the cursor, colour the screen or
// reorder the line.

// Control characters (Unicode Cc), line and paragraph separators, and the bidirectional controls of UAX #9.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu

const NAMES: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** The text with every control character written as an escape such as `\n`, `\x1b` or `\u202e`. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, (char) => NAMES[char] ?? escapeOf(char))

/** The same for a text of several lines: line ends and tabs stay as they are. */
export const printableText = (text: string): string =>
  text.replace(UNPRINTABLE, (char, at: number) => (isLayout(char, text[at + 1]) ? char : printable(char)))

const isLayout = (char: string, next: string | undefined): boolean =>
  char === '\n' || char === '\t' || (char === '\r' && next === '\n')

function escapeOf(char: string): string {
  const code = char.charCodeAt(0)
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`
}
