// Every command that looks at labs, and what each may not say of a lab that runs, or that is dead.

/** What runs of the lab before and after a command. @typedef {{ before: number, after: number }} Lives */

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {(lab: string, topology: string) => string[]} words
 * @property {(outcome: import('../command.mjs').Outcome, lives: Lives, lab: string) => string | false} lie what is not true of
 * what it said; false when all is
 */

/** A command between backquotes that would help. @param {import('../command.mjs').Outcome} outcome */
export const helpOf = ({ stdout, stderr }) =>
  /`((?:nslab|kill|rm|chmod|chown) [^`]*)`/.exec(stdout + stderr)?.[1] ?? null

/** Commands that only look, or change what lives. */
const looks = (name, words) => ({
  name,
  words,
  lie: ({ status }, { before }) => status === 0 && before === 0 && 'ends with 0, and nothing of the lab runs',
})

/** @type {readonly Command[]} */
export const COMMANDS = [
  {
    name: 'up',
    words: (lab, topology) => ['up', topology, '--name', lab],
    lie: ({ status }, { before }) => status === 0 && before > 0 && 'builds the lab a second time while the first runs',
  },
  {
    name: 'ls',
    words: () => ['ls'],
    lie: (outcome, { before }, lab) => {
      const isShown = new RegExp(`^${lab} `, 'm').test(outcome.stdout)
      if (before === 0) return isShown && 'shows a lab that is dead'
      return !isShown && helpOf(outcome) === null && 'neither shows the lab, which runs, nor names a command that helps'
    },
  },
  looks('inspect', (lab) => ['inspect', lab]),
  looks('exec', (lab) => ['exec', `${lab}/a`, '--', 'true']),
  looks('shell', (lab) => ['shell', `${lab}/a`]),
  looks('ping', (lab) => ['ping', `${lab}/a`, 'b', '-c', '1']),
  looks('ns', (lab) => ['ns', lab]),
  looks('ps', (lab) => ['ps', lab]),
  looks('mounts', (lab) => ['mounts', `${lab}/a`]),
  looks('pause', (lab) => ['pause', lab]),
  looks('resume', (lab) => ['resume', lab]),
  looks('link ls', (lab) => ['link', 'ls', lab]),
  looks('link down', (lab) => ['link', 'down', `${lab}/a:eth0`]),
  looks('link up', (lab) => ['link', 'up', `${lab}/a:eth0`]),
  looks('export', (lab) => ['export', lab, '--table', 'nodes']),
  {
    name: 'down',
    words: (lab) => ['down', lab],
    lie: ({ status }, { before, after }) => {
      if (status === 0) return after > 0 && `says that the lab is down, and ${after} of its processes run`
      // 6: it is down, and something is left of it.
      return status !== 6 && before > 0 && after === 0 && 'says that it failed, and nothing of the lab runs'
    },
  },
  {
    name: 'gc',
    words: () => ['gc'],
    lie: ({ stdout }, { after }, lab) => after > 0 && stdout.includes(`what ${lab} left`) && 'removes a lab that runs',
  },
]

/** @param {string} name */
export const commandNamed = (name) => COMMANDS.find((command) => command.name === name)
