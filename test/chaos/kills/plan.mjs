// Which command is hit, when, and what of it is killed: chosen by chance, carried out elsewhere.

/**
 * @typedef {object} Kill
 * @property {keyof typeof COMMANDS} command
 * @property {'cli' | 'shim' | 'keeper' | 'wire' | 'node' | 'group' | 'terminal' | 'self'} victim `self` is whoever makes the system call
 * @property {string} signal
 * @property {number} [delay] when, in parts of the time that the command takes
 * @property {{ role?: string, call?: string, object?: string, nth: number }} [at] or at which system call
 * @property {string[]} next what is run afterwards, before anybody looks
 */

const NAME = 'attacked'
/** Where the topology is that `up` reads. */
export const TOPOLOGY_FILE = '/run/chaos/topology.json'
/** And the one that `apply` reads. */
export const CHANGED_FILE = '/run/chaos/changed.json'

/** What is run. `weight` is how often, compared with the others; `traced` is the same, but one that ends by itself. */
export const COMMANDS = {
  up: { words: ['up', TOPOLOGY_FILE], weight: 10, begins: 'down' },
  apply: { words: ['apply', CHANGED_FILE, NAME, '--yes'], weight: 6, begins: 'up' },
  down: { words: ['down', NAME], weight: 4, begins: 'up' },
  exec: {
    words: ['exec', `${NAME}/h1`, '--', 'sleep', '1000'],
    traced: ['exec', `${NAME}/h1`, '--', 'true'],
    weight: 3,
    begins: 'up',
  },
  ping: { words: ['ping', `${NAME}/h1`, `${NAME}/h2`, '-c', '3'], weight: 2, begins: 'up' },
  pause: { words: ['pause', NAME], weight: 2, begins: 'up' },
  gc: { words: ['gc'], weight: 1, begins: 'dead' },
  ls: { words: ['ls', '--json'], weight: 1, begins: 'up' },
}

/** What is run after a kill. */
export const NEXT = [['ls', '--json'], ['gc'], ['down', NAME]]
const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']

const weighted = Object.entries(COMMANDS).flatMap(([name, { weight }]) => Array(weight).fill(name))

/** Commands that change nothing of a lab. */
export const CHANGES_NOTHING = ['exec', 'ping', 'pause', 'ls']

/**
 * @param {import('../topologies.mjs').Random} random
 * @param {boolean} hasWire whether the lab has a wire
 */
export function randomKill(random, hasWire) {
  const command = random.pick(weighted)
  const next = random.pick(NEXT)
  const wires = hasWire ? ['wire', 'wire'] : []
  if (random.fraction() < 0.35) {
    const victim = random.pick(['cli', 'cli', 'shim', 'keeper', 'node', 'group', 'terminal', ...wires])
    const signal = random.fraction() < 0.2 && mayBeStopped(command, victim) ? 'SIGSTOP' : signalFor(random, victim)
    return { command, victim, signal, delay: random.fraction(), next }
  }
  const victim = random.pick(['self', 'self', 'self', 'cli', 'keeper', 'node', 'group', 'terminal', ...wires])
  return { command, victim, signal: signalFor(random, victim), next }
}

/** A command in a node, or a wire, that is stopped must not keep the lab from going down. */
const mayBeStopped = (command, victim) =>
  (command === 'exec' && victim === 'cli') || (CHANGES_NOTHING.includes(command) && victim === 'wire')

/** The others are ended by SIGKILL alone, or are not ours to send a signal to. */
const signalFor = (random, victim) => (['cli', 'group', 'terminal'].includes(victim) ? random.pick(SIGNALS) : 'SIGKILL')

/**
 * The system call at which it happens: any of the command's, of which a site is as likely as any other, however often it is
 * visited.
 *
 * @param {import('../topologies.mjs').Random} random
 * @param {readonly import('../inject/sites.mjs').Site[]} sites
 */
export function randomMoment(random, sites) {
  const { role, call, object, nths } = random.pick(sites)
  return { role, call, object, nth: random.pick(nths) }
}
