// Arguments and variables of this process as the kernel has them. Node.js decodes them as UTF-8, and has U+FFFD for bytes that are
// none, but a file name may have any byte.
import { readFileSync } from 'node:fs'

/** An argument or `NAME=VALUE`: text, or bytes where the text is not valid UTF-8. */
export type Word = string | Buffer

/** The last arguments of this process, which Node.js has as `words`. */
export function argumentBytes(words: readonly string[]): readonly Word[] {
  if (!words.some(isLossy)) return words
  return listOf('/proc/self/cmdline').slice(-words.length).map(wordOf)
}

/** `NAME=VALUE` of each variable, with the bytes that this process was started with where `variables` has lost some. */
export function variableBytes(variables: Readonly<Record<string, string>>): readonly Word[] {
  const entries = Object.entries(variables).map(([name, value]) => ({ name, value, text: `${name}=${value}` }))
  if (!entries.some(({ text }) => isLossy(text))) return entries.map(({ text }) => text)
  const started = listOf('/proc/self/environ')
  return entries.map(({ text }) =>
    isLossy(text) ? (started.find((bytes) => bytes.toString() === text) ?? text) : text,
  )
}

export const isLossy = (text: string): boolean => text.includes('\ufffd')

/** The words of a file in which a NUL ends each. */
function listOf(path: string): Buffer[] {
  const bytes = readFileSync(path)
  const words: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start)
    words.push(bytes.subarray(start, end < 0 ? bytes.length : end))
    start = end < 0 ? bytes.length : end + 1
  }
  return words
}

const wordOf = (bytes: Buffer): Word => (isLossy(bytes.toString()) ? bytes : bytes.toString())
