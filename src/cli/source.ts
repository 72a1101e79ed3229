// Reads topologies for commands: a file, or standard input for `-`.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { LabError } from '../errors.js'
import { parseTopology } from '../topology/parse.js'
import { resolveTopology } from '../topology/resolve.js'
import type { ResolvedTopology } from '../topology/resolved.js'

/** More than any topology needs; far less than would exhaust memory. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Reads, checks and resolves a topology.
 *
 * @param name the lab's name, instead of the one in the file
 * @throws LabError FILE_UNREADABLE, TOPOLOGY_INVALID.
 */
export function loadTopology(file: string, name?: string): ResolvedTopology {
  const text = readText(file)
  const shown = file === '-' ? '<stdin>' : file
  const topology = parseTopology(text, { file: shown, ...defaultNameOf(file) })
  return resolveTopology(name === undefined ? topology : { ...topology, name })
}

function defaultNameOf(file: string): { defaultName?: string } {
  return file === '-' ? {} : { defaultName: basename(file, extname(file)) }
}

function readText(file: string): string {
  try {
    return file === '-' ? readStandardInput() : readFile(file)
  } catch (cause) {
    if (cause instanceof LabError) throw cause
    throw new LabError('FILE_UNREADABLE', `cannot read ${file}: ${(cause as Error).message}`, { cause })
  }
}

function readFile(file: string): string {
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    if (size > MAX_BYTES) throw tooLarge(file, size)
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

function readStandardInput(): string {
  const chunks: Buffer[] = []
  let size = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536)
    const length = readSome(chunk)
    if (length === 0) return Buffer.concat(chunks).toString()
    size += length
    if (size > MAX_BYTES) throw tooLarge('<stdin>', size)
    chunks.push(chunk.subarray(0, length))
  }
}

/** Standard input may be non-blocking (a terminal or a pipe somebody else set so): then wait and try again. */
function readSome(chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(0, chunk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

const tooLarge = (file: string, size: number): LabError =>
  new LabError('TOPOLOGY_INVALID', `${file} has ${size} bytes; a topology has at most ${MAX_BYTES}`)
