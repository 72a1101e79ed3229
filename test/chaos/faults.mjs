// Faults: each system call of nslab that can fail in the field fails once with each error that it can fail with, and each
// netlink request is refused once. The command must end in time, with all rolled back and an error that names what failed,
// or do without.
import { KINDS } from './faults/verdict.mjs'
import { attackInJails } from './jail/jail.mjs'
import { replayCommand } from './replay.mjs'

export const title = 'Faults'

/** Where labs are kept, of root and of users. */
const PLACES = /\/run\/nslab|\/tmp\/nslab-#|\/run\/user\/#\/nslab/

const SECONDS = 60
const LONG_SECONDS = 3 * 3600

/** @param {{ random: ReturnType<import('./random.mjs').randomFrom>, long: boolean, about?: string }} options */
export async function run({ random, long, about }) {
  const seconds = long ? LONG_SECONDS : SECONDS
  const { figures, failures } = await attackInJails({
    module: 'faults/attack.mjs',
    random,
    long,
    seconds,
    task: { about },
  })
  return { figures, failures: sorted(failures) }
}

/** One of each kind at a call is told, the worst first, with whatever else does the same. */
function sorted(failures) {
  const groups = new Map()
  for (const failure of failures) {
    const key = typeof failure === 'string' ? failure : keyOf(failure)
    groups.set(key, [...(groups.get(key) ?? []), failure])
  }
  const rank = ([{ kind }]) => KINDS.indexOf(kind)
  return [...groups.values()].sort((a, b) => rank(a) - rank(b)).map(textOf)
}

/** Commands share code, and users differ in where their labs are kept. */
const keyOf = ({ kind, subject, fault }) =>
  fault ? [kind, fault.role, fault.call, fault.object?.replace(PLACES, 'PLACE')].join() : subject

function textOf([first, ...others]) {
  if (typeof first === 'string') return first
  const { kind, subject, user, fault, text } = first
  const also = [...new Set(others.map((other) => `${other.subject} ${errorOf(other.fault)}`))]
  const more = also.length === 0 ? '' : ` (so does ${also.join(', ')})`
  if (!fault) return `${subject} as ${user} ${kind}: ${text}`
  const { role, call, object = '', nth } = fault
  const what = `${nth === 'all' ? 'every ' : ''}${call} ${object} of ${role} ${errorOf(fault)}`
  return `${subject} as ${user} ${kind} (${what}): ${text}${more}\n  ${replayCommand('faults', { subject, user, fault })}`
}

const errorOf = ({ errno, answer } = {}) => errno ?? answer
