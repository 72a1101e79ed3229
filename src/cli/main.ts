// The entry point of the command line. It loads the one command that is called. oclif's search for commands in plug-ins,
// which takes a fifth of the time of `nslab ls`, runs only for help and --version.
import type { LabCommand } from './command.js'
import { execWords } from './exec-words.js'
import type { NetworkUse } from './network-use.js'
import { watchOutput } from './output.js'

/** The type makes the declaration in COMMANDS fail when a command does not declare its use of the network. */
type CommandModule = { default: typeof LabCommand & NetworkUse }

/** All of src/commands; those in a folder have two words. oclif itself knows them from its manifest, for help. */
export const COMMANDS: Record<string, () => Promise<CommandModule>> = {
  apply: () => import('../commands/apply.js'),
  check: () => import('../commands/check.js'),
  diff: () => import('../commands/diff.js'),
  doctor: () => import('../commands/doctor.js'),
  down: () => import('../commands/down.js'),
  exec: () => import('../commands/exec.js'),
  export: () => import('../commands/export.js'),
  gc: () => import('../commands/gc.js'),
  generate: () => import('../commands/generate.js'),
  graph: () => import('../commands/graph.js'),
  inspect: () => import('../commands/inspect.js'),
  'interface down': () => import('../commands/interface/down.js'),
  'interface up': () => import('../commands/interface/up.js'),
  'link add': () => import('../commands/link/add.js'),
  'link down': () => import('../commands/link/down.js'),
  'link flap': () => import('../commands/link/flap.js'),
  'link ls': () => import('../commands/link/ls.js'),
  'link rm': () => import('../commands/link/rm.js'),
  'link set': () => import('../commands/link/set.js'),
  'link up': () => import('../commands/link/up.js'),
  'link verify': () => import('../commands/link/verify.js'),
  ls: () => import('../commands/ls.js'),
  mounts: () => import('../commands/mounts.js'),
  'node add': () => import('../commands/node/add.js'),
  'node restart': () => import('../commands/node/restart.js'),
  'node rm': () => import('../commands/node/rm.js'),
  ns: () => import('../commands/ns.js'),
  pause: () => import('../commands/pause.js'),
  ping: () => import('../commands/ping.js'),
  plan: () => import('../commands/plan.js'),
  ps: () => import('../commands/ps.js'),
  resume: () => import('../commands/resume.js'),
  run: () => import('../commands/run.js'),
  schema: () => import('../commands/schema.js'),
  shell: () => import('../commands/shell.js'),
  test: () => import('../commands/test.js'),
  traceroute: () => import('../commands/traceroute.js'),
  up: () => import('../commands/up.js'),
  validate: () => import('../commands/validate.js'),
  watch: () => import('../commands/watch.js'),
  why: () => import('../commands/why.js'),
}

/** Forms that other programs have, too. */
const SHORT = new Map([
  ['-h', '--help'],
  ['-V', '--version'],
  ['version', '--version'],
])

/**
 * Runs a command line, and sets the process's exit code.
 *
 * @param root the package's directory, with a slash at the end
 * @param words without the program's name
 */
export async function main(root: string, words: readonly string[]): Promise<void> {
  // oclif needs both. A user without an entry in passwd(5), as in a container, may have neither.
  process.env.HOME ??= '/'
  process.env.SHELL ??= '/bin/sh'
  const [first = '--help', second = '', ...further] = words
  if (first === 'help') return await main(root, [...words.slice(1), '--help'])
  const isPair = Object.hasOwn(COMMANDS, `${first} ${second}`)
  const name = isPair ? `${first} ${second}` : (SHORT.get(first) ?? first)
  const rest = isPair ? further : words.slice(1)
  const isCommand = Object.hasOwn(COMMANDS, name)
  const isTopic = Object.keys(COMMANDS).some((command) => command.startsWith(`${name} `))
  const asksForTopic = isTopic && ['', '--help', '-h'].includes(second)
  if (!isCommand && !asksForTopic && !['--help', '--version'].includes(name)) {
    const { refuseUnknownCommand } = await import('./unknown-command.js')
    watchOutput()
    return refuseUnknownCommand(isTopic ? `${name} ${second}` : name, Object.keys(COMMANDS), rest)
  }
  const load = isCommand && !asksForHelp(name, rest) ? COMMANDS[name] : undefined
  if (load) return await run(name, await load(), root, rest)
  const { execute } = await import('./oclif.js')
  watchOutput()
  // Without these two, oclif would look for plug-ins in the home directory and in package.json.
  await execute({
    args: isCommand || isTopic ? [...name.split(' '), '--help'] : [name],
    loadOptions: { root, userPlugins: false, devPlugins: false },
  })
}

/** Words after `--`, and those of a command in a node, do not ask nslab for help. */
function asksForHelp(name: string, words: readonly string[]): boolean {
  const own = name === 'exec' ? execWords(words).own : words
  const end = own.indexOf('--')
  return (end < 0 ? own : own.slice(0, end)).some((word) => word === '--help' || word === '-h')
}

async function run(name: string, { default: Chosen }: CommandModule, root: string, words: string[]): Promise<void> {
  const { handle, QuickConfig } = await import('./oclif.js')
  watchOutput()
  try {
    await Chosen.start(name, words, new QuickConfig(root))
  } catch (error) {
    await handle(error as Error)
  }
}
