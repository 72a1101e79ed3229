// Texts that are nearly topologies: those that are shipped and documented, with some of their words changed.
import { readdirSync, readFileSync } from 'node:fs'

const ROOT = new URL('../../../', import.meta.url)
const readText = (path) => readFileSync(new URL(path, ROOT), 'utf8')
const filesIn = (directory, end) => readdirSync(new URL(directory, ROOT)).filter((name) => name.endsWith(end))

/** Every topology in topologies/ and in the pages of docs/. */
export const SEEDS = [
  ...filesIn('topologies/', '.yaml').map((name) => readText(`topologies/${name}`)),
  ...filesIn('docs/', '.md').flatMap((name) =>
    [...readText(`docs/${name}`).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text),
  ),
]

/** What YAML, JavaScript, a terminal or the language of topologies may stumble over. */
const POISON = [
  '',
  '\0',
  '\ud800',
  '\x1b[2J',
  '\u202e',
  '\ufeff',
  '\r',
  '\t',
  '\u2028',
  '💥',
  '__proto__',
  'constructor',
  'toString',
  '~',
  'null',
  '!!js/function x',
  '!!binary x',
  '!!set',
  '!<tag> ',
  '*x',
  '&x ',
  '&x {a: *x}',
  '<<: *x',
  '? ',
  '- ',
  ': ',
  '|\n',
  '>-\n',
  '---\n',
  '...\n',
  '%YAML 3.0\n',
  '# ',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ',',
  '${',
  '${x}',
  '${x:-${x}}',
  '$${x}',
  '{i}',
  '{i/0}',
  '{i%0}',
  '{(((i}',
  '{-i*-9007199254740993}',
  'repeat: 99999999999',
  'repeat: {i: 1..999999999, j: "{i}..0"}',
  'repeat: -1..-5',
  'repeat: 3',
  'repeat: []',
  'count: 1e9',
  'count: -1',
  'extends: router',
  'include: lab.yaml',
  'include: [self.yaml, none.yaml]',
  'vars: {x: "${x}"}',
  'vars: {x: {env: HOME}}',
  'kinds: {host: {extends: router}}',
  'namespaces: {net: host, user: shared}',
  'users: {map: host}',
  '1e999',
  '-0',
  '.nan',
  '.inf',
  '0x10',
  '0o17',
  '2001-01-01',
  '999999999999999999999',
  '255.255.255.255/32',
  '0.0.0.0/0',
  '::/0',
  '::ffff:1.2.3.4/96',
  'fe80::1%eth0/64',
  'ff02::1/128',
  '127.0.0.1/8',
  'ff:ff:ff:ff:ff:ff',
  'eth0',
  'br0',
  'lo',
  'all',
  'default',
  'switch',
  'h1',
  'r1',
  '../../../etc/passwd',
  '/proc/self/mem',
]

/** @typedef {ReturnType<typeof import('../random.mjs').randomFrom>} Random */

/** @type {readonly ((text: string, random: Random) => string)[]} */
const EDITS = [
  (text, random) => splice(text, wordAt(text, random), 0, random.pick(POISON)),
  (text, random) => splice(text, wordAt(text, random), random.integer(1, 12), random.pick(POISON)),
  (text, random) => splice(text, wordAt(text, random), 0, random.pick(random.pick(SEEDS).split('\n'))),
  (text, random) => splice(text, wordAt(text, random), random.integer(1, 40), ''),
  (text, random) => {
    const lines = text.split('\n')
    const [from, to] = [random.integer(0, lines.length), random.integer(0, lines.length)]
    return lines.toSpliced(to, 0, ...lines.slice(from, from + random.integer(1, 5))).join('\n')
  },
  (text, random) => {
    const lines = text.split('\n')
    const at = random.integer(0, lines.length - 1)
    return lines.with(at, `${' '.repeat(random.integer(0, 9))}${lines[at].trimStart()}`).join('\n')
  },
  (text, random) => {
    const numbers = [...text.matchAll(/[0-9]+/g)]
    if (numbers.length === 0) return text
    const { 0: number, index } = random.pick(numbers)
    const other = random.pick(['0', '-1', '1', '65536', '4294967296', `${number}${number}`, '1.5', '007'])
    return splice(text, index, number.length, other)
  },
]

const splice = (text, at, remove, insert) => text.slice(0, at) + insert + text.slice(at + remove)

/** Where a word begins: a change is likely to mean something there. @param {string} text @param {Random} random */
function wordAt(text, random) {
  const words = [...text.matchAll(/\b|(?<=\s)/g)]
  return words.length === 0 ? 0 : random.pick(words).index
}

/** @param {Random} random */
export function mutated(random) {
  let text = random.pick(SEEDS)
  for (let left = random.integer(1, 3); left > 0; left--) text = random.pick(EDITS)(text, random)
  return text
}

/** Bytes that are no topology at all, read as text. @param {Random} random */
export function noise(random) {
  const marks = '[]{}-?:,&*!|>\'"%@`#~<= \n\t\r\0\\$0a\u00e9\ud800'
  const byte = () => (random.fraction() < 0.7 ? random.pick([...marks]) : String.fromCharCode(random.integer(0, 255)))
  return Array.from({ length: random.integer(1, 400) }, byte).join('')
}
