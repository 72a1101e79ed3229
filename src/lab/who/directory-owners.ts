// Who owns directories of the machine. A node cannot see that, since its user namespace has only its own ids; nor can a program
// in a lab's outer user namespace, which gets what it may need from the program before it in an environment variable.
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import type { Caller } from './caller.js'

/** Environment variable with the directories that do not belong to root, as JSON: `{"/etc/redis": [105, 110]}`. */
export const DIRECTORY_OWNERS_VARIABLE = 'NSLAB_DIRECTORY_OWNERS'

/** Where daemons have directories of their own (hier(7)). */
const PARENTS = ['/etc', '/opt', '/srv', '/usr/local/etc', '/var', '/var/cache', '/var/lib', '/var/log', '/var/spool']

export type OwnerIds = readonly [uid: number, gid: number]

/** The directories in those that do not belong to root and its group, for a program that will not see their owners. */
export function ownersForOuterNamespace(): Record<string, OwnerIds> {
  const paths = PARENTS.flatMap((parent) =>
    (readEntries(parent) ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name)),
  )
  return Object.fromEntries(
    paths.flatMap((path) => {
      const owner = ownerFromKernel(path)
      return owner === null || isRoot(owner) ? [] : [[path, owner]]
    }),
  )
}

/** Owners of directories of the machine, each looked up once. */
export class DirectoryOwners {
  private readonly found = new Map<string, OwnerIds | null>()
  private readonly given: Record<string, unknown> | null

  constructor(caller: Caller, env: NodeJS.ProcessEnv = process.env) {
    this.given = caller.rootless ? parse(env[DIRECTORY_OWNERS_VARIABLE]) : null
  }

  /** The directories on the way to a path that are known not to belong to root and its group. @throws KernelError */
  above(path: string): [directory: string, owner: OwnerIds][] {
    const owners: [string, OwnerIds][] = []
    for (let directory = dirname(path); directory !== '/' && directory !== '.'; directory = dirname(directory)) {
      const owner = this.ownerOf(directory)
      if (owner !== null && !isRoot(owner)) owners.unshift([directory, owner])
    }
    return owners
  }

  private ownerOf(directory: string): OwnerIds | null {
    const known = this.found.get(directory)
    if (known !== undefined) return known
    const owner = this.given === null ? ownerFromKernel(directory) : ownerIn(this.given[directory])
    this.found.set(directory, owner)
    return owner
  }
}

const isRoot = ([uid, gid]: OwnerIds): boolean => uid === 0 && gid === 0

const readEntries = (path: string) =>
  attemptIf([...ABSENT, ...FORBIDDEN], 'read', path, () => readdirSync(path, { withFileTypes: true }))

const ownerFromKernel = (path: string): OwnerIds | null =>
  attemptIf([...ABSENT, ...FORBIDDEN], 'examine', path, () => {
    const { uid, gid } = statSync(path)
    return [uid, gid]
  })

/** The user may have set the variable, so what has another form counts as unknown. */
function parse(text = '{}'): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) }
  } catch {
    return {}
  }
}

function ownerIn(value: unknown): OwnerIds | null {
  if (!Array.isArray(value) || value.length !== 2 || !value.every((id) => Number.isSafeInteger(id) && id >= 0))
    return null
  return value as unknown as OwnerIds
}
