// Runs the YAML parser within bounds: it recurses for each level of nesting, needs about 400 bytes for each token, and makes an
// error of about 500 bytes for each mistake.
import { Composer, type CST, type Document, Lexer, Parser, YAMLParseError } from 'yaml'

/** Levels of the parser's stack: each list and map has one, and so has the document. */
const MAX_LEVELS = 64
/** A list of 10,000 nodes and 20,000 links has half of these. */
export const MAX_TOKENS = 600_000

/** A text that is not read to its end. */
export interface Unreadable {
  reason: 'depth' | 'tokens'
  /** The offset up to which it was read. */
  offset: number
}

export interface Parsed {
  document: Document
  tokens: number
}

/** The member of the parser that collects errors and warnings; see compose/composer.js of `yaml`. */
interface ErrorCollector {
  onError: (source: unknown, code: string, message: string, isWarning?: boolean) => void
}

class Bound extends Error {
  constructor(readonly reason: Unreadable['reason']) {
    super(reason)
  }
}

/** Parses the first document of a text. The document has at most one error and one warning of its values, and one error of its tokens. */
export function parseYaml(text: string): Parsed | Unreadable {
  const parser = new Parser()
  const counter = { tokens: 0 }
  try {
    return { document: firstDocument(text, tokensOf(text, parser, counter)), tokens: counter.tokens }
  } catch (error) {
    if (error instanceof Bound) return { reason: error.reason, offset: parser.offset }
    throw error
  }
}

function* tokensOf(text: string, parser: Parser, counter: { tokens: number }): Generator<CST.Token> {
  let hasError = false
  for (const lexeme of new Lexer().lex(text)) {
    if (++counter.tokens > MAX_TOKENS) throw new Bound('tokens')
    for (const token of parser.next(lexeme)) {
      if (token.type !== 'error' || !hasError) yield token
      hasError ||= token.type === 'error'
    }
    if (parser.stack.length > MAX_LEVELS) throw new Bound('depth')
  }
  yield* parser.end()
}

function firstDocument(text: string, tokens: Iterable<CST.Token>): Document {
  // Duplicate keys are found later, since the check of the parser takes quadratic time.
  const composer = new Composer({ prettyErrors: false, resolveKnownTags: false, uniqueKeys: false, version: '1.2' })
  const collector = composer as unknown as ErrorCollector
  const { onError } = collector
  const found = new Set<boolean>()
  collector.onError = (source, code, message, isWarning = false) => {
    if (found.has(isWarning)) return
    found.add(isWarning)
    onError(source, code, message, isWarning)
  }
  let first: Document | null = null
  for (const document of composer.compose(tokens, true, text.length)) {
    if (first) {
      const [start, end] = document.range
      first.errors.push(new YAMLParseError([start, end], 'MULTIPLE_DOCS', 'multiple documents'))
      break
    }
    first = document
  }
  return first as Document
}
