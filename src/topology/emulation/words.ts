// Words of a command such as `delay=20ms` or `jitter.distribution=normal`, as values that have places like those of a topology.
import { Faults } from '../source/faults.js'
import {
  type Locate,
  type Located,
  type LocatedMap,
  map,
  type Origin,
  originAt,
  type Path,
  scalar,
} from '../source/located.js'
import { SourceText } from '../source/source-text.js'

/** Of `jitter.distribution.samples`. */
const MAX_DEPTH = 3

/** The part of a key that its short form is. */
const MAIN_PARTS: Readonly<Record<string, string>> = {
  jitter: 'amount',
  loss: 'probability',
  duplicate: 'probability',
  corrupt: 'probability',
  reorder: 'probability',
  rate: 'rate',
}

/**
 * The words as a map, and where its faults go.
 *
 * @param above the path of the map in the paths of its faults
 */
export function readWords(words: readonly string[], above: Path): { root: Located; faults: Faults } {
  const source = new SourceText(words.map((word) => word.replaceAll('\n', ' ')).join('\n'), undefined)
  let start = 0
  let root: LocatedMap = map(new Map(), { source, start: 0, end: 0, path: '' })
  const locate: Locate = (path, part = 'value') => originAt(root, path.slice(above.length), part)
  const faults = new Faults(locate, undefined)
  for (const word of words) {
    const equals = word.indexOf('=')
    const end = start + word.length
    const name = equals < 0 ? word : word.slice(0, equals)
    const at = { source, start, end, path: name }
    const keys = name.split('.')
    if (equals <= 0 || keys.length > MAX_DEPTH) faults.addAt(at, `${word} is not KEY=VALUE, such as delay=20ms`)
    else {
      const text = word.slice(equals + 1)
      root = set(root, keys, locatedValue(text, { ...at, start: start + equals + 1 }), at)
    }
    start = end + 1
  }
  return { root, faults }
}

/** Numbers and booleans as YAML reads them. */
function locatedValue(text: string, at: Origin): Located {
  if (/^[0-9]{1,15}$/.test(text)) return scalar(Number(text), at, text)
  return text === 'true' || text === 'false' ? scalar(text === 'true', at, text) : scalar(text, at)
}

function set(
  whole: LocatedMap,
  [key = '', ...rest]: readonly string[],
  value: Located,
  at: Origin,
  above = '',
): LocatedMap {
  const path = `${above}${key}`
  const below = whole.entries.get(key)?.value
  const main = below?.type === 'scalar' ? MAIN_PARTS[key] : undefined
  const short = below && main !== undefined ? [[main, { key: below.at, value: below }] as const] : []
  const inner = below?.type === 'map' ? below : map(new Map(short), { ...at, path })
  const entry = { key: at, value: rest.length === 0 ? value : set(inner, rest, value, at, `${path}.`) }
  return map(new Map(whole.entries).set(key, entry), whole.at)
}
