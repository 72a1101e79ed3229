// Disjoint sets of names (union-find).

export class Groups {
  private readonly parent = new Map<string, string>()

  /** The name that stands for the set of a name. */
  find(name: string): string {
    let root = name
    for (let up = this.parent.get(root); up !== undefined; up = this.parent.get(root)) root = up
    if (root !== name) this.parent.set(name, root)
    return root
  }

  /** Joins two sets; false if they are one set already. */
  join(a: string, b: string): boolean {
    const [first, second] = [this.find(a), this.find(b)]
    if (first === second) return false
    this.parent.set(second, first)
    return true
  }
}
