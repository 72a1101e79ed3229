// A binary heap (J. W. J. Williams, Algorithm 232, 1964) for the search by cost (E. W. Dijkstra, 1959).

/** Nodes by cost, the smallest first. A node whose cost falls is pushed again; its older entry is skipped. */
export class CostQueue {
  private readonly costs: number[] = []
  private readonly nodes: number[] = []

  push(cost: number, node: number): void {
    let at = this.costs.length
    this.costs.push(cost)
    this.nodes.push(node)
    for (let up = (at - 1) >> 1; at > 0 && (this.costs[up] as number) > cost; up = (at - 1) >> 1) {
      this.swap(at, up)
      at = up
    }
  }

  /** Takes the next node. @param distances the current cost of each node @returns -1 if the queue is empty */
  pop(distances: Int32Array): number {
    for (;;) {
      const [cost, node] = [this.costs[0], this.nodes[0]]
      if (cost === undefined || node === undefined) return -1
      this.removeFirst()
      if (cost === distances[node]) return node
    }
  }

  private removeFirst(): void {
    this.swap(0, this.costs.length - 1)
    this.costs.pop()
    this.nodes.pop()
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      const right = left + 1
      let least = at
      if (left < this.costs.length && (this.costs[left] as number) < (this.costs[least] as number)) least = left
      if (right < this.costs.length && (this.costs[right] as number) < (this.costs[least] as number)) least = right
      if (least === at) return
      this.swap(at, least)
      at = least
    }
  }

  private swap(a: number, b: number): void {
    const [cost, node] = [this.costs[a] as number, this.nodes[a] as number]
    this.costs[a] = this.costs[b] as number
    this.nodes[a] = this.nodes[b] as number
    this.costs[b] = cost
    this.nodes[b] = node
  }
}
