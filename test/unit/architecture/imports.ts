// The imports of a folder of TypeScript sources, types included, as a TypeScript parser reads them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

export interface Import {
  /** The importing file, as a path relative to the folder. */
  from: string
  /** The imported file, as a path relative to the folder, or the name of a package, such as `koffi` or `node:fs`. */
  to: string
}

/** Paths of the source files below a folder, relative to it. */
export const sourceFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
    .sort()

/**
 * Ways to reach another file or a module of Node.js that the syntax tree does not show as an import. node:crypto is as pure as
 * arithmetic.
 */
const HIDDEN_IMPORT = /^\/\/\/\s*<reference|\bgetBuiltinModule\((?!'node:crypto'\))/m

/**
 * Every import of the files below a folder: `import`, `import … = require()`, `export … from`, `import()`, and `import('…')` as a
 * type.
 *
 * @throws Error for a file with a computed specifier, with `/// <reference>` or with `getBuiltinModule`
 */
export function importsOf(folder: string): Import[] {
  return sourceFiles(folder).flatMap((from) => {
    const text = readFileSync(join(folder, from), 'utf8')
    if (HIDDEN_IMPORT.test(text)) throw new Error(`${from} imports in a way that cannot be checked`)
    return [...specifiersIn(parseAst(text, { lang: 'ts' }, from))].map((specifier) => ({
      from,
      to: targetOf(from, specifier),
    }))
  })
}

type Literal = { value?: unknown } | null

/** @param node of the syntax tree */
function* specifiersIn(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    for (const each of node) yield* specifiersIn(each)
    return
  }
  const { type = '', ...parts } = node as { type?: string; source?: Literal; expression?: Literal }
  const source = type === 'TSExternalModuleReference' ? parts.expression : parts.source
  if (
    /^(?:Import|Export.*)Declaration$|^ImportExpression$|^TS(?:ImportType|ExternalModuleReference)$/.test(type) &&
    source
  ) {
    // A computed specifier is unknown here.
    if (typeof source.value !== 'string') throw new Error(`${type} without a literal specifier`)
    yield source.value
  }
  for (const each of Object.values(node)) yield* specifiersIn(each)
}

function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(from, '..', specifier).replace(/\.js$/, '.ts')
  if (specifier.startsWith('node:')) return specifier
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
