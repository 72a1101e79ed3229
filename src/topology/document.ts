// Reads YAML into plain data and remembers where everything stands. Knows nothing of topologies.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import type { Locate, Path, Position } from './fault.js'

const MAX_CHARACTERS = 16 * 1024 * 1024
const MAX_DEPTH = 32
/** How many values all aliases of a file together may stand for. */
const MAX_ALIASED_VALUES = 1_000_000
const START: Position = { line: 1, column: 1 }

export interface SourceDocument {
  /** null when the file is empty, and when there are faults. */
  value: unknown
  /** What is wrong with the text as YAML. */
  faults: (Position & { message: string })[]
  locate: Locate
  /** Keys of the map at a path in the file's order; plain objects put numbers first. */
  keysAt: (path: Path) => string[]
}

/** Reads one YAML 1.2 document. Never throws for what is in the text. */
export function readDocument(text: string): SourceDocument {
  if (text.length > MAX_CHARACTERS) {
    return unreadable(`the file has ${text.length} characters; a topology has at most ${MAX_CHARACTERS}`)
  }
  const counter = new LineCounter()
  // Duplicate keys are found below: the parser's own check takes quadratic time.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false, version: '1.2' })
  const position = (offset: number): Position => {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const [first] = [...document.errors, ...document.warnings]
  // After the first, the parser only guesses.
  if (first) return unreadable(yamlMessage(first), position(first.pos[0]))
  const reader = new Reader(document)
  const value = reader.read(document.contents)
  return {
    value,
    faults: reader.faults.map(({ node, message }) => ({ ...position(offsetOf(node)), message })),
    locate: (path, part = 'value') => position(offsetOf(reader.find(path, part))),
    keysAt: (path) => reader.keysAt(path),
  }
}

const unreadable = (message: string, at = START): SourceDocument => ({
  value: null,
  faults: [{ ...at, message }],
  locate: () => at,
  keysAt: () => [],
})

function yamlMessage({ code, message }: { code: string; message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'a topology is one YAML document, and here begins a second one'
  // The parser reports its own exhausted stack like this.
  return message.includes('call stack') ? 'this is nested too deeply' : message
}

interface Entry {
  key: Node | null
  value: Node | null
}

/** Turns a parsed document into plain data; finds its parts again by path. */
class Reader {
  readonly faults: { node: Node | null; message: string }[] = []
  private readonly anchors = new Map<string, { node: Node; value: unknown; count: number }>()
  private readonly entries = new WeakMap<YAMLMap, Map<string, Entry>>()
  private count = 0
  private aliased = 0

  constructor(private readonly document: Document) {}

  read(node: Node | null, depth = 0): unknown {
    const before = this.count++
    const value = this.plain(node, depth)
    const anchor = isAlias(node) ? undefined : (node as { anchor?: string } | null)?.anchor
    if (node && anchor) this.anchors.set(anchor, { node, value, count: this.count - before })
    return value
  }

  private plain(node: Node | null, depth: number): unknown {
    if (isScalar(node)) return node.value
    if (isAlias(node)) return this.aliasedValue(node, node.source)
    if (depth > MAX_DEPTH) return this.refuse(node, 'this is nested too deeply')
    if (isSeq<Node | null>(node)) return node.items.map((item) => this.read(item, depth + 1))
    return isMap(node) ? this.plainMap(node, depth) : null
  }

  private plainMap(map: YAMLMap, depth: number): Record<string, unknown> {
    const plain: Record<string, unknown> = {}
    const seen = new Set<string>()
    for (const pair of map.items as Entry[]) {
      const name = textOf(pair.key)
      if (name === null) this.refuse(pair.key, 'a key must be a word')
      else if (name === '__proto__') this.refuse(pair.key, '__proto__ cannot be a key')
      else if (seen.has(name)) this.refuse(pair.key, `${name} is there twice`)
      else {
        seen.add(name)
        plain[name] = this.read(pair.value, depth + 1)
      }
    }
    return plain
  }

  /** Values behind an alias are shared. They count nevertheless: whoever walks the result meets them every time. */
  private aliasedValue(alias: Node, name: string): unknown {
    const target = this.anchors.get(name)
    if (!target) return this.refuse(alias, `the alias *${name} stands for nothing that is written before it`)
    this.count += target.count
    this.aliased += target.count
    if (this.aliased <= MAX_ALIASED_VALUES) return target.value
    const isFirst = this.aliased - target.count <= MAX_ALIASED_VALUES
    return isFirst ? this.refuse(alias, `the aliases up to here stand for over ${MAX_ALIASED_VALUES} values`) : null
  }

  private refuse(node: Node | null, message: string): null {
    this.faults.push({ node, message })
    return null
  }

  /** What stands at a path, or the innermost thing on the way there. */
  find(path: Path, part: 'key' | 'value'): Node | null {
    let at: Node | null = this.document.contents
    let nearest = at
    for (const [index, step] of path.entries()) {
      // A link written as a pair has no `endpoints` key.
      if (isSeq(at) && step === 'endpoints') continue
      const entry = this.entry(at, step)
      if (!entry) break
      at = entry.value
      const isKey = part === 'key' && index === path.length - 1
      nearest = (isKey ? entry.key : null) ?? entry.value ?? entry.key
    }
    return nearest
  }

  keysAt(path: Path): string[] {
    let at: Node | null = this.document.contents
    for (const step of path) at = this.entry(at, step)?.value ?? null
    const map = this.unaliased(at)
    return isMap(map) ? [...this.entriesOf(map).keys()] : []
  }

  private entry(node: Node | null, step: PropertyKey): Entry | undefined {
    const target = this.unaliased(node)
    if (isMap(target)) return this.entriesOf(target).get(String(step))
    const item = isSeq(target) ? (target.items[Number(step)] as Node | undefined) : undefined
    return item && { key: null, value: item }
  }

  private unaliased(node: Node | null): Node | null {
    return isAlias(node) ? (this.anchors.get(node.source)?.node ?? null) : node
  }

  private entriesOf(map: YAMLMap): Map<string, Entry> {
    const known = this.entries.get(map)
    if (known) return known
    const entries = new Map((map.items as Entry[]).map((pair) => [textOf(pair.key) ?? '', pair]))
    this.entries.set(map, entries)
    return entries
  }
}

/** A key as it is written: `1` and `null` are words like others. */
function textOf(key: Node | null): string | null {
  if (!isScalar(key)) return null
  return key.type === 'PLAIN' ? (key.source ?? '') : String(key.value)
}

const offsetOf = (node: Node | null): number => node?.range?.[0] ?? 0
