// Which lab a topology file is of, before it is resolved.
import { basename, extname } from 'node:path'
import { readText } from './read-input.js'

/** A name that stands alone on a line of the document, not in a list or below another key, and is written out. */
const NAME = /^name:[ \t]+(["']?)([A-Za-z0-9-]+)\1[ \t]*(?:#.*)?\r?$/m

/**
 * The name of the lab of a file: as `loadTopology` gives it, without the time of checking the whole file where the name is written
 * plainly.
 *
 * @throws LabError FILE_UNREADABLE, TOPOLOGY_INVALID
 */
export async function labOfTopology(file: string, set: readonly string[] | undefined): Promise<string> {
  const text = readText(file)
  const [, , name] = NAME.exec(text) ?? []
  if (name !== undefined) return name
  if (!/^(?:name|include)\b/m.test(text)) return basename(file, extname(file))
  const { loadTopology } = await import('./source.js')
  return loadTopology(file, { set }).name
}
