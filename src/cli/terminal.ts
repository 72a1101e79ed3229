// How wide a terminal is, and whether it shows colours.
import type { WriteStream } from 'node:tty'

/** COLUMNS below this would leave no room for anything. */
const LEAST = 20
const MOST = 10_000

/**
 * The columns of the terminal that a stream writes to, or what the environment variable COLUMNS says instead, as in ls(1).
 *
 * @returns Infinity for a file or a pipe, whose reader wants whole lines, and for a terminal that does not know its size.
 */
export function terminalColumns(
  stream: Pick<WriteStream, 'isTTY' | 'columns'>,
  environment: NodeJS.ProcessEnv = process.env,
): number {
  if (!stream.isTTY) return Number.POSITIVE_INFINITY
  const written = Number(environment.COLUMNS)
  if (Number.isInteger(written) && written >= LEAST && written <= MOST) return written
  return stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY
}

/** no-color.org: any value but the empty one turns colours off. */
export const isColoured = ({ isTTY }: Pick<WriteStream, 'isTTY'>): boolean =>
  isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

/** Whether texts are in UTF-8, by the variables of locale(7) in their order. Without any, the locale is C. */
export function hasUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv = process.env): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '')
}
