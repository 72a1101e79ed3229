// From YAML text to a checked topology: shapes and single values are right, every place in the file can be found again.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { Faults, type Locate, type Path, type Position } from './fault.js'
import { knownKeys, topology as schema, type TopologyFile } from './schema.js'
import { suggestion } from './suggest.js'

/** A topology as written, with defaults filled in. */
export interface Topology extends TopologyFile {
  name: string
  /** The file's name, for messages. */
  file: string | undefined
  locate: Locate
}

export interface ParseOptions {
  /** The file's name, for messages. */
  file?: string
  /** Name of the lab when the file has none. */
  defaultName?: string
}

const MAX_CHARACTERS = 16 * 1024 * 1024
/** An alias may stand for much; a file that needs more of them is an attack. */
const MAX_ALIASES = 1000

/**
 * Reads and checks a topology. All faults are told at once.
 *
 * @throws LabError TOPOLOGY_INVALID with line and column of each fault.
 */
export function parseTopology(text: string, options: ParseOptions = {}): Topology {
  const { file, defaultName = 'lab' } = options
  const start: Position = { line: 1, column: 1 }
  const unplaced = new Faults(() => start, file)
  if (text.length > MAX_CHARACTERS) {
    unplaced.add([], `the file has ${text.length} characters; a topology has at most ${MAX_CHARACTERS}`)
    unplaced.throwIfAny()
  }
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, version: '1.2' })
  const locate = locator(document, counter)
  const faults = new Faults(locate, file)
  for (const error of document.errors) {
    const message = error.code === 'DUPLICATE_KEY' ? `${keyAt(text, error.pos[0])} is there twice` : error.message
    faults.addAt(positionAt(counter, error.pos[0]), [], message)
  }
  faults.throwIfAny()
  if (document.contents === null) {
    faults.add([], 'the file is empty; a topology has at least `nodes:`')
    faults.throwIfAny()
  }
  const result = schema.safeParse(plainValue(document, faults))
  if (!result.success) {
    for (const issue of result.error.issues) addIssue(faults, issue)
    faults.throwIfAny()
    throw result.error
  }
  return { ...result.data, name: result.data.name ?? nameFrom(defaultName), file, locate }
}

/** A file's base name made into a lab's name: what a name cannot have becomes a hyphen. */
const nameFrom = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '') || 'lab'

function plainValue(document: Document, faults: Faults): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    faults.add([], `the file's aliases stand for too much: ${(error as Error).message}`)
    faults.throwIfAny()
    throw error
  }
}

function addIssue(faults: Faults, issue: z.core.$ZodIssue): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      faults.add([...issue.path, key], `unknown key ${key}${suggestion(key, knownKeys(issue.path))}`, 'key')
    }
  } else if (issue.code === 'invalid_key') {
    const reason = issue.issues.map((each) => each.message).join('; ')
    faults.add(issue.path, `${String(issue.path.at(-1))}: ${reason}`, 'key')
  } else if (issue.code === 'invalid_union') {
    const nearest = issue.errors.flat()
    faults.add(issue.path, nearest.map((each) => each.message).join(', or ') || issue.message)
  } else {
    faults.add(issue.path, issue.message)
  }
}

const keyAt = (text: string, offset: number): string =>
  /^["']?([^\s"':,{}[\]]+)/.exec(text.slice(offset, offset + 80))?.[1] ?? 'a key'

function positionAt(counter: LineCounter, offset: number): Position {
  const { line, col } = counter.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** Finds places by walking the parsed document, only when a fault asks for one. */
function locator(document: Document, counter: LineCounter): Locate {
  return (path, part = 'value') => {
    const found = walk(document, path, part)
    return positionAt(counter, found?.range?.[0] ?? 0)
  }
}

function walk(document: Document, path: Path, part: 'key' | 'value'): Node | null {
  let at = resolveAlias(document, document.contents)
  let nearest = at
  path.forEach((step, index) => {
    // A link written as a pair has no `endpoints` key.
    if (isSeq(at) && step === 'endpoints') return
    const isLast = index === path.length - 1
    const pair = isMap(at)
      ? at.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      : undefined
    if (pair && isLast && part === 'key') nearest = pair.key as Node
    const next = pair
      ? (pair.value as Node | null)
      : isSeq(at)
        ? (at.items[Number(step)] as Node | undefined)
        : undefined
    at = resolveAlias(document, next ?? null)
    if (at && !(isLast && part === 'key' && pair)) nearest = at
    else if (pair && !at) nearest = pair.key as Node
  })
  return nearest
}

const resolveAlias = (document: Document, node: Node | null): Node | null =>
  isAlias(node) ? ((node.resolve(document) as Node | undefined) ?? null) : node
