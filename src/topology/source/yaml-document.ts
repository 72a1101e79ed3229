// Reads YAML into values with their places in the text. It must not know anything about topologies.
import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'
import { type Entry, type Located, list, map, type Origin, scalar } from './located.js'
import { SourceText } from './source-text.js'
import { yamlFault } from './yaml-faults.js'
import { MAX_TOKENS, parseYaml } from './yaml-parser.js'

/** Ten times as many as a topology of 10,000 nodes has. */
export const MAX_CHARACTERS = 4 * 1024 * 1024
/** Every value has one or more of these characters, and the parser takes about a second for this many. */
const MAX_MARKS = 500_000
const MARKS: ReadonlySet<number> = new Set([...'[]{},:-\n'].map((mark) => mark.charCodeAt(0)))
const MAX_DEPTH = 32
/** The most values that all aliases of a file together may stand for. */
const MAX_ALIASED_VALUES = 1_000_000

interface DocumentFault {
  at: Origin
  message: string
  /** Set if the message repeats a part of the text. */
  isRepeating?: true
}

export interface SourceDocument {
  /** A null if the file is empty or has faults. */
  root: Located
  /** Faults of the text as YAML. */
  faults: DocumentFault[]
  /** The number of tokens of the text; 0 if it has faults. */
  tokens: number
}

/**
 * Reads one YAML 1.2 document. Never throws, whatever the text is.
 *
 * @param file the name of the text, for messages
 */
export function readDocument(text: string, file?: string): SourceDocument {
  return readSource(new SourceText(text, file))
}

/** The same of a text whose places are known. */
export function readSource(source: SourceText): SourceDocument {
  const { text } = source
  const whole: Origin = { source, start: 0, end: 0, path: '' }
  const unreadable = (message: string, at = whole, isRepeating?: true): SourceDocument => ({
    root: scalar(null, whole),
    tokens: 0,
    faults: [{ at, message, ...(isRepeating && { isRepeating }) }],
  })
  if (text.length > MAX_CHARACTERS) {
    return unreadable(`the file has ${text.length} characters; a topology has at most ${MAX_CHARACTERS}`)
  }
  if (text.length > MAX_MARKS && countMarks(text) > MAX_MARKS) {
    return unreadable(
      `the file has over ${MAX_MARKS} brackets, commas, colons, dashes and lines; \`repeat\` makes many nodes of one`,
    )
  }
  const parsed = parseYaml(text)
  if ('reason' in parsed) {
    const { reason, offset } = parsed
    const at = { ...whole, start: offset, end: offset + 1 }
    if (reason === 'depth') return unreadable('this is nested too deeply', at)
    return unreadable(`the file has over ${MAX_TOKENS} words, marks and blanks up to here`, at)
  }
  const { document } = parsed
  const [first] = [...document.errors, ...document.warnings]
  if (first) {
    // After the first fault, the parser only guesses.
    const { message, start, end, isRepeating } = yamlFault(first, document, source)
    return unreadable(message, { ...whole, start, end }, isRepeating)
  }
  const reader = new DocumentReader(source)
  const root = reader.read(document.contents, whole)
  const { faults } = reader
  return faults.length > 0 ? { root: scalar(null, whole), faults, tokens: 0 } : { root, faults, tokens: parsed.tokens }
}

function countMarks(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) if (MARKS.has(text.charCodeAt(at))) count++
  return count
}

/** Turns a parsed document into values with their places. */
class DocumentReader {
  readonly faults: DocumentFault[] = []
  /** By anchor, its value and the number of values in it. */
  private readonly anchors = new Map<string, { value: Located; count: number }>()
  /** The number of values so far. */
  private count = 0
  /** The number of values so far that aliases stand for. */
  private aliased = 0

  constructor(private readonly source: SourceText) {}

  /** @param fallback the place of a value that is not written, such as after `a:` */
  read(node: Node | null, fallback: Origin, path = '', depth = 0): Located {
    const before = this.count++
    const at = this.originOf(node, path) ?? { ...fallback, path }
    const value = this.valueOf(node, at, depth)
    const anchor = isAlias(node) ? undefined : (node as { anchor?: string } | null)?.anchor
    if (anchor) this.anchors.set(anchor, { value, count: this.count - before })
    return value
  }

  private valueOf(node: Node | null, at: Origin, depth: number): Located {
    if (isScalar(node)) {
      const { value, source } = node
      return scalar(value, at, typeof value === 'string' || value === null ? undefined : source)
    }
    if (isAlias(node)) return this.aliasedValue(at, node.source)
    if (depth > MAX_DEPTH) return this.refuse(at, 'this is nested too deeply')
    if (isSeq<Node | null>(node)) {
      return list(
        node.items.map((item, index) => this.read(item, at, join(at.path, index), depth + 1)),
        at,
      )
    }
    return isMap(node) ? this.mapOf(node, at, depth) : scalar(null, at)
  }

  private mapOf(node: YAMLMap, at: Origin, depth: number): Located {
    const entries = new Map<string, Entry>()
    for (const pair of node.items as { key: Node | null; value: Node | null }[]) {
      const name = keyText(pair.key)
      const path = name === null ? at.path : join(at.path, name)
      const key = this.originOf(pair.key, path) ?? { ...at, path }
      if (name === null) this.refuse(key, 'a key must be a word')
      else if (name === '__proto__') this.refuse(key, '__proto__ cannot be a key')
      else if (name === '<<')
        this.refuse(key, 'YAML 1.2 has no merge key; write what nodes share under `kinds` or `defaults`')
      else if (entries.has(name)) this.refuse(key, `${name} is there twice`)
      else entries.set(name, { key, value: this.read(pair.value, key, path, depth + 1) })
    }
    return map(entries, at)
  }

  /** The values of an alias are shared objects. They count for each alias, since later stages walk through them each time. */
  private aliasedValue(at: Origin, name: string): Located {
    const target = this.anchors.get(name)
    if (!target) return this.refuse(at, `the alias *${name} stands for nothing that is written before it`)
    this.count += target.count
    this.aliased += target.count
    if (this.aliased <= MAX_ALIASED_VALUES) return target.value
    const isFirst = this.aliased - target.count <= MAX_ALIASED_VALUES
    if (isFirst) this.refuse(at, `the aliases up to here stand for over ${MAX_ALIASED_VALUES} values`)
    return scalar(null, at)
  }

  private refuse(at: Origin, message: string): Located {
    this.faults.push({ at, message, isRepeating: true })
    return scalar(null, at)
  }

  private originOf(node: Node | null, path: string): Origin | null {
    if (!node?.range) return null
    const [start, end] = node.range
    return { source: this.source, start, end, path }
  }
}

const join = (path: string, step: string | number): string => (path === '' ? String(step) : `${path}.${step}`)

/** The text of a key as it is written: `1` and `null` are texts here. null for a key that is no scalar. */
function keyText(key: Node | null): string | null {
  if (!isScalar(key)) return null
  return key.type === 'PLAIN' ? (key.source ?? '') : String(key.value)
}
