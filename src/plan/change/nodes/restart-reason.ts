// Why a node cannot be changed in place: its mounts, files outside of memory, clocks, ids and namespaces are made with it. Pure.
import type { NodeContents, ResolvedFile, ResolvedMount } from '../../../model/contents.js'
import type { ResolvedNode } from '../../../model/resolved.js'

export interface RestartReason {
  /** As a clause. */
  reason: string
  isNewNetwork: boolean
}

/** null when the node goes on. */
export function restartReason(before: ResolvedNode, after: ResolvedNode): RestartReason | null {
  const network = networkReason(before, after)
  if (network !== null) return { reason: network, isNewNetwork: true }
  const reason = [namespaceReason, clockReason, contentsReason]
    .map((of) => of(before, after))
    .find((each) => each !== null)
  return reason === undefined ? null : { reason, isNewNetwork: false }
}

const choiceOf = (
  { isolation }: ResolvedNode,
  kind: NonNullable<ResolvedNode['isolation']>['namespaces'] extends infer N ? keyof N : never,
) => isolation?.namespaces[kind] ?? (kind === 'time' ? 'host' : 'own')

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A network namespace belongs to the user namespace that it was made in. */
function networkReason(before: ResolvedNode, after: ResolvedNode): string | null {
  const users = [before, after].map(({ isolation }) => isolation?.users ?? null)
  if (!isSame(users[0], users[1])) return 'its user and group ids are mapped in another way'
  if (choiceOf(before, 'user') !== choiceOf(after, 'user')) return changed('user', before, after)
  if (before.network !== after.network) {
    return after.network === undefined
      ? 'it gets a network of its own'
      : `it moves into the network of ${after.network}`
  }
  return choiceOf(before, 'net') === choiceOf(after, 'net') ? null : changed('net', before, after)
}

const changed = (kind: Parameters<typeof choiceOf>[1], before: ResolvedNode, after: ResolvedNode): string =>
  `its ${kind} namespace changes from ${choiceOf(before, kind)} to ${choiceOf(after, kind)}`

function namespaceReason(before: ResolvedNode, after: ResolvedNode): string | null {
  const kind = (['pid', 'mnt', 'uts', 'ipc', 'cgroup', 'time'] as const).find(
    (each) => choiceOf(before, each) !== choiceOf(after, each),
  )
  return kind === undefined ? null : changed(kind, before, after)
}

function clockReason(before: ResolvedNode, after: ResolvedNode): string | null {
  return isSame(before.isolation?.time ?? [], after.isolation?.time ?? []) ? null : 'its clocks have other offsets'
}

const NOTHING: NodeContents = { env: {}, hosts: '', mounts: [], files: [], commands: [] }

function contentsReason(before: ResolvedNode, after: ResolvedNode): string | null {
  const [old, next] = [before.contents ?? NOTHING, after.contents ?? NOTHING]
  if (old.home !== next.home)
    return next.home === undefined ? 'its home directory is the machine’s' : 'its home directory is its own'
  return mountReason(old.mounts, next.mounts) ?? fileReason(old.files, next.files)
}

function mountReason(before: readonly ResolvedMount[], after: readonly ResolvedMount[]): string | null {
  const added = after.find((mount) => !before.some((each) => isSame(each, mount)))
  if (added) return `the mount at ${added.target} is new or has changed`
  const gone = before.find((mount) => !after.some((each) => isSame(each, mount)))
  if (gone) return `the mount at ${gone.target} is gone`
  return isSame(before, after) ? null : 'its mounts are in another order'
}

/** Elsewhere, a file is mounted on a path when the node is made. */
const isInMemory = (path: string): boolean => /^\/(?:run|tmp)\//.test(path)

function fileReason(before: readonly ResolvedFile[], after: readonly ResolvedFile[]): string | null {
  const paths = (of: readonly ResolvedFile[]) => new Set(of.map(({ path }) => path).filter((path) => !isInMemory(path)))
  const [old, next] = [paths(before), paths(after)]
  const added = [...next].find((path) => !old.has(path))
  if (added !== undefined) return `the file ${added} is new`
  const gone = [...old].find((path) => !next.has(path))
  return gone === undefined ? null : `the file ${gone} is gone`
}
