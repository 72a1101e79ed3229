// The file that a picture is written to, and the format that it gets.
import { statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { LabError } from '../../errors.js'
import type { PictureFormat } from '../../model/picture/options.js'
import { layoutFileOf } from './picture-source.js'

/** By the ending of the name of the file that is written. */
const FORMAT_OF_FILE: Readonly<Record<string, PictureFormat>> = {
  '.svg': 'svg',
  '.png': 'png',
  '.dot': 'dot',
  '.gv': 'dot',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.drawio': 'drawio',
  '.txt': 'ascii',
  '.html': 'html',
}

/**
 * What a file of this name has: svg if the name has no ending.
 *
 * @param output undefined and `-`: standard output
 * @throws LabError USAGE for the ending of no format
 */
export function formatOfOutput(output: string | undefined): PictureFormat {
  if (output === undefined || output === '-') return process.stdout.isTTY ? 'ascii' : 'svg'
  const ending = extname(output)
  if (ending === '') return 'svg'
  const format = FORMAT_OF_FILE[ending.toLowerCase()]
  if (format !== undefined) return format
  throw new LabError('USAGE', `no format has files that end in ${ending}: ${Object.keys(FORMAT_OF_FILE).join(', ')}`, {
    hint: '--format says which one the file gets',
  })
}

/**
 * Refuses names of files that a picture must not be written to.
 *
 * @param source the topology file that is drawn; null: none
 * @throws LabError USAGE
 */
export function checkOutput(output: string | undefined, source: string | null): void {
  if (output === '') throw new LabError('USAGE', '--output needs the name of a file; - is standard output')
  if (output === undefined || output === '-' || source === null) return
  for (const input of [source, layoutFileOf(source)]) {
    if (isSameFile(output, input)) throw new LabError('USAGE', `-o ${output} would replace ${input}, which is drawn`)
  }
}

/** Also by another name of it. */
function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true
  const [first, second] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }))
  return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino
}
