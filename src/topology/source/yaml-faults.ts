// Translates the errors of the YAML parser into words for people who do not know its terms.
import { type Document, isCollection, isMap, isPair, isScalar, type Node, type YAMLError } from 'yaml'
import { keyWithoutColon } from '../values/missing-colon.js'
import type { SourceText } from './source-text.js'

/** A fault, and the range of the text that it is in. */
export interface YamlFault {
  start: number
  end: number
  message: string
  /** Set if the message repeats a part of the text. */
  isRepeating?: true
}

type Rule = [pattern: RegExp, message: string | ((match: RegExpExecArray) => string)]

/** Matches the messages of the parser, since its error codes are too few. */
const RULES: readonly Rule[] = [
  [/multiple documents/, 'a topology is one YAML document, and here begins a second one'],
  [/^Tabs are not allowed/, 'YAML is indented by blanks, not by tabs'],
  [/^All \w+ items must start at the same column/, 'this is indented like nothing above that it could belong to'],
  [
    /^Nested mappings are not allowed/,
    'a key and its colon cannot stand here, in the line of another key; a text with a colon and a blank is put in quotes',
  ],
  [
    /^(?:Missing , |Unexpected \S+ at node end)/,
    'a comma, or the colon of a key, is missing before this; or it belongs in quotes',
  ],
  [/^Unexpected flow-(?:map|seq)-end token/, 'this bracket closes none that is open'],
  [/^Plain value cannot start with .*?(\S)$/, ([, first]) => `a text that begins with ${first} is put in quotes`],
  [
    /^Invalid escape sequence (.*)/s,
    ([, sequence]) => `${sequence} is no escape; in single quotes, a backslash is itself`,
  ],
  [
    /^Unresolved tag: (.*)/s,
    ([, tag = '']) => `the tag ${tag.replace('tag:yaml.org,2002:', '!!')} means nothing in a topology`,
  ],
]

/** Longer messages are those that repeat the text of the file. */
const MAX_MESSAGE = 300

export function yamlFault({ message: whole, pos }: YAMLError, document: Document, source: SourceText): YamlFault {
  const message = whole.slice(0, MAX_MESSAGE)
  const [at] = pos
  const { text } = source
  const isUnclosed = /must .*end with a [\]}]$/.test(message) || /^Missing closing/.test(message)
  const open = isUnclosed ? unclosedBefore(document, text, at) : undefined
  if (open !== undefined) {
    const what = text.charAt(open)
    const help = '[{'.includes(what)
      ? `: a ${what === '[' ? ']' : '}'} is missing, or a line in it is not indented`
      : ''
    return { start: open, end: open + 1, message: `this ${'[{'.includes(what) ? what : 'quote'} is not closed${help}` }
  }
  const start = visible(text, at)
  const place = { start, end: start + 1 }
  // Within brackets or braces, YAML reads a brace as the beginning of a map.
  if (/[\w$-]\{$/.test(text.slice(Math.max(0, at - 1), at + 1)))
    return { ...place, message: 'inside [ ] and { }, a text with braces is put in quotes' }
  if (/^Implicit keys need to be on a single line/.test(message)) return { ...place, message: noKey(text.slice(start)) }
  for (const [pattern, words] of RULES) {
    const match = pattern.exec(message)
    if (match)
      return typeof words === 'string'
        ? { ...place, message: words }
        : { ...place, message: words(match), isRepeating: true }
  }
  return { ...place, message, isRepeating: true }
}

/** @param text from the key on */
function noKey(text: string): string {
  const key = keyWithoutColon(text)
  return key === undefined
    ? 'this is no key: one is on a single line, with a colon and a blank after it'
    : `this is no key: is a colon missing after ${key}?`
}

/** The offset of the innermost bracket or quote that is open at a place. */
function unclosedBefore({ contents }: Document, text: string, at: number): number | undefined {
  let found: number | undefined
  // A list in place of recursion, since deep nesting would exhaust the stack.
  const left: unknown[] = [contents]
  while (left.length > 0) {
    const node = left.pop() as Node | null
    if (isPair(node)) left.push(node.key, node.value)
    if (isCollection(node)) for (const item of node.items) left.push(item)
    const close = closeOf(node)
    if (!node?.range || close === undefined) continue
    const [start, end] = node.range
    const isClosed = end > Math.max(start + 1, endOfItems(node)) && text.charAt(end - 1) === close
    if (!isClosed && start < at && (found === undefined || start > found)) found = start
  }
  return found
}

/** Where the last item of a collection ends. The last bracket in the text of a collection may be that of its last item. */
function endOfItems(node: Node | null): number {
  const last = isCollection(node) ? node.items.at(-1) : undefined
  const parts = isPair(last) ? [last.key, last.value] : [last]
  return Math.max(0, ...parts.map((part) => (part as Node | null | undefined)?.range?.[1] ?? 0))
}

function closeOf(node: Node | null): string | undefined {
  if (isCollection(node) && node.flow) return isMap(node) ? '}' : ']'
  if (!isScalar(node)) return undefined
  return { QUOTE_DOUBLE: '"', QUOTE_SINGLE: "'" }[node.type as string]
}

/** The next offset on the line that has a visible character; without one, the last such offset before the place. */
function visible(text: string, at: number): number {
  const next = /\S/.exec(text.slice(at).split('\n', 1)[0] ?? '')
  if (next) return at + next.index
  return Math.max(0, text.slice(0, at).trimEnd().length - 1)
}
