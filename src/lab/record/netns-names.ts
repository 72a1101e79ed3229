// The names under /run/netns by which `ip netns exec LAB.NODE` finds a node of a lab made by root. Each is a symbolic link to a
// descriptor that the keeper holds, so it leads to that namespace, or nowhere once the keeper has ended. The keeper makes the
// links while nodes are made; this file computes the names and removes the links.
import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { LabState } from './state.js'

const DIRECTORY = '/run/netns'

/** The name of a node in ip-netns(8). */
export const netnsName = (lab: string, node: string): string => `${lab}.${node}`

/** Makes /run/netns if it is missing. Root of a user namespace may not; its labs have no such names. */
export function makeNetnsDirectory(): void {
  try {
    mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 })
  } catch {
    // The keeper then makes no names.
  }
}

/** Names of the lab's nodes that already existed and were left alone, since they do not lead to this lab. */
export function foreignNetnsNames({ lab, keeper, nodes }: LabState): string[] {
  return nodes
    .map(({ name, netnsFd }) => ({ name: netnsName(lab, name), own: `/proc/${keeper.pid}/fd/${netnsFd}` }))
    .filter(({ name, own }) => readTarget(name) !== own && isThere(name))
    .map(({ name }) => name)
}

/** Removes the names that lead to a lab's keeper, and /run/netns if it is empty then. */
export function removeNetnsNames(lab: string, keeperPid: number): void {
  for (const name of listNames()) {
    if (!name.startsWith(`${lab}.`) || !readTarget(name)?.startsWith(`/proc/${keeperPid}/fd/`)) continue
    unlinkSync(join(DIRECTORY, name))
  }
  try {
    rmdirSync(DIRECTORY)
  } catch {
    // Other names are in it, or it does not exist.
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
