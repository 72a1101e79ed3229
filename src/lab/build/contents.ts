// The words of the shim's spec for mounts and files of a node: files are read here, and names of users become ids.

import { resolve } from 'node:path'
import { LabError, systemErrorText } from '../../errors.js'
import { readAtOnce } from '../../kernel/read-at-once.js'
import type { ResolvedFile, ResolvedMount } from '../../model/contents.js'
import type { NodeAdd } from '../../plan/op.js'
import type { DirectoryOwners } from '../who/directory-owners.js'
import { ownerIds } from '../who/users.js'

/** Each node keeps a copy in memory, so a larger file should be mounted. */
const SOURCE_MAX = 16 * 1024 * 1024

/**
 * Words for mounts and files of a node, in the order in which the shim makes them, before /etc/hosts.
 *
 * @param homes the home directories of the user who makes the lab
 * @throws LabError FILE_UNREADABLE for a source, USAGE for an owner that is not there.
 */
export function contentsWords(
  { node, contents }: NodeAdd,
  owners: DirectoryOwners,
  homes: readonly string[],
): string[] {
  if (!contents) return []
  const targets = [...contents.mounts.map(({ target }) => target), ...contents.files.map(({ path }) => path)]
  return [
    ...ownerWords(targets, owners),
    ...(contents.home === undefined ? [] : homes.flatMap((path) => ['tmpfs', path, 'mode=0700'])),
    ...contents.mounts.flatMap(mountWords),
    ...contents.files.flatMap((file) => fileWords(node, file)),
  ]
}

/** A directory that is covered, so that names can be made in it, keeps its owner: the daemon that it belongs to enters it. */
const ownerWords = (targets: readonly string[], owners: DirectoryOwners): string[] =>
  [...new Map(targets.flatMap((target) => owners.above(target)))].flatMap(([directory, [uid, gid]]) => [
    ...['owner', directory, `${uid}:${gid}`],
  ])

function mountWords({ target, source, readonly, size, mode }: ResolvedMount): string[] {
  if (source !== null) return ['mount', resolve(source), target, readonly ? 'ro' : 'rw']
  return ['tmpfs', target, `mode=${mode}${size === null ? '' : `,size=${size}`}`]
}

/** Words that write a file of a node. @throws as `contentsWords` */
export function fileWords(node: string, { path, content, mode, owner }: ResolvedFile): string[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : readSource(node, path, content.source)
  return ['write', path, mode, idsOf(node, path, owner), bytes.toString('hex')]
}

/** Words that write a file of the node's root. */
export const fileOfRoot = (path: string, text: string): string[] => [
  ...['write', path, '644', '0:0'],
  Buffer.from(text).toString('hex'),
]

function readSource(node: string, path: string, source: string): Buffer {
  const fault = (reason: string, cause?: unknown) =>
    new LabError('FILE_UNREADABLE', `${node}: cannot read ${source}, which is to be ${path}: ${reason}`, { cause })
  try {
    const bytes = readAtOnce(source, SOURCE_MAX)
    if (bytes !== null) return bytes
  } catch (cause) {
    throw fault(cause instanceof LabError ? cause.message : systemErrorText(cause), cause)
  }
  throw fault(`it is larger than ${SOURCE_MAX} bytes; \`mounts\` shows it to the node without a copy`)
}

function idsOf(node: string, path: string, owner: string): string {
  const ids = ownerIds(owner)
  if (typeof ids !== 'string') return `${ids.uid}:${ids.gid}`
  throw new LabError('USAGE', `${node}: the owner of ${path} cannot be ${owner}: there is no ${ids}`, {
    hint: 'names are those in /etc/passwd and /etc/group of the machine; an id can always be said as a number',
  })
}
