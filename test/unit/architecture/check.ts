// Finds imports that the table in rooms.ts does not allow, and cycles between files, types included.
import type { Import } from './imports.js'
import { COMMON, PACKAGES, ROOMS } from './rooms.js'

/** What each room may import, and which rooms and files may import each package. */
export interface Directions {
  rooms: Record<string, readonly string[]>
  packages: Record<string, readonly string[]>
}

/** The faults of a graph of imports, one sentence each; empty for a correct one. */
export const architectureFaults = (
  imports: readonly Import[],
  directions: Directions = { rooms: ROOMS, packages: PACKAGES },
): string[] => [
  ...imports.flatMap((each) => directionFault(each, directions) ?? []),
  ...cycles(imports).map((files) => `these files import each other in a cycle: ${files.join(' → ')}`),
]

function directionFault({ from, to }: Import, { rooms, packages }: Directions): string | null {
  const room = roomOf(from, rooms)
  if (room === null) return `${from} is in no room of test/unit/architecture/rooms.ts`
  if (!to.endsWith('.ts')) {
    const users = packages[to.startsWith('node:') ? 'node:*' : to]
    return users?.includes(from) || names(users, room) ? null : `${from} imports the package ${to}: it may not`
  }
  const target = roomOf(to, rooms)
  if (target === room || COMMON.includes(to) || (target !== null && names(rooms[room], target))) return null
  return `${from} imports ${to}: ${room} may not import ${target ?? 'a file that is in no room'}`
}

const names = (list: readonly string[] | undefined, room: string): boolean =>
  (list ?? []).some((name) => name === room || (name.endsWith('/*') && `${room}/`.startsWith(name.slice(0, -1))))

function roomOf(file: string, rooms: Directions['rooms']): string | null {
  const candidates = Object.keys(rooms).filter((name) => file === name || file.startsWith(`${name}/`))
  return candidates.sort((a, b) => b.length - a.length)[0] ?? null
}

/** Cycles of files: not all of them, but at least one if there are any. */
function cycles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>()
  for (const { from, to } of imports) {
    if (to.endsWith('.ts')) targets.set(from, [...(targets.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const found: string[][] = []
  const visit = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file)
    if (at >= 0) found.push([...path.slice(at), file])
    if (at >= 0 || done.has(file)) return
    for (const target of targets.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  return found
}
