// The forms of commands and of impairments that steps are carried out with.
import type { WrittenImpairments } from '../schema/impairments.js'

/** Impairments as words `KEY=VALUE`; those of a map are `KEY.PART=VALUE`. */
export const wordsOf = (written: WrittenImpairments): string[] => words(written, '')

const words = (map: object, above: string): string[] =>
  Object.entries(map).flatMap(([key, value]: [string, unknown]) => {
    if (value === undefined) return []
    return typeof value === 'object' && value !== null ? words(value, `${above}${key}.`) : [`${above}${key}=${value}`]
  })

/** A line is for sh(1). */
export const commandOf = (written: string | string[]): string[] =>
  typeof written === 'string' ? ['/bin/sh', '-c', written] : written

/** What a user would type. */
export function commandText(command: readonly string[]): string {
  const [shell, flag, line] = command
  return shell === '/bin/sh' && flag === '-c' && line !== undefined ? line : command.join(' ')
}
