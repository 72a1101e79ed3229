// User ids that an unprivileged user may hand out in namespaces of its own (subuid(5), newuidmap(1)).
import { accessSync, constants } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { readIfThere } from './small-file.js'

export interface SubordinateIds {
  /** How many. */
  uids: number
  gids: number
  /** Whether newuidmap and newgidmap are there to map them with. */
  hasHelpers: boolean
}

export function subordinateIds(uid: number, env: NodeJS.ProcessEnv = process.env): SubordinateIds {
  const owners = [String(uid), ...userName()]
  const directories = [...(env.PATH ?? '').split(':').filter((path) => path.startsWith('/')), '/usr/bin']
  const isThere = (name: string) => directories.some((directory) => isExecutable(join(directory, name)))
  return {
    uids: countIds(readIfThere('/etc/subuid') ?? '', owners),
    gids: countIds(readIfThere('/etc/subgid') ?? '', owners),
    hasHelpers: isThere('newuidmap') && isThere('newgidmap'),
  }
}

/** Ids in all lines of `OWNER:FIRST:COUNT` that have one of the owners. */
export const countIds = (text: string, owners: readonly string[]): number =>
  text
    .split('\n')
    .map((line) => /^([^:]+):([0-9]+):([0-9]+)$/.exec(line))
    .filter((match) => match !== null && owners.includes(match[1] as string))
    .reduce((sum, match) => sum + Number(match?.[3]), 0)

/** A process may run as a user that has no line in /etc/passwd. */
function userName(): string[] {
  try {
    return [userInfo().username]
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
