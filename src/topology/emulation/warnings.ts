// Warnings about single directions, one sentence for all directions that have the same one.

const MAX_NAMED = 3

export class DirectionWarnings {
  private readonly found = new Map<string, Set<string>>()

  /** @param name of the direction */
  add(name: string, text: string): void {
    const names = this.found.get(text) ?? new Set()
    this.found.set(text, names.add(name))
  }

  sentences(): string[] {
    return [...this.found].map(([text, names]) => {
      const first = [...names].slice(0, MAX_NAMED).join(', ')
      const more = names.size > MAX_NAMED ? ` and ${names.size - MAX_NAMED} more` : ''
      return `${first}${more}: ${text}`
    })
  }
}
