// Limits how many descriptors of network namespaces are open at once: requests that name some wait until others are answered.

export class DescriptorBudget {
  private readonly waiting: { count: number; go: () => void }[] = []

  /** @param left how many may be open at once */
  constructor(private left: number) {}

  /** Resolves when `count` descriptors may be opened, in the order of the calls. The caller gives them back with `release`. */
  async take(count: number): Promise<void> {
    if (this.waiting.length > 0 || this.left < count) {
      await new Promise<void>((go) => this.waiting.push({ count, go }))
    } else this.left -= count
  }

  release(count: number): void {
    this.left += count
    for (let next = this.waiting[0]; next !== undefined && next.count <= this.left; next = this.waiting[0]) {
      this.waiting.shift()
      this.left -= next.count
      next.go()
    }
  }
}
