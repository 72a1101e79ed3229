// The interfaces of a network namespace by ifindex, for all that refers to one.
import type { ReadLink } from './interfaces.js'

export class LinkTable {
  readonly links: ReadonlyMap<number, ReadLink>

  /** @param node whose entries are read */
  constructor(
    readonly node: string,
    links: readonly ReadLink[],
  ) {
    this.links = new Map(links.map((link) => [link.index, link]))
  }

  /** The present name of an interface, `ifN` for one that has gone meanwhile. */
  readonly nameOf = (index: number): string => this.links.get(index)?.name ?? `if${index}`
}
