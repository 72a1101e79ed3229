// What a command has written to one of its streams, in bounded memory.

/** Keeps the last bytes of a stream, and passes each chunk on to those that listen. */
export class KeptOutput {
  private readonly kept: Buffer[] = []
  private bytes = 0
  private isCut = false
  private readonly listeners = new Set<(chunk: Buffer) => void>()

  /** @param bytesMax how much is kept; `Infinity` for all */
  constructor(private readonly bytesMax: number) {}

  take(chunk: Buffer): void {
    this.kept.push(chunk)
    this.bytes += chunk.length
    for (let first = this.kept[0]; first && this.bytes - first.length >= this.bytesMax; first = this.kept[0]) {
      this.kept.shift()
      this.bytes -= first.length
      this.isCut = true
    }
    for (const listener of this.listeners) listener(chunk)
  }

  /** Calls the listener with what is kept, and with each chunk that comes. @returns ends that */
  listen(listener: (chunk: Buffer) => void): () => void {
    for (const chunk of this.kept) listener(chunk)
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Whether the beginning is not kept. */
  get isTruncated(): boolean {
    return this.isCut || this.bytes > this.bytesMax
  }

  /** What is kept, as UTF-8. */
  get text(): string {
    if (!this.isTruncated) return Buffer.concat(this.kept).toString()
    // The cut may have split the first UTF-8 character, which then decodes to U+FFFD.
    return Buffer.concat(this.kept)
      .subarray(-this.bytesMax)
      .toString()
      .replace(/^\ufffd+/, '')
  }
}
