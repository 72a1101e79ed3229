// Ids that users may hand out in user namespaces of their own (subuid(5), subgid(5)), and the programs that they hand them out
// with (newuidmap(1)).
import { accessSync, constants } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { readIfThere } from './small-file.js'

/** Ids from `start` on. */
export interface IdSpan {
  start: number
  count: number
}

export interface Grant extends IdSpan {
  /** Name or number of a user. */
  owner: string
}

export type GrantFile = '/etc/subuid' | '/etc/subgid'

/** What is granted to whom; nothing where there is no such file. */
export const readGrants = (file: GrantFile): Grant[] => parseGrants(readIfThere(file) ?? '')

/** Lines of `OWNER:FIRST:COUNT`; what is none is left out. */
export const parseGrants = (text: string): Grant[] =>
  text.split('\n').flatMap((line) => {
    const [, owner, start, count] = /^([^:#][^:]*):([0-9]+):([0-9]+)$/.exec(line) ?? []
    return owner !== undefined && Number(count) > 0 ? [{ owner, start: Number(start), count: Number(count) }] : []
  })

/** What the user that this process runs as is called in these files; it may have no name. */
export function ownNames(): string[] {
  const number = String(process.geteuid?.() ?? 0)
  try {
    return [userInfo().username, number]
  } catch {
    return [number]
  }
}

/** Whether newuidmap and newgidmap are there. */
export function hasMapHelpers(env: NodeJS.ProcessEnv = process.env): boolean {
  const directories = [...(env.PATH ?? '').split(':').filter((path) => path.startsWith('/')), '/usr/bin']
  const isThere = (name: string) => directories.some((directory) => isExecutable(join(directory, name)))
  return isThere('newuidmap') && isThere('newgidmap')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
