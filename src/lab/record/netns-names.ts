// The names under /run/netns by which `ip netns exec LAB.NODE` finds a node of a lab made by root. Each is a symbolic link to a
// descriptor that the keeper holds, so it leads to that namespace, or nowhere once the keeper has ended. The kernel gives the
// keeper's PID to another process later, and then the link leads to a descriptor of that process, which may be another user's:
// so links to keepers that have ended are removed. The keeper makes the links while nodes are made; this file computes the
// names and removes the links.
import { readdirSync, readlinkSync, rmdirSync, unlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { makeDirectory } from '../../kernel/make-directory.js'
import { lstatIfThere } from '../../kernel/small-file.js'
import { callerOf } from '../who/caller.js'
import { keeperAt } from './find-keeper.js'
import type { LabState } from './state.js'

const DIRECTORY = '/run/netns'
const DIRECTORY_MODE = 0o755
const { EBUSY, EEXIST, EINVAL, ENOTEMPTY } = constants.errno

/** `LAB.NODE` */
const NAME = /^([A-Za-z0-9-]+)\.[A-Za-z0-9-]+$/
const TARGET = /^\/proc\/([0-9]+)\/fd\/[0-9]+$/

/** The name of a node in ip-netns(8). */
export const netnsName = (lab: string, node: string): string => `${lab}.${node}`

/** Makes /run/netns if it is missing. Where the caller may not, the keeper makes no names. @throws KernelError */
export function makeNetnsDirectory(): void {
  attemptIf([EEXIST, ...FORBIDDEN], 'make', DIRECTORY, () => makeDirectory(DIRECTORY, DIRECTORY_MODE))
}

/** Names of the lab's nodes that already existed and were left alone, since they do not lead to this lab. */
export function foreignNetnsNames({ lab, keeper, nodes }: LabState): string[] {
  return nodes
    .map(({ name, netnsFd }) => ({ name: netnsName(lab, name), own: `/proc/${keeper.pid}/fd/${netnsFd}` }))
    .filter(({ name, own }) => readTarget(name) !== own && lstatIfThere(join(DIRECTORY, name)))
    .map(({ name }) => name)
}

/** Removes the names that lead to a lab's keeper, and /run/netns if it is empty then. @throws KernelError */
export function removeNetnsNames(lab: string, keeperPid: number): void {
  const isOwn = (name: string) => name.startsWith(`${lab}.`) && keeperPidOf(name) === keeperPid
  removeNames(listNames(ABSENT).filter(isOwn), ABSENT)
}

/**
 * Removes the names that lead to no keeper, where the caller may, and /run/netns if it is empty then. Only root of the machine
 * has such names.
 *
 * @param isOf whether names of a lab are looked at; by default all are
 * @throws KernelError
 */
export function sweepNetnsNames(isOf: (lab: string) => boolean = () => true): void {
  if (process.geteuid?.() !== 0 || callerOf().rootless) return
  const labOfKeeper = new Map<number, string | null>()
  const isLost = (name: string): boolean => {
    const lab = NAME.exec(name)?.[1]
    const pid = lab !== undefined && isOf(lab) ? keeperPidOf(name) : null
    if (pid === null) return false
    if (!labOfKeeper.has(pid)) labOfKeeper.set(pid, keeperAt(pid)?.lab ?? null)
    return labOfKeeper.get(pid) !== lab
  }
  const borne = [...ABSENT, ...FORBIDDEN]
  const lost = listNames(borne).filter(isLost)
  if (lost.length > 0) removeNames(lost, borne)
}

/** The names may be removed by another command at the same time. @param borne errnos for which a name may stay */
function removeNames(names: readonly string[], borne: readonly number[]): void {
  for (const name of names) {
    const path = join(DIRECTORY, name)
    attemptIf(borne, 'remove', path, () => unlinkSync(path))
  }
  const kept = [ENOTEMPTY, EBUSY, ...ABSENT, ...FORBIDDEN]
  attemptIf(kept, 'remove', DIRECTORY, () => rmdirSync(DIRECTORY))
}

/** The PID in the target of a name; null when the name is not one that a keeper makes. */
function keeperPidOf(name: string): number | null {
  const pid = TARGET.exec(readTarget(name) ?? '')?.[1]
  return pid === undefined ? null : Number(pid)
}

/** @param borne errnos for which there are none to remove */
const listNames = (borne: readonly number[]): string[] =>
  attemptIf(borne, 'list', DIRECTORY, () => readdirSync(DIRECTORY)) ?? []

/** null for a name that is not a symbolic link. */
function readTarget(name: string): string | null {
  const path = join(DIRECTORY, name)
  return attemptIf([...ABSENT, EINVAL], 'read', path, () => readlinkSync(path))
}
