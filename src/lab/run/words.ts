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

/** The arguments of this process before its last ones, which are `words`, as bytes. */
export const argumentsBefore = (words: readonly string[]): readonly Buffer[] => {
  const all = listOf('/proc/self/cmdline')
  return all.slice(0, all.length - words.length)
}

/**
 * `NAME=VALUE` of each variable. Where `variables` has lost bytes, they are those of the last of `options` that sets it, or those
 * that this process was started with.
 *
 * @param options arguments of this process
 */
export function variableBytes(
  variables: Readonly<Record<string, string>>,
  options: readonly Buffer[] = [],
): readonly Word[] {
  const entries = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  if (!entries.some(isLossy)) return entries
  const written = options.toReversed().map(settingOf)
  const known = [...written, ...listOf('/proc/self/environ')]
  return entries.map((text) => (isLossy(text) ? (known.find((bytes) => bytes.toString() === text) ?? text) : text))
}

/** The NAME=VALUE of a word such as `--env=NAME=VALUE`, `-eNAME=VALUE` or `NAME=VALUE`. */
function settingOf(word: Buffer): Buffer {
  const prefix = ['--env=', '-e=', '-e'].find((each) => word.indexOf(each) === 0) ?? ''
  return word.subarray(prefix.length)
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
