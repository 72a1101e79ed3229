// Positions of nodes in pictures, as files have them. What is wrong with one is a warning, since the layout places the node then.
import type { Point } from '../../model/picture/point.js'
import type { Origin } from '../source/located.js'

/** Greatest coordinate on a sheet. */
export const MOST = 100_000
/** More warnings would say the same. */
const MAX_WARNINGS = 20

export class CollectedPositions {
  readonly byNode: Map<string, Point>
  readonly #nodeAt = new Map<string, string>()
  readonly #warnings: string[] = []

  /** @param known positions that win */
  constructor(known: ReadonlyMap<string, Point> = new Map()) {
    this.byNode = new Map(known)
    for (const [node, { x, y }] of known) this.#nodeAt.set(`${x} ${y}`, node)
  }

  /** Takes a position, unless it is off the sheet or that of another node. */
  add(node: string, { x, y }: Point, at: Origin): void {
    if (this.byNode.has(node)) return
    if (![x, y].every((value) => value >= 0 && value <= MOST)) {
      this.warn(at, `the position of ${node} is off the sheet, on which numbers are 0 to ${MOST}; the layout places it`)
      return
    }
    const other = this.#nodeAt.get(`${x} ${y}`)
    if (other !== undefined) {
      this.warn(at, `${node} has the position of ${other}; the layout places it`)
      return
    }
    this.#nodeAt.set(`${x} ${y}`, node)
    this.byNode.set(node, { x, y })
  }

  warn({ source, start }: Origin, message: string): void {
    const { line, column } = source.position(start)
    this.#warnings.push(`${source.file === undefined ? '' : `${source.file}:`}${line}:${column}: ${message}`)
  }

  /** One sentence each. */
  get warnings(): string[] {
    const more = this.#warnings.length - MAX_WARNINGS
    if (more <= 0) return [...this.#warnings]
    return [...this.#warnings.slice(0, MAX_WARNINGS), `${more} more positions are not kept`]
  }
}
