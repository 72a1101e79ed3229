// The names under /run/netns by which `ip netns exec LAB.NODE` finds a node of a lab made by root. Each is a symbolic
// link to a descriptor that the keeper holds: it leads to that namespace or, when the keeper is gone, nowhere. The keeper
// makes them while nodes are made; here they are told and removed.
import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { LabState } from './state.js'

const DIRECTORY = '/run/netns'

/** What ip-netns(8) calls a node. */
export const netnsName = (lab: string, node: string): string => `${lab}.${node}`

/** Makes the directory of names where nobody has made it yet. Root of a user namespace may make none, and does without. */
export function makeNetnsDirectory(): void {
  try {
    mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 })
  } catch {
    // The keeper can then make no names.
  }
}

/** Names of the lab's that were somebody else's already, and stayed theirs. */
export function foreignNetnsNames({ lab, keeper, nodes }: LabState): string[] {
  return nodes
    .map(({ name, netnsFd }) => ({ name: netnsName(lab, name), own: `/proc/${keeper.pid}/fd/${netnsFd}` }))
    .filter(({ name, own }) => readTarget(name) !== own && isThere(name))
    .map(({ name }) => name)
}

/** Removes the names that lead to this lab's keeper, and the directory when nothing is left in it. */
export function removeNetnsNames({ lab, keeper, rootless }: LabState): void {
  if (rootless) return // has none
  for (const name of listNames()) {
    if (!name.startsWith(`${lab}.`) || !readTarget(name)?.startsWith(`/proc/${keeper.pid}/fd/`)) continue
    unlinkSync(join(DIRECTORY, name))
  }
  try {
    rmdirSync(DIRECTORY)
  } catch {
    // Somebody else's names are in it, or it was never there.
  }
}

function listNames(): string[] {
  try {
    return readdirSync(DIRECTORY)
  } catch {
    return []
  }
}

const isThere = (name: string): boolean => lstatSync(join(DIRECTORY, name), { throwIfNoEntry: false }) !== undefined

function readTarget(name: string): string | null {
  try {
    return readlinkSync(join(DIRECTORY, name))
  } catch {
    return null
  }
}
