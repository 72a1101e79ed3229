// Words of commands as a POSIX shell takes them (XCU 2.2, Quoting). Pure text.

/** What means itself everywhere in a command. */
const PLAIN = /^[\w@%+=:,./-]+$/

/** A word that the shell hands on as it is here. */
export const quoted = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/**
 * An interface as an argument of `ip link add` and `ip link set`. Both take any beginning of `address`, `type`, … for
 * that; no word of theirs ends in a digit.
 */
export const deviceWord = (name: string): string =>
  name === 'lo' || /[0-9]$/.test(name) ? quoted(name) : `dev ${quoted(name)}`
