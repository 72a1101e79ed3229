// The options with which this process's Node.js runs and a worker in a node should, too: loaders of TypeScript, conditions, certificates.

/** Variables of Node.js, and those that say whether output has colours. */
const VARIABLES = ['NODE_ENV', 'NODE_EXTRA_CA_CERTS', 'NODE_NO_WARNINGS', 'NODE_PATH', 'NO_COLOR', 'FORCE_COLOR']

/** What a program runs, instead of how: the worker runs something else. */
const DROPPED =
  /^(?:-e|--eval|-p|-pe|--print|--title|--run|--input-type|--test|--experimental-test|--watch|--inspect|--debug|--cpu-prof|--heap-prof|--prof|-i$|--interactive|-c$|--check)/

/** Those of them whose value may be the next word (node(1)); `--inspect` has its own only after `=`. */
const DROPPED_WITH_VALUE = [
  /^(?:-e|--eval|-p|-pe|--print|--title|--run|--input-type)$/,
  /^--(?:experimental-)?test-(?:name-pattern|skip-pattern|reporter|reporter-destination|concurrency|timeout|shard|isolation)$/,
  /^--test-(?:global-setup|rerun-failures|random-seed|coverage-(?:branches|functions|lines|include|exclude))$/,
  /^--(?:watch-path|watch-kill-signal|inspect-port|debug-port|inspect-publish-uid)$/,
  /^--(?:cpu|heap)-prof-(?:dir|name|interval)$/,
]

/** Preloaded modules that are about the program and not about how modules are loaded; the first would run the worker once more. */
const DROPPED_MODULES = /^nslab\/user-namespace$|\/user-namespace\.[jt]s$|\/vitest\/suppress-warnings\.cjs$/
const PRELOAD = /^(?:--import|--require|-r)(?:=(.*))?$/

/** The options of Node.js for a worker. @param words those of this process, `process.execArgv` by default */
export function workerOptions(words: readonly string[] = process.execArgv): string[] {
  const kept: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    const isDropped = DROPPED.test(word)
    const preload = PRELOAD.exec(word)
    const isDroppedModule = preload !== null && DROPPED_MODULES.test(preload[1] ?? words[at + 1] ?? '')
    const hasValue = preload ? preload[1] === undefined : isValueNext(word)
    if (isDropped || isDroppedModule) at += hasValue ? 1 : 0
    else kept.push(word)
  }
  return kept
}

const isValueNext = (word: string): boolean => DROPPED_WITH_VALUE.some((options) => options.test(word))

/** The variables of this process that say how its Node.js runs. */
export function workerVariables(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const set = VARIABLES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]))
  const options = workerOptions((environment.NODE_OPTIONS ?? '').split(/ +/).filter((word) => word !== ''))
  return Object.fromEntries([...set, ...(options.length > 0 ? [['NODE_OPTIONS', options.join(' ')]] : [])])
}
