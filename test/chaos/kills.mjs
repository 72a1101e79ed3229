// Kills: the command line, the shim, the keeper, a node, the process group and the terminal are killed, at random instants and at
// system calls, while labs of random topologies are built, used and taken down. Nothing may be left, and what runs is whole.
import { attackInJails } from './jail/jail.mjs'
import { replayCommand } from './replay.mjs'

export const title = 'Kills'

const SECONDS = Number(process.env.CHAOS_SECONDS ?? 90)
const LONG_SECONDS = 3600

/** @param {{ random: ReturnType<import('./random.mjs').randomFrom>, long: boolean }} options */
export async function run({ random, long }) {
  const seconds = long ? LONG_SECONDS : SECONDS
  const { figures, failures } = await attackInJails({ module: 'kills/attack.mjs', random, long, seconds })
  return { figures, failures: failures.map(textOf) }
}

function textOf(failure) {
  if (typeof failure === 'string') return failure
  const { user, topology, kill, text } = failure
  const what = kill ? `${kill.command} as ${user}, ${kill.victim} ${kill.signal}` : `as ${user}`
  return `${what}: ${text}\n  ${replayCommand('kills', { user, topology, kill })}`
}
