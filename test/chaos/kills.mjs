// Kills: the command line, the shim, the keeper, a node, the process group and the terminal are killed, at random instants and at
// system calls, while labs of random topologies are built, used and taken down. Nothing may be left, and what runs is whole.
import { attackInJails } from './jail/jail.mjs'
import { replayCommand } from './replay.mjs'

export const title = 'Kills'

const SECONDS = 60
const LONG_SECONDS = 3600

/** @param {{ random: ReturnType<import('./random.mjs').randomFrom>, long: boolean }} options */
export async function run({ random, long }) {
  const seconds = long ? LONG_SECONDS : SECONDS
  const { figures, failures } = await attackInJails({ module: 'kills/attack.mjs', random, long, seconds })
  return { figures, failures: grouped(failures) }
}

/** What differs by numbers alone is told once. */
function grouped(failures) {
  const groups = new Map()
  for (const failure of failures) {
    const key = typeof failure === 'string' ? failure : failure.text.replaceAll(/\d+/g, '#')
    groups.set(key, [...(groups.get(key) ?? []), failure])
  }
  return [...groups.values()].map(textOf)
}

function textOf([first, ...others]) {
  if (typeof first === 'string') return first
  const { user, topology, kill, text } = first
  const what = kill ? `${kill.command} as ${user}, ${kill.victim} ${kill.signal}` : `as ${user}`
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `${what}: ${text}${more}\n  ${replayCommand('kills', { user, topology, kill })}`
}
