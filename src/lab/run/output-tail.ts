// Keeps the end of a command's output, in bounded memory.
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { pipe } from '../../kernel/libc.js'
import { unreadOf } from './unread.js'

/** How much is kept and shown. */
const BYTES_MAX = 4096
const LINES_MAX = 20

/** A pipe for a command's output, and the last bytes that came through it. The owner disposes of it, which closes both ends. */
export class OutputTail implements Disposable {
  /** The write end, for the command's standard output and error. */
  readonly writeFd: number
  /** The read end. After `finish`, output of background processes arrives here and another process must read it. */
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
   * Reads the rest of the output after the command has ended.
   *
   * @returns whether a process that the command left in the background still has the write end open
   */
  finish(): boolean {
    this.closeWriter()
    if (this.reader.readableEnded) return false
    this.reader.pause()
    const { chunks, hasEnded } = unreadOf(this.readFd)
    for (const chunk of chunks) this.keep(chunk)
    return !hasEnded
  }

  /** The last lines, after `…` if there were more. */
  get text(): string {
    const lines = this.tail.toString().trimEnd().split('\n')
    const last = lines.slice(-LINES_MAX).join('\n')
    // The cut may have split the first UTF-8 character, which then decodes to U+FFFD.
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
