// The names under /run/netns by which `ip netns exec LAB.NODE` finds a node of a lab made by root. Each is a symbolic
// link to a descriptor that the keeper holds: it leads to that namespace or, when the keeper is gone, nowhere.
import { mkdirSync, readlinkSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../kernel/attempt.js'
import type { LabState, NodeState } from './state.js'

const DIRECTORY = '/run/netns'

/** Adds the names of all nodes. A name that is somebody else's stays theirs: it is returned, not overwritten. */
export function addNetnsNames(state: LabState): string[] {
  attempt('make', DIRECTORY, () => mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 }))
  return state.nodes.filter((node) => !addName(state, node)).map((node) => nameOf(state, node))
}

/** Removes the names that lead into this lab, and the directory when nothing is left in it. */
export function removeNetnsNames(state: LabState): void {
  for (const node of state.nodes) {
    const path = join(DIRECTORY, nameOf(state, node))
    if (linkTarget(path) === targetOf(state, node)) unlinkSync(path)
  }
  try {
    rmdirSync(DIRECTORY)
  } catch {
    // Somebody else's names are in it, or it was never there.
  }
}

function addName(state: LabState, node: NodeState): boolean {
  const path = join(DIRECTORY, nameOf(state, node))
  const target = targetOf(state, node)
  try {
    symlinkSync(target, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return linkTarget(path) === target
    throw error
  }
}

const nameOf = (state: LabState, node: NodeState): string => `${state.lab}.${node.name}`
const targetOf = (state: LabState, node: NodeState): string => `/proc/${state.keeper.pid}/fd/${node.netnsFd}`

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
