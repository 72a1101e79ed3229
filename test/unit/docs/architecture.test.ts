// docs/architecture.md is true: the rooms and files that it names are there, and every room is named.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)
const page = readFileSync(new URL('docs/architecture.md', ROOT), 'utf8')

/** The paths of the drawing of the tree, from its indentation. */
function drawnPaths(): string[] {
  const [, tree = ''] = /```\n(src\/\n[\s\S]*?)```/.exec(page) ?? []
  const above: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', name] = /^( *)([a-zA-Z-]+(?:\/|\.ts))(?: |$)/.exec(line) ?? []
    if (name === undefined) return []
    above.splice(indent.length / 2)
    above.push(name)
    return [above.join('')]
  })
}

test('every folder below src is in the drawing, and all that is drawn is there', () => {
  const drawn = drawnPaths()
  expect(drawn.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([])
  const folders = readdirSync(new URL('src', ROOT), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${`${entry.parentPath}/`.replace(/^.*\/src\//, 'src/')}${entry.name}/`)
  expect(folders.filter((folder) => !drawn.includes(folder))).toEqual([])
})

test('every file that a path in the text names is there', () => {
  const paths = [...page.matchAll(/`?((?:[a-z-]+\/)+[a-z-]+\.(?:ts|js|c))`?/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(10)
  const isThere = (path: string) => [path, `src/${path}`].some((each) => existsSync(new URL(each, ROOT)))
  expect(paths.filter((path) => !isThere(path))).toEqual([])
})
