// What a command prints, of which only the end is kept, however much it is.
import { closeSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { pipe } from '../../kernel/libc.js'

/** As much as is told of it. */
const BYTES_MAX = 4096
const LINES_MAX = 20
/** What a pipe holds (pipe(7)): once a command has ended, no more of it can be left there. */
const PIPE_BYTES = 65_536

/** The two ends of a pipe, and the last bytes that came through it. */
export class OutputTail implements Disposable {
  /** For the command to print to. */
  readonly writeFd: number
  /** Where what is printed after `finish` goes. */
  readonly readFd: number
  private readonly reader: Socket
  private tail = Buffer.alloc(0)
  private isCut = false
  private isWritable = true

  constructor() {
    const [readFd, writeFd] = pipe()
    this.readFd = readFd
    this.writeFd = writeFd
    this.reader = new Socket({ fd: readFd, readable: true, writable: false })
    this.reader.on('data', (chunk: Buffer) => this.keep(chunk))
  }

  /**
   * Reads what is there when the command has ended. What it left running may print more.
   *
   * @returns whether something is left that can print
   */
  finish(): boolean {
    this.closeWriter()
    this.reader.pause()
    const chunk = Buffer.alloc(PIPE_BYTES)
    for (let read = 0; read < PIPE_BYTES && !this.reader.readableEnded; ) {
      const count = readSome(this.readFd, chunk)
      if (count === null) return true
      if (count === 0) return false
      this.keep(chunk.subarray(0, count))
      read += count
    }
    return !this.reader.readableEnded
  }

  /** The last lines. */
  get text(): string {
    const lines = this.tail.toString().trimEnd().split('\n')
    const last = lines.slice(-LINES_MAX).join('\n')
    // The first character may be cut as well.
    return this.isCut || lines.length > LINES_MAX ? `…${last.replace(/^\ufffd+/, '')}` : last
  }

  [Symbol.dispose](): void {
    this.closeWriter()
    this.reader.destroy()
  }

  private keep(chunk: Buffer): void {
    const all = Buffer.concat([this.tail, chunk])
    this.isCut ||= all.length > BYTES_MAX
    this.tail = all.subarray(-BYTES_MAX)
  }

  private closeWriter(): void {
    if (this.isWritable) closeSync(this.writeFd)
    this.isWritable = false
  }
}

/** null when there is nothing now. */
function readSome(fd: number, chunk: Buffer): number | null {
  try {
    return readSync(fd, chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null
    throw error
  }
}
