// Words of commands as a POSIX shell takes them (XCU 2.2, Quoting). Pure text.

/** Characters that need no quotes anywhere in a command. */
const PLAIN = /^[\w@%+=:,./-]+$/

/** A word in quotes where the shell needs them. */
export const quoted = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/**
 * An interface as an argument of `ip link add` and `ip link set`. Both take a prefix of one of their keywords (`address`,
 * `type`, …) for the keyword; no keyword ends in a digit.
 */
export const deviceWord = (name: string): string =>
  name === 'lo' || /[0-9]$/.test(name) ? quoted(name) : `dev ${quoted(name)}`
