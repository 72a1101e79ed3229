// Sets of planes that frames reach each other in. Interfaces that pass on frames with any tag are joined once, not once for each
// tag: a tag has planes of its own only where something takes or sends frames with it.
import { Groups } from './groups.js'

/** The frames of one interface with one tag (IEEE 802.1Q); `tag` is empty for frames without. */
export interface Plane {
  /** `NODE:INTERFACE` */
  of: string
  tag: string
}

export class PlaneGroups {
  private readonly planes = new Groups()
  /** Interfaces between which frames pass with whatever tag they have. */
  private readonly transparent = new Groups()
  /** By the interface that stands for a set of `transparent`: the planes of tags, by tag. */
  private readonly tagged = new Map<string, Map<string, string>>()

  /** The name that stands for all planes that are joined with a plane. */
  find(plane: Plane): string {
    return this.planes.find(this.nameOf(plane))
  }

  /** Joins two planes; false if they are joined already. */
  join(a: Plane, b: Plane): boolean {
    return this.planes.join(this.nameOf(a), this.nameOf(b))
  }

  /** Joins the planes of every tag of two interfaces; false if those of one tag are joined already. */
  joinAllTags(a: string, b: string): boolean {
    const roots = [this.transparent.find(a), this.transparent.find(b)]
    if (!this.transparent.join(a, b)) return false
    const maps = roots.flatMap((root) => this.tagged.get(root) ?? [])
    for (const root of roots) this.tagged.delete(root)
    // The smaller map goes into the larger one, so that many joins in a row stay cheap.
    const [small, large] = maps.toSorted((one, other) => one.size - other.size)
    if (small === undefined) return true
    this.tagged.set(this.transparent.find(a), large ?? small)
    return large === undefined || this.merge(small, large)
  }

  private merge(small: ReadonlyMap<string, string>, large: Map<string, string>): boolean {
    let isNew = true
    for (const [tag, plane] of small) {
      const other = large.get(tag)
      if (other === undefined) large.set(tag, plane)
      else if (!this.planes.join(other, plane)) isNew = false
    }
    return isNew
  }

  /** The interface that stands for all to which frames with any tag pass. */
  transparentOf(of: string): string {
    return this.transparent.find(of)
  }

  /** The sets that the planes with a tag of an interface are in. */
  taggedOf(of: string): Set<string> {
    const planes = this.tagged.get(this.transparent.find(of))?.values() ?? []
    return new Set([...planes].map((plane) => this.planes.find(plane)))
  }

  /** No interface name has a blank. */
  private nameOf({ of, tag }: Plane): string {
    if (tag === '') return of
    const root = this.transparent.find(of)
    const tags = this.tagged.get(root) ?? new Map<string, string>()
    this.tagged.set(root, tags)
    const name = tags.get(tag) ?? `${of} ${tag}`
    tags.set(tag, name)
    return name
  }
}
