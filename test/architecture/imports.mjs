// The imports of a folder of TypeScript sources, types included, as a TypeScript parser reads them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

/**
 * Paths of the TypeScript files below a folder, relative to it.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export const sourceFiles = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()

/**
 * Every import of the files: `import`, `export … from`, `import()` and `import('…')` as a type.
 *
 * @param {string} folder
 * @returns {{ from: string, to: string }[]} `from` is a path relative to the folder; so is `to` for a file of the folder, and
 * otherwise `to` is the name of the package, such as `koffi` or `node:fs`
 */
export function importsOf(folder) {
  return sourceFiles(folder).flatMap((from) => {
    const program = parseAst(readFileSync(join(folder, from), 'utf8'), { lang: 'ts' }, from)
    return [...specifiersIn(program)].map((specifier) => ({ from, to: targetOf(from, specifier) }))
  })
}

/** @param {unknown} node of the syntax tree */
function* specifiersIn(node) {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    for (const each of node) yield* specifiersIn(each)
    return
  }
  const { type, source } = node
  if (/^(?:Import|Export.*)Declaration$|^ImportExpression$|^TSImportType$/.test(type) && source) {
    // A specifier that is computed cannot be judged.
    if (typeof source.value !== 'string') throw new Error(`${type} without a literal specifier`)
    yield source.value
  }
  for (const each of Object.values(node)) yield* specifiersIn(each)
}

/** @param {string} from @param {string} specifier */
function targetOf(from, specifier) {
  if (specifier.startsWith('.')) return join(from, '..', specifier).replace(/\.js$/, '.ts')
  if (specifier.startsWith('node:')) return specifier
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
