// What a running command writes to one of its streams, as a stream that may be read or not: the command is never blocked by one that
// nobody reads.
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { KeptOutput } from './kept-output.js'

/**
 * Begins, when it is first read, with what has been kept so far. From then on, the command waits for a slow reader as for that of any
 * pipe, until the stream is destroyed.
 */
export class LiveOutput extends Readable {
  private stopListening: (() => void) | null = null

  constructor(
    private readonly kept: KeptOutput,
    private readonly reader: Socket,
  ) {
    super()
  }

  override _read(): void {
    if (this.stopListening !== null) {
      this.reader.resume()
      return
    }
    this.stopListening = this.kept.listen((chunk) => {
      if (!this.push(chunk)) this.reader.pause()
    })
    if (this.reader.closed) this.push(null)
    else this.reader.once('close', () => this.push(null))
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.stopListening?.()
    this.reader.resume()
    callback(error)
  }
}
