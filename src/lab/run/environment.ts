// The environment of commands in nodes: their own, with what describes the caller's terminal, language and time zone. The native
// helper adds PATH, HOME, USER, LOGNAME and container, and the variables that the topology gives the node.
import { LabError } from '../../errors.js'
import type { RunningLab } from '../record/select.js'

/** Variables of the caller's environment that `exec` and `shell` pass on, and all that begin with `LC_` (locale(7)). */
const PASSED = ['TERM', 'COLORTERM', 'LANG', 'LANGUAGE', 'TZ']

/**
 * Of these, what commands get in a node of another user, or of a stranger's topology. Other processes of the node can read them
 * in /proc/PID/environ, so none is secret.
 */
const VISIBLE = ['TERM', 'LANG']

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string>>

/** The part of the caller's environment that `exec` and `shell` pass on to commands in a lab. */
export function passedEnvironment({ owner, state }: Pick<RunningLab, 'owner' | 'state'>): Variables {
  const isTrusted = owner === process.geteuid?.() && !state.untrusted
  const isPassed = (name: string) =>
    isTrusted ? PASSED.includes(name) || name.startsWith('LC_') : VISIBLE.includes(name)
  return definedOf(Object.entries(process.env).filter(([name]) => isPassed(name)))
}

/**
 * The variables that words such as `NAME=VALUE`, or `NAME` for the caller's value, ask for. A variable that the caller does not
 * have is left out.
 *
 * @throws LabError USAGE for a word without a name.
 */
export function namedVariables(words: readonly string[]): Variables {
  return definedOf(
    words.map((word) => {
      const end = word.indexOf('=')
      if (word === '' || end === 0) throw new LabError('USAGE', `--env ${word}: not NAME or NAME=VALUE`)
      return end < 0 ? [word, process.env[word]] : [word.slice(0, end), word.slice(end + 1)]
    }),
  )
}

const definedOf = (entries: [string, string | undefined][]): Variables =>
  Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
