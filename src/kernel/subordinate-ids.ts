// Subordinate ids: the ranges of user and group ids that users may map in their own user namespaces (subuid(5), subgid(5)), and
// whether the programs that write such maps are installed (newuidmap(1)).
import { constants } from 'node:fs'
import { constants as system, userInfo } from 'node:os'
import { join } from 'node:path'
import { attemptIf } from './attempt.js'
import { isAllowed, readIfThere } from './small-file.js'

/** The ids from `start` to `start` + `count` − 1. */
export interface IdSpan {
  start: number
  count: number
}

export interface Grant extends IdSpan {
  /** Name or number of the user who has the range. */
  owner: string
}

export type GrantFile = '/etc/subuid' | '/etc/subgid'

/** The ranges that a file grants; none when there is no such file. */
export const readGrants = (file: GrantFile): Grant[] => parseGrants(readIfThere(file) ?? '')

/** Parses lines of `OWNER:FIRST:COUNT`; other lines are ignored. */
export const parseGrants = (text: string): Grant[] =>
  text.split('\n').flatMap((line) => {
    const [, owner, start, count] = /^([^:#][^:]*):([0-9]+):([0-9]+)$/.exec(line) ?? []
    return owner !== undefined && Number(count) > 0 ? [{ owner, start: Number(start), count: Number(count) }] : []
  })

/** SUB_UID_MAX and SUB_GID_MAX of login.defs(5) where the file does not say another. */
const DEFAULT_LAST = 600_100_000

/** The last id that useradd(8) grants to a user, as user id or as group id. */
export const lastIdForGrants = (text = readIfThere('/etc/login.defs') ?? ''): number =>
  Math.max(...['SUB_UID_MAX', 'SUB_GID_MAX'].map((key) => numberIn(text, key) ?? DEFAULT_LAST))

/** The number of a key of login.defs(5), decimal, octal or hexadecimal; null when there is none. */
function numberIn(text: string, key: string): number | null {
  const value = new RegExp(`^\\s*${key}\\s+"?(0x[0-9a-f]+|[0-9]+)`, 'im').exec(text)?.[1]
  if (value === undefined) return null
  return /^0[0-7]+$/.test(value) ? Number.parseInt(value, 8) : Number(value)
}

/** The names under which these files may list this process's user: its name, if it has one, and its number. @throws KernelError */
export function ownNames(): string[] {
  const entry = ownEntry()
  const number = String(process.geteuid?.() ?? 0)
  return entry === null ? [number] : [entry.username, number]
}

/**
 * The group of this process if it is not the one that passwd(5) gives its user, as below newgrp(1); else null. newuidmap(1) and
 * newgidmap(1) refuse such a process unless login.defs(5) has GRANT_AUX_GROUP_SUBIDS. @throws KernelError
 */
export function foreignGroup(text = readIfThere('/etc/login.defs') ?? ''): number | null {
  const group = process.getegid?.() ?? 0
  const isAllowedAny = /^\s*GRANT_AUX_GROUP_SUBIDS\s+"?yes\b/im.test(text)
  return isAllowedAny || group === (ownEntry()?.gid ?? group) ? null : group
}

/** The entry of this process's user in passwd(5); null for a user who has none. */
const ownEntry = () =>
  attemptIf([system.errno.ENOENT], 'find the name of', `user ${process.geteuid?.() ?? 0}`, () => userInfo())

/** Whether newuidmap and newgidmap are installed. */
export function hasMapHelpers(env: NodeJS.ProcessEnv = process.env): boolean {
  const directories = [...(env.PATH ?? '').split(':').filter((path) => path.startsWith('/')), '/usr/bin']
  const isInstalled = (name: string) =>
    directories.some((directory) => isAllowed(join(directory, name), constants.X_OK))
  return isInstalled('newuidmap') && isInstalled('newgidmap')
}
