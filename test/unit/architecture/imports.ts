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

/** Paths of the TypeScript files below a folder, relative to it. */
const sourceFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()

/** Every import of the files below a folder: `import`, `export … from`, `import()`, and `import('…')` as a type. */
export function importsOf(folder: string): Import[] {
  return sourceFiles(folder).flatMap((from) => {
    const program = parseAst(readFileSync(join(folder, from), 'utf8'), { lang: 'ts' }, from)
    return [...specifiersIn(program)].map((specifier) => ({ from, to: targetOf(from, specifier) }))
  })
}

/** @param node of the syntax tree */
function* specifiersIn(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    for (const each of node) yield* specifiersIn(each)
    return
  }
  const { type = '', source } = node as { type?: string; source?: { value?: unknown } | null }
  if (/^(?:Import|Export.*)Declaration$|^ImportExpression$|^TSImportType$/.test(type) && source) {
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
